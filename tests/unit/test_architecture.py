"""The page on the architecture says what is there."""

import re
from pathlib import Path

from tests.fakes.daemon import REPOSITORY

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
PACKAGE = REPOSITORY / "logwatchd"


def listed() -> set[str]:
    """Return the modules in the tables of the page."""
    return set(re.findall(r"^\| `([\w/]+\.py)` \|", PAGE, re.MULTILINE))


def worth_listing(path: Path) -> bool:
    """Say whether a module is more than the name of its folder."""
    return path.name != "__init__.py" or path.parent.name in ("cli", "settings")


def test_every_module_is_listed_and_every_listed_module_exists() -> None:
    """Prose about layout rots within weeks unless something fails."""
    present = {
        str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if worth_listing(path)
    }

    assert listed() == present - {"__init__.py", "__main__.py"}


def test_every_module_named_in_the_text_exists() -> None:
    """`pipeline.ingest.Ingest` must lead somewhere."""
    named = re.findall(r"`((?:sources|pipeline|domain|store|sinks)\.\w+)", PAGE)

    assert named
    for name in named:
        assert (PACKAGE / (name.replace(".", "/") + ".py")).exists(), name


def test_every_decision_has_a_status_and_its_number() -> None:
    """A decision without a date cannot be questioned later."""
    pages = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))

    for number, page in enumerate(pages, 1):
        text = page.read_text("utf-8")
        assert text.startswith(f"# {number}. "), page.name
        assert "Status: " in text, page.name
