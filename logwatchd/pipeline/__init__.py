"""Floor 8: the workers. They move things and decide nothing."""
