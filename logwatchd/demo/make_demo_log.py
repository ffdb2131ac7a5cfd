"""Write the demo log: five minutes of a Korean retrospective service with an AI on its side.

The file is the same each time: `python -m logwatchd.demo.make_demo_log` writes it beside this
module. The package only reads the file.

The story: a calm start, tokens that expire, a model that gets slow and then overloaded, a pool of
database connections that runs dry, a deadlock, a panic, and a visitor who types hostile things.
"""

from pathlib import Path

from logwatchd.demo.demo_service import auth, calm, client_errors, llm
from logwatchd.demo.demo_trouble import application, broken, database, hostile

_PARTS = (calm, client_errors, auth, llm, database, application, hostile, broken)


def demo_log() -> bytes:
    """Return the whole file."""
    moments = sorted((moment for part in _PARTS for moment in part()), key=lambda moment: moment[0])
    return b"".join(text + b"\n" for _, text in moments)


def main() -> None:
    """Write the file beside this module."""
    Path(__file__).with_name("demo.log").write_bytes(demo_log())


if __name__ == "__main__":
    main()
