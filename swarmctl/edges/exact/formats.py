"""Whether a text is JSON, TOML or YAML, and where it is not; never what is meant by it."""
