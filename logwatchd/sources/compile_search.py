"""Compile the search of the pre-filter in a short-lived process of its own.

Compiling touches four megabytes of Hyperscan's compiler that are never given back; loading the
result, a hundred kilobytes, does not. Run as a program, this module reads expressions from
standard input and writes the compiled search to standard output.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

_PATIENCE_SECONDS: Final = 10.0
"""It takes a twentieth of a second; a machine that is starved must not delay the start for ever."""


def compiled_apart(expressions: Sequence[str]) -> bytes | None:
    """Compile in another process; None when that fails: then it is compiled here, at its price."""
    try:
        done = subprocess.run(  # noqa: S603 -- ourselves, nothing from outside
            [sys.executable, "-m", __spec__.name],
            input=json.dumps(list(expressions)).encode(),
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout or None


def _main() -> None:
    # Only in the child, and nothing else of logwatchd: it is to be over soon.
    import hyperscan  # noqa: PLC0415

    from logwatchd.domain.byte_search import compiled  # noqa: PLC0415

    sys.stdout.buffer.write(hyperscan.dumpb(compiled(json.load(sys.stdin))))


if __name__ == "__main__":
    _main()
