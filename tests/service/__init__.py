"""A Rust service of our own making, and for each of its sites a line as the program would log it."""
