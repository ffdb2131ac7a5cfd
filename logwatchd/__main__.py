"""`python -m logwatchd`."""

from logwatchd.cli import entry

if __name__ == "__main__":
    entry()
