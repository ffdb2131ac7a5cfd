"""Whatever is logged, and in whatever place of a record, nothing of it acts anywhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.discord_rules import outside_code
from tests.fakes.hostile_cases import CASES, Case
from tests.fakes.injection import FILE_NAMES, OWN_SECRET, issue_of, request_of, sent_for

LEAD = re.compile("(🔴 critical · other|🟠 warning · application)( — |$)")


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each)


async def test_nothing_that_is_logged_acts_in_discord(tmp_path: Path) -> None:
    """Each case in every place of a record, and in the name of a file, through the real daemon.

    The fake has looked at every body too: limits, keys, mentions, links, hidden characters.
    """
    texts = [case.text for case in CASES]
    texts += [f"{case.text} {OWN_SECRET}" for case in CASES[:3]]
    requests = await sent_for(tmp_path, texts)

    bodies = [each.json for each in requests if each.method == "POST"]
    assert len(bodies) >= len(CASES)
    for body in bodies:
        assert body["username"] == "logwatchd"
        assert "content" not in body
        title = body["embeds"][0]["title"]
        assert LEAD.match(title), title
        for text in texts_of(body):
            read = "\n" + outside_code(text)
            assert [case.name for case in CASES if case.live and case.live in read] == []
            assert OWN_SECRET not in text
    silent = [each for each in bodies if "log-silent" in str(each)]
    assert silent
    assert len(silent) % len(FILE_NAMES) == 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_that_is_logged_acts_in_an_issue_or_in_a_prompt(case: Case) -> None:
    """What other parts will send is rendered by these functions and no others."""
    issue = issue_of(case.text)
    ours = outside_of_fences(issue_of("plain")["body"])
    assert outside_of_fences(issue["body"]) <= ours
    assert len(issue["title"].splitlines()) == 1
    assert issue["labels"] == issue_of("plain")["labels"]

    asked = request_of(case.text)
    assert asked["system"] == request_of("")["system"]
    lines = re.findall(r"(?im)^(begin|end) untrusted", asked["messages"][0]["content"])
    assert lines in (["BEGIN", "END"], [])


def outside_of_fences(body: str) -> set[str]:
    """Return the lines of an issue that are not in a fence, but for the address of the source."""
    found, fence = set(), ""
    for line in body.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif opened := re.fullmatch("(`{3,})[a-z]*", line):
            fence = opened[1]
        elif not re.fullmatch(r"http://127\.0\.0\.1/acme/api/blob/[\w/%.~-]+#L7", line):
            found.add(line)
    assert not fence
    return found


def test_there_are_enough_cases_and_they_speak_korean_too() -> None:
    """The list grows with every attack that somebody thinks of."""
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(bool(re.search("[가-힣]", case.text)) for case in CASES) >= 8
