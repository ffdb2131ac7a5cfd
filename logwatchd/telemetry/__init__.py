"""Floor 6: what the daemon says of itself."""
