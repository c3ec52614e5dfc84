"""The outside: one adapter per port, one home per third-party library; edges do not know each other."""
