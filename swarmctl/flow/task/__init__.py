"""Task: from words or a plan file to tasks, and which of them may start now."""
