"""The issues of `--dry-run`: prints title and body as they would have been sent."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from typing import TextIO

from logwatchd.domain.issue import IssueNotice, RemoteIssue
from logwatchd.domain.issue_steps import Topic
from logwatchd.domain.issue_text import comment_body, issue_body, issue_labels, issue_title
from logwatchd.domain.safe_text import redacted_again
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import Language


class ConsoleTracker:
    """Implements `ports.IssueTracker`; nothing is there but what it printed itself.

    Args:
        stream: Where it writes.
        web: Address of GitHub in a browser.
        language: Of our own words.
        redact: Replaces secrets.
        as_json: Whether it writes JSON lines.
    """

    name = "github"

    def __init__(
        self,
        stream: TextIO,
        *,
        web: str,
        language: Language,
        redact: Callable[[str], str],
        as_json: bool,
    ) -> None:
        self._stream = stream
        self._web = web
        self._language = language
        self._redact = redact
        self._as_json = as_json
        self._numbers = count(1)

    async def find(self, _repository: str, _fingerprint: str) -> Sequence[RemoteIssue]:
        """See `ports.IssueTracker`."""
        return ()

    async def take_turn(self, _repository: str) -> bool:
        """See `ports.IssueTracker`."""
        return True

    async def end_turn(self, _repository: str) -> None:
        """See `ports.IssueTracker`."""

    async def prepare(self, _repository: str, _notice: IssueNotice) -> None:
        """See `ports.IssueTracker`."""

    async def create(self, repository: str, notice: IssueNotice) -> RemoteIssue:
        """Print an issue."""
        incident, number = notice.incident, next(self._numbers)
        labels = issue_labels(incident.severity, incident.category)
        title = issue_title(notice, self._language, look=self._look)
        self._print("open", repository, number, self._body(repository, notice), title, labels)
        return RemoteIssue(
            number=number, fingerprint=incident.fingerprint, labels=frozenset(labels)
        )

    async def edit(
        self, repository: str, number: int, notice: IssueNotice, *, closed: bool | None = None
    ) -> RemoteIssue:
        """Print a text that takes the place of an earlier one."""
        what = {None: "edit", True: "close", False: "reopen"}[closed]
        self._print(what, repository, number, self._body(repository, notice))
        return RemoteIssue(
            number=number, fingerprint=notice.incident.fingerprint, closed=closed is True
        )

    async def close_duplicate(self, _repository: str, _number: int) -> None:
        """See `ports.IssueTracker`."""

    async def relabel(self, repository: str, number: int, *, add: str, remove: str) -> None:
        """See `ports.IssueTracker`."""

    async def comment(
        self, repository: str, number: int, topic: Topic, name: str, notice: IssueNotice
    ) -> None:
        """Print a comment."""
        body = comment_body(topic, name, notice, self._language)
        self._print("comment", repository, number, body)

    async def has_comment(
        self, _repository: str, _number: int, _name: str, *, since: datetime
    ) -> bool:
        """See `ports.IssueTracker`."""
        del since
        return False

    async def changed(self, _repository: str) -> Sequence[RemoteIssue]:
        """See `ports.IssueTracker`."""
        return ()

    async def is_there(self, _repository: str, _number: int) -> bool:
        """See `ports.IssueTracker`."""
        return True

    def look_anew(self) -> None:
        """See `ports.IssueTracker`."""

    async def confirm(self, _repository: str) -> str:
        """See `ports.IssueTracker`."""
        return "the terminal"

    async def probe(self, _repository: str) -> str:
        """See `ports.IssueTracker`."""
        return "the terminal"

    def _body(self, repository: str, notice: IssueNotice) -> str:
        web = f"{self._web}/{repository}"
        return issue_body(notice, self._language, web=web, look=self._look)

    def _look(self, text: Tainted) -> Tainted:
        return redacted_again(text, self._redact)

    def _print(
        self,
        what: str,
        repository: str,
        number: int,
        body: str,
        title: str = "",
        labels: Sequence[str] = (),
    ) -> None:
        if self._as_json:
            values = {
                "action": what,
                "kind": "issue",
                "repository": repository,
                "issue": number,
                "title": title,
                "labels": list(labels),
                "body": body,
            }
            self._stream.write(json.dumps(values) + "\n")
        else:
            head = f"issue {number} in {repository}: {what}"
            named = [f"title: {title}", f"labels: {', '.join(labels)}"] if title else []
            self._stream.write("\n".join([f"=== {head} ===", *named, "", body, "", ""]))
        self._stream.flush()
