"""Issues on GitHub: filed once, found again, kept true, and looked at for what people did."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import structlog

from logwatchd.domain.issue import OWN_LABEL, IssueNotice, MuteLabel, RemoteIssue
from logwatchd.domain.issue_marker import comment_marker
from logwatchd.domain.issue_steps import Topic
from logwatchd.domain.issue_text import issue_labels
from logwatchd.errors import (
    MessageGoneError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.github.address import repository_path
from logwatchd.github.client import GithubClient
from logwatchd.github.labels import Labels
from logwatchd.github.pages import PAGE, PAGES_LIMIT, entries_of, has_next, pages
from logwatchd.github.payload import Payloads, issue_from
from logwatchd.github.replies import NAME
from logwatchd.github.turns import Turns
from logwatchd.transport import Reply

_CLOCKS_DIFFER: Final = timedelta(hours=1)

_log = structlog.stdlib.get_logger()


@dataclass(frozen=True, slots=True)
class _Place:
    """What is known of a repository.

    Attributes:
        may_label: Whether our labels are kept; GitHub drops those of others without a word.
    """

    may_label: bool


class GithubTracker:
    """Implements `ports.IssueTracker`.

    Args:
        client: Asks GitHub.
        payloads: Makes bodies.
        turns: Lets one daemon file at a time.
        login: Our login, or "" to ask GitHub for it.
        trusted: Other logins that filed issues for us, such as that of an earlier token.
    """

    name = NAME

    def __init__(
        self,
        client: GithubClient,
        payloads: Payloads,
        turns: Turns,
        *,
        login: str = "",
        trusted: Sequence[str] = (),
    ) -> None:
        self._client = client
        self._payloads = payloads
        self._turns = turns
        self._login = login
        self._trusted = tuple(each.lower() for each in trusted)
        self._places: dict[str, _Place] = {}
        self._labels = Labels(client, payloads)
        self._newest: dict[str, str] = {}

    async def find(self, repository: str, fingerprint: str) -> Sequence[RemoteIssue]:
        """Look for the issue of a problem, by its marker; see `ports.IssueTracker`.

        The search of GitHub is never asked: it lags behind by seconds to minutes.
        """
        params = {**await self._ours(repository), "sort": "created", "direction": "asc"}
        return [
            issue
            async for issue in self._issues(repository, params)
            if issue.fingerprint == fingerprint
        ]

    async def take_turn(self, repository: str) -> bool:
        """See `ports.IssueTracker`."""
        return await self._turns.take(repository)

    async def end_turn(self, repository: str) -> None:
        """See `ports.IssueTracker`."""
        await self._turns.end(repository)

    async def create(self, repository: str, notice: IssueNotice) -> RemoteIssue:
        """See `ports.IssueTracker`."""
        path = f"{repository_path(repository)}/issues"
        try:
            reply = await self._client.write(
                "POST", path, self._payloads.create(repository, notice)
            )
        except MessageGoneError as error:
            await self.confirm(repository)
            raise TransientError(str(error), destination=NAME) from None
        return self._issue(reply, writes=True)

    async def prepare(self, repository: str, notice: IssueNotice) -> None:
        """See `ports.IssueTracker`."""
        incident = notice.incident
        labels = issue_labels(incident.severity, incident.category)
        await self._labels.make(repository, labels)

    async def edit(
        self, repository: str, number: int, notice: IssueNotice, *, closed: bool | None = None
    ) -> RemoteIssue:
        """See `ports.IssueTracker`."""
        body = self._payloads.edit(repository, notice, closed=closed)
        return self._issue(await self._client.write("PATCH", _path(repository, number), body))

    async def close_duplicate(self, repository: str, number: int) -> None:
        """See `ports.IssueTracker`."""
        await self._client.write(
            "PATCH", _path(repository, number), self._payloads.close_duplicate()
        )

    async def relabel(self, repository: str, number: int, *, add: str, remove: str) -> None:
        """See `ports.IssueTracker`."""
        if add:
            await self._labels.make(repository, (add,))
            path = f"{_path(repository, number)}/labels"
            await self._client.write("POST", path, self._payloads.labels([add]))
        if remove:
            path = f"{_path(repository, number)}/labels/{quote(remove, safe='')}"
            try:
                await self._client.write("DELETE", path, None)
            except MessageGoneError:
                return  # a person was faster

    async def comment(
        self, repository: str, number: int, topic: Topic, name: str, notice: IssueNotice
    ) -> None:
        """See `ports.IssueTracker`."""
        path = f"{_path(repository, number)}/comments"
        await self._client.write("POST", path, self._payloads.comment(topic, name, notice))

    async def has_comment(
        self, repository: str, number: int, name: str, *, since: datetime
    ) -> bool:
        """See `ports.IssueTracker`."""
        marker, believed = comment_marker(name), await self._believed()
        params = {"since": f"{since - _CLOCKS_DIFFER:%Y-%m-%dT%H:%M:%SZ}"}
        path = f"{_path(repository, number)}/comments"
        async for page in pages(self._client, path, params):
            for item in page:
                author = item.get("user") if isinstance(item, dict) else None
                login = author.get("login") if isinstance(author, dict) else None
                ours = str(login).lower() in believed
                if ours and str(item.get("body")).startswith(marker):
                    return True
        return False

    async def changed(self, repository: str) -> Sequence[RemoteIssue]:
        """See `ports.IssueTracker`."""
        params = {
            **await self._ours(repository),
            "state": "all",
            "sort": "updated",
            "direction": "desc",
            "per_page": str(PAGE),
        }
        path = f"{repository_path(repository)}/issues"
        reply = await self._client.read_if_changed(path, params)
        if reply is None:
            return ()
        newest, known = self._newest.get(repository, ""), await self._believed()
        found = list(_issues_of(reply, known))
        page = 2
        while has_next(reply) and found and found[-1].updated_at >= newest and page <= PAGES_LIMIT:
            reply = await self._client.read(path, {**params, "page": str(page)})
            found += _issues_of(reply, known)
            page += 1
        self._newest[repository] = max((each.updated_at for each in found), default=newest)
        return [each for each in found if each.updated_at >= newest]

    async def is_there(self, repository: str, number: int) -> bool:
        """See `ports.IssueTracker`."""
        # Where there are issues, people find the labels by which they can mute; it is no hurry.
        await self._labels.make(repository, [each.value for each in MuteLabel])
        try:
            await self._client.read_if_changed(_path(repository, number))
        except MessageGoneError:
            await self.confirm(repository)
            return False
        return True

    def look_anew(self) -> None:
        """See `ports.IssueTracker`."""
        self._client.forget()
        self._newest.clear()

    async def confirm(self, repository: str) -> str:
        """Make sure that the repository is there and takes issues; see `ports.IssueTracker`."""
        try:
            reply = await self._client.read(repository_path(repository))
        except MessageGoneError as error:
            raise _closed(
                str(error),
                "The repository is not there, was renamed, or the token may not see it: "
                "check GITHUB_REPOSITORY.",
            ) from None
        facts: Mapping[str, Any] = reply.body if isinstance(reply.body, dict) else {}
        if facts.get("archived") is True:
            raise _closed(f"{NAME}: archived", "The repository is archived: it takes no changes.")
        if facts.get("has_issues") is False:
            raise _closed(f"{NAME}: no issues", "Issues are disabled in the repository's settings.")
        rights = facts.get("permissions")
        may_label = not isinstance(rights, dict) or any(
            rights.get(each) is True for each in ("admin", "maintain", "push", "triage")
        )
        self._places[repository] = _Place(may_label)
        kind = "private" if facts.get("private") is True else "public"
        labels = "" if may_label else ", labels are dropped: the token's owner needs triage rights"
        return f"{kind} repository{labels}"

    async def probe(self, repository: str) -> str:
        """See `ports.IssueTracker`."""
        about = await self.confirm(repository)
        login = await self._own_login()
        params = {"labels": OWN_LABEL, "state": "all", "per_page": "1"}
        await self._client.read(f"{repository_path(repository)}/issues", params)
        # To write is what counts; this makes what is needed anyway, if it is missing.
        await self._labels.make_one(repository, OWN_LABEL)
        return f"{repository}, {about}, as {login}"

    async def _ours(self, repository: str) -> dict[str, str]:
        """Return by what our issues are listed: the label, or where it is not kept, the author."""
        if repository not in self._places:
            await self.confirm(repository)
        if self._places[repository].may_label:
            return {"labels": OWN_LABEL}
        return {"creator": await self._own_login()}

    async def _issues(
        self, repository: str, params: Mapping[str, str]
    ) -> AsyncGenerator[RemoteIssue]:
        believed = await self._believed()
        path = f"{repository_path(repository)}/issues"
        async for page in pages(self._client, path, {**params, "state": "all"}):
            for item in page:
                if issue := issue_from(item, believed=believed):
                    yield issue

    async def _believed(self) -> frozenset[str]:
        return frozenset({(await self._own_login()).lower(), *self._trusted})

    async def _own_login(self) -> str:
        if not self._login:
            try:
                reply = await self._client.read("/user")
            except (MessageGoneError, UnauthorizedError) as error:
                own = "Where a token does not say whose it is, set github.login."
                raise _closed(str(error), f"{error.hint} {own}".strip()) from None
            said = reply.body.get("login") if isinstance(reply.body, dict) else None
            if not isinstance(said, str) or not said:
                raise TransientError(f"{NAME}: broken reply", destination=NAME)
            self._login = said
        return self._login

    def _issue(self, reply: Reply, *, writes: bool = False) -> RemoteIssue:
        issue = issue_from(reply.body, believed=())
        if issue is None:
            raise TransientError(f"{NAME}: broken reply", destination=NAME, outcome_unknown=writes)
        return issue


def _issues_of(reply: Reply, believed: frozenset[str]) -> Iterator[RemoteIssue]:
    for item in entries_of(reply):
        if issue := issue_from(item, believed=believed):
            yield issue


def _path(repository: str, number: int) -> str:
    return f"{repository_path(repository)}/issues/{number}"


def _closed(message: str, hint: str) -> UnauthorizedError:
    return UnauthorizedError(message, destination=NAME, hint=hint)
