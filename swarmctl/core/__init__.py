"""The nouns: frozen values, the state machine, events, errors and ports; standard library only, no I/O, no clock."""
