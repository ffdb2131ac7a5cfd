"""Measurements. `python -m benchmarks` runs them all and prints a table; `make bench` too."""
