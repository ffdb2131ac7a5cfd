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
    RejectedError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.github.address import repository_path
from logwatchd.github.client import GithubClient
from logwatchd.github.payload import Payloads, issue_from
from logwatchd.github.replies import NAME
from logwatchd.github.turns import Turns
from logwatchd.transport import Reply

PAGE: Final = 25
"""Issues asked for at once: a page is parsed in memory, with every body."""

PAGES_LIMIT: Final = 400
"""Pages that are looked through: 10,000 issues."""

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
        self._labels: dict[str, set[str]] = {}
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
        await self._make_labels(repository, labels)

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
            await self._make_labels(repository, (add,))
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
        async for page in self._pages(f"{_path(repository, number)}/comments", params):
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
        first = await self._client.read_if_changed(path, params)
        if first is None:
            return ()
        newest, known = self._newest.get(repository, ""), await self._believed()
        found = list(_issues_of(first, known))
        page = 2
        while _has_next(first) and found and found[-1].updated_at >= newest and page <= PAGES_LIMIT:
            first = await self._client.read(path, {**params, "page": str(page)})
            found += _issues_of(first, known)
            page += 1
        self._newest[repository] = max((each.updated_at for each in found), default=newest)
        return [each for each in found if each.updated_at >= newest]

    async def is_there(self, repository: str, number: int) -> bool:
        """See `ports.IssueTracker`."""
        # Where there are issues, people find the labels by which they can mute; it is no hurry.
        await self._make_labels(repository, [each.value for each in MuteLabel])
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
        try:  # to write is what counts; it makes the label that is needed anyway, if it is missing
            path = f"{repository_path(repository)}/labels"
            await self._client.write("POST", path, self._payloads.label(OWN_LABEL))
        except RejectedError:
            _log.debug("label_there", name=OWN_LABEL)
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
        async for page in self._pages(path, {**params, "state": "all"}):
            for item in page:
                if issue := issue_from(item, believed=believed):
                    yield issue

    async def _pages(self, path: str, params: Mapping[str, str]) -> AsyncGenerator[list[Any]]:
        """Yield the pages of a list. Their addresses are ours: none is taken from a reply."""
        for page in range(1, PAGES_LIMIT + 1):
            asked = {**params, "per_page": str(PAGE), "page": str(page)}
            reply = await self._client.read(path, asked)
            yield reply.body if isinstance(reply.body, list) else []
            if not _has_next(reply):
                return
        # Who does not see all of them must not file a second one.
        raise UnauthorizedError(
            f"{NAME}: more than {PAGES_LIMIT * PAGE} issues of ours",
            destination=NAME,
            hint="Take the label logwatchd from old ones, or use another repository.",
        )

    async def _make_labels(self, repository: str, names: Sequence[str]) -> None:
        """Make the labels that are missing; without the right to, issues are filed all the same."""
        path = f"{repository_path(repository)}/labels"
        try:
            if repository not in self._labels:
                found = [item async for page in self._pages(path, {}) for item in page]
                known = {item.get("name") for item in found if isinstance(item, dict)}
                self._labels[repository] = {str(name).lower() for name in known}
            for name in names:
                if name in self._labels[repository]:
                    continue
                try:
                    await self._client.write("POST", path, self._payloads.label(name))
                except RejectedError:
                    _log.debug("label_there", name=name)  # made by another since
                self._labels[repository].add(name)
        except UnauthorizedError as error:
            _log.warning("labels_not_made", error=str(error), hint=error.hint)

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
    for item in reply.body if isinstance(reply.body, list) else ():
        if issue := issue_from(item, believed=believed):
            yield issue


def _path(repository: str, number: int) -> str:
    return f"{repository_path(repository)}/issues/{number}"


def _has_next(reply: Reply) -> bool:
    return 'rel="next"' in reply.headers.get("link", "")


def _closed(message: str, hint: str) -> UnauthorizedError:
    return UnauthorizedError(message, destination=NAME, hint=hint)
