"""Any history of writing, rotating, looking and restarting: every line is read once."""

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.old_files import pack, shift
from tests.fakes.reading import Reading, append, numbered

_MOST_STEPS = 40
_STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 40)),
    st.tuples(st.just("rotate"), st.sets(st.sampled_from(["before", "amid", "anew"]))),
    st.tuples(st.just("killed"), st.integers(0, 12)),
    st.tuples(st.just("later"), st.sampled_from([0.1, 1.0, 5.0, 30.0, 700.0])),
    st.sampled_from([("step", None), ("look", None), ("restart", None)]),
)


@dataclass
class History:
    """An application, what rotates its log, and what reads it.

    Attributes:
        log: The log.
        reading: Who reads.
        copies: Whether the log is copied and emptied; else it is renamed.
        packs: Whether a rotated log is compressed at once.
        written: The lines written.
    """

    log: Path
    reading: Reading
    copies: bool
    packs: bool
    written: list[str] = field(default_factory=list)

    def take(self, what: str, how: object) -> None:
        """Go one step."""
        match what, how:
            case "write", int(lines):
                self.write(lines)
            case "rotate", set(when):
                self.rotate(when)
            case "killed", int(chunks):
                self.reading.killed(after=chunks)
            case "later", float(seconds):
                self.reading.later(seconds=seconds)
            case "step", _:
                self.reading.step()
            case "look", _:
                self.reading.look_only()
            case _:
                self.reading.restart()

    def write(self, lines: int) -> None:
        """Write lines."""
        first = len(self.written)
        fresh = [
            f"line {n} of an application" + "." * (n % 7 * 9) for n in range(first, first + lines)
        ]
        self.written += fresh
        append(self.log, *fresh)

    def rotate(self, when: set[str]) -> None:
        """Rotate the log; meanwhile it may be looked at."""
        if not self.log.exists():
            return
        first = self.log.with_name("app.log.1")
        shift(self.log, kept=_MOST_STEPS + 1)
        if "before" in when:
            self.reading.step()
        if self.copies:
            shutil.copyfile(self.log, first)
        else:
            self.log.rename(first)
        if "amid" in when:
            self.reading.step()
        if self.copies:
            os.truncate(self.log, 0)
        elif self.packs:
            pack(first)
        if "anew" in when:
            self.log.touch()


@pytest.mark.parametrize(
    ("pattern", "copies", "packs"),
    [
        ("app.log", False, False),
        ("app.log", False, True),
        ("app.log", True, False),
        ("app.log*", False, False),
        ("app.log*", True, False),
    ],
    ids=["renamed", "renamed and packed", "copied", "renamed, named", "copied, named"],
)
@settings(deadline=None, derandomize=True, max_examples=40)
@given(steps=st.lists(_STEPS, max_size=_MOST_STEPS))
def test_every_line_is_read_once(
    pattern: str, copies: bool, packs: bool, steps: list[tuple[str, object]]
) -> None:
    """The promise, tried on every order of things that anybody can think of."""
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "app.log"
        history = History(log, Reading(log.with_name(pattern)), copies, packs)
        history.write(3)
        history.reading.step()
        for what, how in steps:
            history.take(what, how)
        history.reading.settle(seconds=20)

        assert sorted(numbered(history.reading)) == sorted(history.written)
        history.reading.tracker.close()
