"""What stands in an issue, and what of it is live."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from logwatchd.domain.anchor import Anchor, AnchorSite
from logwatchd.domain.diagnosis import Checked, DiagnosisWhy
from logwatchd.domain.event import FIELDS_LIMIT, MESSAGE_LIMIT, STACK_LIMIT, VALUE_LIMIT
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.issue import IssueNotice
from logwatchd.domain.issue_marker import comment_marker, issue_marker, marked_problem
from logwatchd.domain.issue_steps import Topic
from logwatchd.domain.issue_text import comment_body, issue_title
from logwatchd.domain.redact import Redactor
from logwatchd.domain.sites import Role
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import Language, texts_of
from logwatchd.errors import RejectedError
from logwatchd.github.payload import Payloads
from logwatchd.github.structure import shapes
from logwatchd.outgoing import checked
from tests.fakes.hostile import HOSTILE
from tests.fakes.notices import FINGERPRINT, NOON, a_diagnosis, an_event, an_incident
from tests.unit.test_safe_github import LIVE

WEB = "https://github.com"
COMMIT = "0123456789abcdef" * 2 + "01234567"
SECRET = "made-up-" + "own-" + "secret"
REDACT = Redactor(own_secrets=[SECRET]).text
READ = MarkdownIt("commonmark", {"html": True}).enable("table")


def a_notice(text: str = "pool timed out", **changes: Any) -> IssueNotice:
    """Return a notice with one text in every place."""
    event = an_event(
        message=text, target=text, code=text, request_id=text, causes=(text, text), trace_id=text,
        stack_trace=text, service=text, location=text, exception_type=text, fields={text: text},
    )  # fmt: skip
    incident = an_incident(sample=event, template=text, rule=text, **changes)
    return IssueNotice(
        incident=view_of(incident),
        why="issue_critical",
        hourly=(0,) * 20 + (3, 0, 7, 1),
        at=NOON + timedelta(minutes=5),
    )


def traced(notice: IssueNotice, path: str = "src/db/pool.rs", function: str = "get") -> IssueNotice:
    """Return a notice whose source is known."""
    site = AnchorSite(path, 42, function, "", Role.WROTE, 0.9)
    return replace(notice, anchor=Anchor(COMMIT, (site,), "pool {name} timed out"))


def sent(notice: IssueNotice, language: Language = Language.EN) -> dict[str, Any]:
    """Return the request that files an issue, as it leaves."""
    content = Payloads(WEB, language, REDACT).create("acme/api", notice).content
    value: dict[str, Any] = json.loads(content)
    return value


def shown_outside_of_fences(body: str) -> list[str]:
    """Return every text that a Markdown reader finds outside of code."""
    found = []
    for token in READ.parse(body):
        assert token.type != "html_block" or token.content.strip() == issue_marker(FINGERPRINT)
        for inline in token.children or ():
            assert inline.type not in ("image", "html_inline"), inline
            if inline.type == "text":
                found.append(inline.content)
            if inline.type == "link_open":
                assert str(inline.attrs["href"]).startswith(f"{WEB}/acme/api/")
    return found


def test_an_issue_says_what_happened_how_often_and_where() -> None:
    """The whole of it, as people see it."""
    issue = sent(traced(a_notice(count=12)))
    assert issue["title"] == "pool {name} timed out (src/db/pool.rs:42 in get)"
    assert issue["labels"] == ["logwatchd", "severity:critical", "category:database"]
    body = issue["body"]
    assert body.startswith(f"{issue_marker(FINGERPRINT)}\n🔴 **critical · database** · open")
    for part in (
        "| Count | 12 |",
        "| First seen | 2026-02-03 11:40:00 UTC |",
        "**What happened**\n\n```\npool timed out\n```",
        f"{WEB}/acme/api/blob/{COMMIT}/src/db/pool.rs#L42",
        "| 02-03 12h | 1 |",
        "| 02-03 11h | 7 |",
        '"fingerprint": "v1:5d41402abc4b2a76"',
    ):
        assert part in body


def test_an_issue_speaks_korean() -> None:
    """Like the cards."""
    issue = sent(a_notice("커넥션 풀 시간 초과"), Language.KO)
    assert issue["title"] == "커넥션 풀 시간 초과"
    assert "**발생 내용**" in issue["body"]
    assert "재발" in comment_body(Topic.REGRESSED, "regressed 1", a_notice(), Language.KO)


def test_the_largest_event_fits_and_every_part_of_it_is_there() -> None:
    """GitHub takes 65,536 characters; each part is cut at its own end."""
    event = an_event(
        message="m" * MESSAGE_LIMIT,
        causes=("가" * VALUE_LIMIT,) * 16,
        stack_trace="\n".join(["s" * 79] * (STACK_LIMIT // 80)),
        fields={f"field{number}" * 10: "😀" * VALUE_LIMIT for number in range(FIELDS_LIMIT)},
        target="t" * VALUE_LIMIT, code="c" * VALUE_LIMIT, location="l" * VALUE_LIMIT,
    )  # fmt: skip
    notice = replace(
        a_notice(), incident=view_of(an_incident(sample=event)), merged=tuple(range(99))
    )
    body = sent(traced(notice))["body"]
    assert 40_000 < len(body) <= 65_536
    for part in ("What happened", "Causes", "Stack trace", "Where", "Fields", "Source", "programs"):
        assert f"**{part}" in body or part in body
    assert body.endswith("silence it.")


@given(HOSTILE)
@settings(deadline=None, max_examples=60)
def test_nothing_that_is_logged_is_live_in_an_issue(text: str) -> None:
    """Read by another reader of Markdown: outside of fences there are only our own words."""
    issue = sent(traced(a_notice(text), path=text or "x", function=text))
    plain = sent(traced(a_notice("plain"), path="x", function=""))
    assert [name for name, pattern in LIVE.items() if pattern.search(issue["title"])] == []
    ours = shown_outside_of_fences(plain["body"])
    for each in shown_outside_of_fences(issue["body"]):
        assert each in ours or each.startswith(f"{WEB}/acme/api/blob/{COMMIT}/"), each
    assert marked_problem(issue["body"]) == FINGERPRINT


@given(HOSTILE)
@settings(deadline=None, max_examples=60)
def test_nothing_that_a_model_says_is_live_in_an_issue(text: str) -> None:
    """A model may have been talked into anything by what it read."""
    issue = sent(replace(a_notice("plain"), diagnosis=a_diagnosis(text)))
    plain = sent(replace(a_notice("plain"), diagnosis=a_diagnosis("x")))
    ours = shown_outside_of_fences(plain["body"])
    for each in shown_outside_of_fences(issue["body"]):
        assert each in ours or each.startswith(f"{WEB}/acme/api/blob/{COMMIT}/"), each
    assert marked_problem(issue["body"]) == FINGERPRINT


def test_an_issue_shows_what_was_checked_and_where_it_stands() -> None:
    """Each quote has an address; what is the model's word alone is marked."""
    known = a_diagnosis("src/db/pool.rs").verified
    assert known is not None
    unchecked = replace(known, impact=Checked(Tainted("Users wait.")))
    body = sent(replace(a_notice(), diagnosis=a_diagnosis(verified=unchecked)))["body"]

    assert "Likely cause (capacity, 50 %)" in body
    assert f"{WEB}/acme/api/blob/{COMMIT}/src/db/pool.rs#L7" in body
    assert "Users wait. (not verified)" in body
    assert "1 of 2 quotes" in body


