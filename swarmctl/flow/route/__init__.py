"""Where a text belongs, decided by rules that a person can read, change and test."""
