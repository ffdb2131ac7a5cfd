"""Build the service's repository with real git.

`python -m tests.service.build DIR` makes it in DIR and prints the lines with their sites, for
`logwatchd context --repo DIR`.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.service.events import EVENTS

SOURCE = Path(__file__).parent / "source"
_MARK = re.compile(r" *//~ ([\w-]+)\n")


@dataclass(frozen=True, slots=True)
class Site:
    """Where a message is written."""

    path: str
    line: int


def git(directory: Path, *arguments: str) -> str:
    """Run git with a name and a clock of our own, and nobody's configuration."""
    done = subprocess.run(
        ["git", "-C", str(directory), "-c", "commit.gpgsign=false", *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(directory),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Kim Minji",
            "GIT_AUTHOR_EMAIL": "minji@example.com",
            "GIT_COMMITTER_NAME": "Kim Minji",
            "GIT_COMMITTER_EMAIL": "minji@example.com",
            "GIT_AUTHOR_DATE": "2026-10-01T09:00:00+09:00",
            "GIT_COMMITTER_DATE": "2026-10-01T09:00:00+09:00",
        },
    )
    return done.stdout


def a_repository(directory: Path, files: dict[str, str], message: str = "first") -> Path:
    """Make a repository of some files, in one commit."""
    directory.mkdir(parents=True, exist_ok=True)
    git(directory, "init", "-q", "-b", "main", ".")
    return commit(directory, files, message)


def commit(directory: Path, files: dict[str, str], message: str) -> Path:
    """Write files and commit them."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", message)
    return directory


def service() -> tuple[dict[str, str], dict[str, Site]]:
    """Return the files of the service without marks, and its sites by name."""
    files: dict[str, str] = {}
    sites: dict[str, Site] = {}
    for path in sorted(each for each in SOURCE.rglob("*") if each.is_file()):
        name = str(path.relative_to(SOURCE))
        lines = path.read_text("utf-8").splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            if found := _MARK.search(line):
                sites[found[1]] = Site(name, number)
        files[name] = "".join(_MARK.sub("\n", line) for line in lines)
    return files, sites


def main() -> None:
    """Build it and print its events."""
    files, sites = service()
    a_repository(Path(sys.argv[1]), files)
    for name, site in sites.items():
        print(
            json.dumps({"site": name, "path": site.path, "line": site.line, "event": EVENTS[name]})
        )


if __name__ == "__main__":
    main()
