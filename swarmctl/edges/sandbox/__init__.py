"""Fences around agents: `Sandbox` over bubblewrap, and what was touched where there is no fence."""
