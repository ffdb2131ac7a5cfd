"""Floor 6: the monitored repository, read as git objects only."""