def test_an_issue_says_why_there_is_no_diagnosis() -> None:
    """Silence is honest."""
    skipped = a_diagnosis(why=DiagnosisWhy.SKIPPED_DAY, verified=None)
    body = sent(replace(a_notice(), diagnosis=skipped), Language.KO)["body"]

    assert texts_of(Language.KO).diagnosis.reasons[DiagnosisWhy.SKIPPED_DAY] in body


@given(HOSTILE)
@settings(deadline=None, max_examples=60)
def test_no_secret_of_ours_is_in_an_issue(text: str) -> None:
    """Redacted once more when it is drawn."""
    issue = sent(traced(a_notice(f"{text} {SECRET} {text}"), path=f"a/{SECRET}"))
    assert SECRET not in json.dumps(issue)


def test_a_comment_holds_no_text_of_a_log() -> None:
    """Whoever is told by mail is told in our own words."""
    for topic in Topic:
        for language in Language:
            body = comment_body(topic, f"{topic} 1", a_notice("@everyone #1"), language)
            assert "everyone" not in body
            assert body.startswith(comment_marker(f"{topic} 1"))


def test_a_problem_without_words_has_a_title() -> None:
    """GitHub takes no empty one."""
    assert sent(a_notice("\u200b"))["title"] == "Problem 5d41402a"
    assert issue_title(a_notice(""), Language.KO, look=lambda text: text) == "문제 5d41402a"


