"""Make a case's repository: real git, through one `git fast-import`, the same each time."""

import random
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.incidents.cases import Case, Change
from tests.service.build import SOURCE, git

FIRST_EVENT: Final = datetime(2026, 11, 20, 2, 11, 9, tzinfo=UTC)

_MARK: Final = re.compile(r" *//~ ([\w-]+)$", re.MULTILINE)
_AUTHORS: Final = ("Kim Minji", "Lee Jun", "Ana Souza", "Tom Weber")
_FUNCTION: Final = re.compile(r"^(?: {4})?pub (?:async )?fn (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """A commit to make: when, what it says, and what it leaves of its files, still with marks."""

    at: datetime
    summary: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class History:
    """What was made.

    Attributes:
        path: File of the statement that wrote the line.
        line: Its line at the last commit, from 1.
        guilty: Id of the commit that is to blame, or "".
        commits: How many there are.
    """

    path: str
    line: int
    guilty: str
    commits: int


def make_history(case: Case, directory: Path) -> History:
    """Make the bare repository of a case in a directory that is not there yet."""
    steps = list(_steps(case))
    directory.mkdir(parents=True)
    git(directory, "init", "-q", "--bare", "-b", "main", ".")
    stream = b"".join(_commit(step, number) for number, step in enumerate(steps, 1))
    subprocess.run(
        ["git", "-C", str(directory), "fast-import", "--quiet"], input=stream, check=True
    )
    ids = git(directory, "rev-list", "--reverse", "main").split()
    guilty = ""
    if case.guilty is not None:
        summaries = [each.summary for each in steps]
        guilty = ids[len(summaries) - 1 - summaries[::-1].index(case.guilty.summary)]
    final: dict[str, str] = {}
    for step in steps:
        final.update(step.files)
    path, line = _site(final, case.site)
    return History(path, line, guilty, len(steps))


def _site(files: dict[str, str], name: str) -> tuple[str, int]:
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), 1):
            if line.endswith(f"//~ {name}"):
                return path, number
    raise ValueError(name)


def _steps(case: Case) -> Iterator[Step]:
    """Yield a year of scaffolding, then the changes of the case among others, the oldest first."""
    chance = random.Random(case.name)  # noqa: S311 -- the same each time
    files = {
        str(path.relative_to(SOURCE)): path.read_text("utf-8")
        for path in sorted(SOURCE.rglob("*"))
        if path.is_file()
    }
    declared = [*case.decoys, *([case.guilty] if case.guilty else [])]
    if case.reverts and case.guilty is not None:
        # The file began with the defect; a fix came, and was taken back.
        began = _replaced(files[case.guilty.path], case.guilty.old, case.guilty.new)
        fix = Change(
            case.guilty.path, case.guilty.new, case.guilty.old,
            case.guilty.summary.removeprefix('Revert "').removesuffix('"'), 24 * 45,
        )  # fmt: skip
        files[case.guilty.path] = began
        declared.append(fix)
    current: dict[str, str] = {}
    names = list(files)
    chance.shuffle(names)
    groups = chance.randint(7, 11)
    for number in range(groups):
        part = {name: files[name] for name in names[number::groups]}
        current.update(part)
        at = FIRST_EVENT - timedelta(days=360 - 25 * number + chance.randint(0, 9))
        yield Step(at, f"feat: add {Path(min(part)).stem}", part)
    others = [chance.randint(3, 24 * 55) for _ in range(chance.randint(9, 22))]
    due: list[tuple[int, Change | None]] = [
        *((each.hours, each) for each in declared), *((hours, None) for hours in others),
    ]  # fmt: skip
    for hours, change in sorted(due, key=lambda each: -each[0]):
        if change is None:
            path, text, summary = _other(chance, current)
        else:
            path, summary = change.path, change.summary
            text = _replaced(current[path], change.old, change.new)
        current[path] = text
        yield Step(FIRST_EVENT - timedelta(hours=hours), summary, {path: text})


def _other(chance: random.Random, current: dict[str, str]) -> tuple[str, str, str]:
    """Make up a commit that breaks nothing."""
    path = chance.choice(sorted(each for each in current if each.endswith(".rs")))
    name = _FUNCTION.findall(current[path])
    match chance.randrange(4):
        case 0 if name:
            function = chance.choice(name)
            line = next(e for e in current[path].split("\n") if re.search(rf"\bfn {function}\b", e))
            indent = line[: len(line) - len(line.lstrip())]
            text = current[path].replace(line, f"{indent}/// See the handbook.\n{line}", 1)
            return path, text, f"docs: describe {function}"
        case 1:
            helper = f"helper_{chance.randrange(10_000)}"
            text = f"{current[path]}\npub fn {helper}(value: u64) -> u64 {{\n    value + 1\n}}\n"
            return path, text, f"feat: add {helper}"
        case 2:
            text = re.sub(
                r"^use (.*);$", r"use \1; // sorted", current[path], count=1, flags=re.MULTILINE
            )
            return path, text + "\n", "style: sort imports"
        case _:
            note = f"Step {chance.randrange(10_000)} of the setup.\n"
            return "README.md", current.get("README.md", "# Service\n") + note, "docs: setup"


def _replaced(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise ValueError(f"stands there {text.count(old)} times: {old}")
    return text.replace(old, new)


def _commit(step: Step, number: int) -> bytes:
    """Return a commit as a stream of fast-import."""
    who = _AUTHORS[number % len(_AUTHORS)]
    mail = who.split()[0].lower() + "@example.com"
    when = f"{who} <{mail}> {int(step.at.timestamp())} +0000"
    message = step.summary.encode()
    parts = [b"commit refs/heads/main\n", f"committer {when}\n".encode()]
    parts.append(b"data %d\n%s\n" % (len(message), message))
    for path, marked in step.files.items():
        data = _MARK.sub("", marked).encode()
        parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    return b"".join([*parts, b"\n"])
