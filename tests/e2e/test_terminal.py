"""Whatever is logged, a terminal on which a command prints acts on nothing of it."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from logwatchd.domain.cleaning import visible
from tests.fakes.daemon import REPOSITORY
from tests.fakes.hostile_cases import CASES
from tests.fakes.injection import record_of

_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
"""The only thing that our own drawing asks of a terminal here."""

_HOSTILE: Final = "a\x1b[2J\x9b3J\x1b]0;owned\x07\u202eb"
_NAME: Final = f"{_HOSTILE}@everyone.log"
_PLAIN: Final = f"""thread 'main' panicked at src/a.rs:1:2:
{_HOSTILE}
stack backtrace:
   0: {_HOSTILE}

no record {_HOSTILE} \x0e\x08\x0b end
"""


def on_a_terminal(home: Path, arguments: Sequence[str], *, stdin: bytes = b"") -> str:
    """Run a command on a terminal of its own and return everything that it printed there."""
    (home / "stdin").write_bytes(stdin)
    ours, its = os.openpty()
    with (
        (home / "stdin").open("rb") as source,
        os.fdopen(ours, "rb", buffering=0) as terminal,
        subprocess.Popen(
            [sys.executable, "-m", "logwatchd", *arguments],
            stdin=source,
            stdout=its,
            stderr=its,
            cwd=home,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "PYTHONPATH": str(REPOSITORY),
                "LANG": "C.UTF-8",
                "TERM": "xterm-256color",
                "STATE_DIRECTORY": str(home / "state"),
            },
        ),
    ):
        os.close(its)
        said = b""
        while piece := _read(terminal.fileno()):
            said += piece
    return said.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # nobody has the other end open any more
        return b""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a log of every attack, of a name that is one itself."""
    home = tmp_path_factory.mktemp("terminal")
    (home / "logs").mkdir()
    records = "".join(record_of(case.text) for case in CASES)
    (home / "logs" / _NAME).write_text(records + _PLAIN)
    (home / "logs" / "more.log").write_text(_PLAIN)
    return home


@pytest.mark.parametrize(
    "arguments",
    [
        ("--dry-run", "--once", "logs"),
        ("tail", "--once", "--from-beginning", "logs"),
        ("tail", "--once", "--from-beginning", "--json", "logs"),
        ("why", "-"),
        ("parse",),
        ("fingerprint",),
        ("redact",),
        ("why", f"plain {_HOSTILE}"),
        ("show", _HOSTILE),
        ("--state", f"/nowhere/{_HOSTILE}", "status"),
        ("--config", f"/nowhere/{_HOSTILE}", "status"),
    ],
    ids=lambda arguments: " ".join(arguments).encode("ascii", "backslashreplace").decode(),
)
def test_a_terminal_acts_on_nothing_that_a_command_repeats(
    arguments: tuple[str, ...], home: Path
) -> None:
    """Colours are ours; nothing clears the screen, renames the window or turns the line."""
    said = _COLOURS.sub(
        "", on_a_terminal(home, arguments, stdin=(home / "logs" / _NAME).read_bytes())
    )

    assert said.strip()
    assert visible(said) == said
