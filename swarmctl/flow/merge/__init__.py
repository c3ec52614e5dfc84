"""Merge: build the merge beside everyone, gate it, and land exactly what was gated."""
