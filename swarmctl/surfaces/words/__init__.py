"""What every face says in the same words. Pure: no terminal, no library."""
