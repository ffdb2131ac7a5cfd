"""The page on security names tests that exist."""

import re

from logwatchd.store.private import DIRECTORY_MODE, FILE_MODE
from logwatchd.transport import REPLY_LIMIT, REQUEST_SECONDS
from tests.fakes.daemon import REPOSITORY

PAGE = (REPOSITORY / "docs" / "security.md").read_text("utf-8")
ROW = re.compile(
    r"^\| (?P<threat>[^|]+) \| (?P<measure>[^|]+) \| `(?P<test>[^`|]+)` \|$", re.MULTILINE
)


def test_every_threat_names_a_test_that_exists() -> None:
    """A promise without a test is a hope."""
    rows = list(ROW.finditer(PAGE))
    assert len(rows) >= 30
    assert len(rows) == PAGE.count("| `tests/")
    for row in rows:
        path, _, name = row["test"].partition("::")
        text = (REPOSITORY / path).read_text("utf-8")
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), row["test"]


def test_the_numbers_of_the_page_are_those_of_the_program() -> None:
    """A reader relies on them."""
    assert f"{REPLY_LIMIT // 1024} KiB of an answer" in PAGE
    assert f"{REQUEST_SECONDS:.0f} seconds for a whole request" in PAGE
    assert f"directory {DIRECTORY_MODE:04o}, files {FILE_MODE:04o}" in PAGE
