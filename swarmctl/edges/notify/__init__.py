"""Ways to reach a person who looks elsewhere."""
