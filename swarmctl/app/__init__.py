"""The door: submit, snapshot, follow, and the one place that builds things."""
