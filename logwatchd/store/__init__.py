"""Floor 6: state that outlives the process."""
