"""swarmctl: run a swarm of coding agents from a terminal; importing this package does nothing."""

__version__ = "0.1.0"
