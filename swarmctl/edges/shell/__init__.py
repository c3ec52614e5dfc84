"""Processes: the wrapper around agents and commands, what the kernel knows of them, and how to end them."""
