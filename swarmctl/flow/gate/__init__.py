"""Gate: which checks a change must pass, what their endings mean, and whether that is a proof."""
