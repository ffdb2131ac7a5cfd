"""Bodies of requests, looked at before they leave, and issues out of replies."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import structlog

from logwatchd.domain.event import Severity
from logwatchd.domain.issue import OWN_LABEL, IssueNotice, MuteLabel, RemoteIssue
from logwatchd.domain.issue_marker import marked_problem
from logwatchd.domain.issue_steps import Topic
from logwatchd.domain.issue_text import (
    brief_body,
    brief_title,
    comment_body,
    issue_body,
    issue_labels,
    issue_title,
    severity_label,
)
from logwatchd.domain.safe_text import redacted_again
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import Language
from logwatchd.errors import RejectedError
from logwatchd.github.structure import shapes
from logwatchd.outgoing import Checked, checked

_log = structlog.stdlib.get_logger()

TURN_LABEL: Final = "logwatchd:filing"
"""There while one daemon files an issue: GitHub makes a label only once, and so lets one in."""

_COLOURS: Final = {
    OWN_LABEL: "5319e7",
    severity_label(Severity.CRITICAL): "b60205",
    severity_label(Severity.WARNING): "d93f0b",
    MuteLabel.FOR_GOOD.value: "cccccc",
    MuteLabel.A_WEEK.value: "cccccc",
    TURN_LABEL: "ededed",
}
_OTHER_COLOUR: Final = "1d76db"
_DESCRIPTIONS: Final = {
    OWN_LABEL: "Filed and kept up to date by logwatchd",
    MuteLabel.FOR_GOOD.value: "logwatchd says no more about this problem",
    MuteLabel.A_WEEK.value: "logwatchd says no more about this problem for a week",
}


class Payloads:
    """Makes the bodies for one repository's place in a browser.

    Args:
        web: Address of GitHub in a browser.
        language: Of our own words.
        redact: Replaces secrets.
    """

    def __init__(self, web: str, language: Language, redact: Callable[[str], str]) -> None:
        self._web = web
        self._language = language
        self._redact = redact
        self._shapes = shapes(f"{web}/")

    def create(self, repository: str, notice: IssueNotice) -> Checked:
        """Return the body that files an issue."""
        title = issue_title(notice, self._language, look=self._look)
        labels = list(issue_labels(notice.incident.severity, notice.incident.category))
        full = {"title": title, "body": self._text(repository, notice)}
        brief = {
            "title": brief_title(notice, self._language),
            "body": brief_body(notice, self._language),
        }
        return self._first_checked(
            "create", {**full, "labels": labels}, {**brief, "labels": labels}
        )

    def edit(self, repository: str, notice: IssueNotice, *, closed: bool | None) -> Checked:
        """Return the body that brings an issue up to date; the title and the labels stay."""
        state: dict[str, Any] = {}
        if closed is not None:
            state["state"] = "closed" if closed else "open"
            state["state_reason"] = "completed" if closed else "reopened"
        full = {"body": self._text(repository, notice), **state}
        return self._first_checked(
            "edit", full, {"body": brief_body(notice, self._language), **state}
        )

    def close_duplicate(self) -> Checked:
        """Return the body that closes a second issue of one problem."""
        return self._checked("edit", {"state": "closed", "state_reason": "duplicate"})

    def comment(self, topic: Topic, name: str, notice: IssueNotice) -> Checked:
        """Return the body of a comment."""
        text = comment_body(topic, name, notice, self._language)
        return self._checked("comment", {"body": text})

    def labels(self, names: Iterable[str]) -> Checked:
        """Return the body that adds labels to an issue."""
        return self._checked("labels", {"labels": list(names)})

    def label(self, name: str, description: str = "") -> Checked:
        """Return the body that makes a label."""
        about = description or _DESCRIPTIONS.get(name, "Set by logwatchd")
        colour = _COLOURS.get(name, _OTHER_COLOUR)
        return self._checked("label", {"name": name, "color": colour, "description": about})

    def _text(self, repository: str, notice: IssueNotice) -> str:
        web = f"{self._web}/{repository}"
        return issue_body(notice, self._language, web=web, look=self._look)

    def _look(self, text: Tainted) -> Tainted:
        return redacted_again(text, self._redact)

    def _first_checked(self, kind: str, full: dict[str, Any], brief: dict[str, Any]) -> Checked:
        """Return the full body, or the brief one where the full one may not leave."""
        try:
            return self._checked(kind, full)
        except RejectedError as error:
            _log.error("body_refused", sink=error.destination, error=str(error), hint=error.hint)
            return self._checked(kind, brief)

    def _checked(self, kind: str, body: dict[str, Any]) -> Checked:
        return checked(body, self._shapes[kind], redact=self._redact)


def issue_from(item: Any, *, believed: Iterable[str]) -> RemoteIssue | None:
    """Return the issue of a reply's item; None for a pull request and for what is no issue.

    Args:
        item: One element of a list, or a whole reply.
        believed: The logins, in lower case, whose markers are believed.
    """
    if not isinstance(item, dict) or "pull_request" in item:
        return None
    number, body = item.get("number"), item.get("body")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return None
    author = _text_of(item.get("user"), "login").lower()
    ours = author in believed and isinstance(body, str)
    return RemoteIssue(
        number=number,
        fingerprint=marked_problem(str(body)) if ours else "",
        closed=item.get("state") == "closed",
        close_reason=_text_of(item, "state_reason") if item.get("state") == "closed" else "",
        assigned=bool(item.get("assignees")),
        labels=frozenset(
            each if isinstance(each, str) else _text_of(each, "name")
            for each in _listed(item.get("labels"))
        ),
        updated_at=_text_of(item, "updated_at"),
    )


def _text_of(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
