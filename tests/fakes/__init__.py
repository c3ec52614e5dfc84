"""Stand-ins that keep the promises of `core.ports`; each runs the same contract suite as the real adapter."""
