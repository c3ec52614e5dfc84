"""The verbs, in order; stages take ports and yield events, and never write."""
