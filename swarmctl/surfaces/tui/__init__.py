"""The cockpit: a client of the board and the supervisor. Closing it stops nothing."""
