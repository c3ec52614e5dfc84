"""tmux: a server of our own whose windows are sessions, driven through one control client."""
