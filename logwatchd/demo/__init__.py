"""Files that ship for `--dry-run` without a path: the demo log."""
