"""Tools that answer a question exactly, with a proof, or not at all."""
