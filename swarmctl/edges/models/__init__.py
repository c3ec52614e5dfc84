"""What is known of models from a maintained library; its one home."""