@pytest.mark.parametrize(
    "body",
    [
        "cc @torvalds", "fixes #12", "acme/api#3", "<img src=x>", "![x](y)", "[x](https://a.example)",
        "https://evil.example/x", "/close", "```\nopen", "www.evil.example", "GH-7",
        f"see {issue_marker(FINGERPRINT)}", f"{WEB}.evil.example/x",
    ],
)  # fmt: skip
def test_the_last_look_refuses_a_body_in_which_anything_is_live(body: str) -> None:
    """It does not know how bodies are made."""
    shape = shapes(f"{WEB}/")["comment"]
    with pytest.raises(RejectedError, match="body"):
        checked({"body": f"{comment_marker('quiet 1')}\n{body}"}, shape, redact=str)


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x", "body": "no marker", "labels": ["logwatchd"]},
        {"title": "x\ny", "body": issue_marker(FINGERPRINT), "labels": ["logwatchd"]},
        {"title": "x", "body": issue_marker(FINGERPRINT), "labels": ["@x"]},
        {"title": "x", "body": issue_marker(FINGERPRINT), "labels": ["a"], "assignees": ["kim"]},
        {"title": "x", "body": issue_marker(FINGERPRINT), "labels": ["a"], "milestone": 1},
    ],
)
def test_the_last_look_refuses_an_issue_that_is_more_than_text_and_labels(
    body: dict[str, Any],
) -> None:
    """No milestone, no project, nobody assigned who was not configured."""
    with pytest.raises(RejectedError):
        checked(body, shapes(f"{WEB}/")["create"], redact=str)


@pytest.mark.parametrize("name", ["v1:zz", "v1:5d41 -->", "", "5d41402abc4b2a76"])
def test_what_is_no_fingerprint_makes_no_marker(name: str) -> None:
    """It stands where HTML is live."""
    with pytest.raises(ValueError, match="fingerprint"):
        issue_marker(name)


@pytest.mark.parametrize(
    "body",
    [" " + issue_marker(FINGERPRINT), "x\n" + issue_marker(FINGERPRINT), "<!-- logwatchd:issue"],
)
def test_a_marker_is_believed_at_the_very_first_character(body: str) -> None:
    """Log text never stands there."""
    assert marked_problem(body) == ""


def test_an_issue_that_the_last_look_refuses_is_filed_without_its_details() -> None:
    """People hear of the problem; what was refused stays on the host."""
    payloads = Payloads(WEB, Language.EN, _finds_only_whole_bodies)
    issue = json.loads(payloads.create("acme/api", a_notice("got")).content)
    assert issue["title"] == "Problem 5d41402a"
    assert "got" not in issue["body"]
    assert "| Count | 1 |" in issue["body"]


def _finds_only_whole_bodies(text: str) -> str:
    """Find a secret that shows only when parts stand together."""
    return text.replace("**What happened**\n\n```\ngot", "[REDACTED:own_secret]")
