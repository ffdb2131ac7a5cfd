"""Floor 6: where lines come from."""
