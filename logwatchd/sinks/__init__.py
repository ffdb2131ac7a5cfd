"""Places where people are told."""
