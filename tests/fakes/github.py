"""GitHub's issues on loopback: state, limits, and bad behaviour on order.

It plays the operations that are used, as GitHub's REST documentation describes them, and notes what
GitHub forbids or we promised not to do (`violations`). Time is the test's clock.
"""

import hashlib
import json
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from logwatchd.ports import Clock
from tests.fakes.http import Act, Answer, Request, http_server, json_answer

REPOSITORY: Final = "acme/api"
TOKEN: Final = "github" + "_pat_" + "made0up" * 5
LOGIN: Final = "logwatchd-bot"

_ISSUES: Final = re.compile(r"/repos/([\w.-]+/[\w.-]+)/issues")
_ISSUE: Final = re.compile(r"/repos/([\w.-]+/[\w.-]+)/issues/(\d+)(/comments|/labels)?(?:/(.+))?")
_LABELS: Final = re.compile(r"/repos/([\w.-]+/[\w.-]+)/labels(?:/(.+))?")
_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
_WRITES: Final = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@dataclass(slots=True, kw_only=True)
class Fault:
    """What to do with the next request of a kind instead of what GitHub would do.

    Attributes:
        method: Of which requests.
        path: Expression that the end of the path matches.
        status: Status to answer, or None for a connection that is cut.
        headers: Headers to answer.
        body: JSON to answer.
        lands_after: Seconds after which the write takes place all the same; None for never.
        times: For how many requests.
    """

    method: str = "POST"
    path: str = "/issues"
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    lands_after: float | None = None
    times: int = 1

    def fits(self, request: Request) -> bool:
        """Say whether a request is meant."""
        return request.method == self.method and bool(re.search(f"{self.path}$", request.path))


class FakeGithub:
    """The state of one repository, and what was asked about it.

    Attributes:
        issues: Every issue, by number, as GitHub shows it.
        comments: The comments of each issue.
        labels: The labels there are, by name.
        requests: Every request, in order.
        writes: When each write came, by the test's clock.
        violations: What GitHub forbids or we promised not to do.
        list_lag: How much later a new issue is in the list.
        one_daemon: Whether one asks alone, so that the pace between writes is its own.
        keeps_labels: Whether the token's owner may label.
        token: The only token that is known.
    """

    def __init__(self, clock: Clock) -> None:
        self.issues: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.labels: dict[str, dict[str, Any]] = {}
        self.requests: list[Request] = []
        self.writes: list[datetime] = []
        self.violations: list[str] = []
        self.list_lag = timedelta(0)
        self.one_daemon = True
        self.keeps_labels = True
        self.archived = False
        self.has_issues = True
        self.moved = False
        self.token = TOKEN
        self.url = ""
        self.gone: dict[int, int] = {}
        self.on_request: Callable[[Request], None] = lambda _: None
        self._clock = clock
        self._faults: deque[Fault] = deque()
        self._landing: list[tuple[datetime, Request]] = []

    def play(self, *faults: Fault) -> None:
        """Add faults; each holds for the next request that it fits."""
        self._faults.extend(faults)

    def ours(self) -> list[dict[str, Any]]:
        """Return the issues that we filed, also those that land later."""
        self._land(everything=True)
        return [each for each in self.issues.values() if each["user"]["login"] == LOGIN]

    def add(self, *, author: str, title: str = "x", body: str = "", **more: Any) -> int:
        """Add an issue of a person."""
        number = max([0, *self.issues]) + 1
        now = self._now()
        self.issues[number] = {
            "number": number, "title": title, "body": body, "state": "open", "state_reason": None,
            "user": {"login": author}, "assignees": [], "labels": [], "created_at": now,
            "updated_at": now, **more,
        }  # fmt: skip
        self.comments[number] = []
        return number

    def change(self, number: int, **values: Any) -> None:
        """Change an issue as a person does."""
        labels = values.pop("labels", None)
        if labels is not None:
            values["labels"] = [{"name": each} for each in labels]
        self.issues[number].update(values, updated_at=self._now())

    def names_of(self, number: int) -> set[str]:
        """Return the names of an issue's labels."""
        return {each["name"] for each in self.issues[number]["labels"]}

    def peek(self) -> Act:
        """Say what will be done with the next request: it is read whole in any case."""
        return Act.ANSWER

    def handle(self, request: Request) -> Answer:
        """Take one request."""
        self.requests.append(request)
        self.on_request(request)
        self._land()
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return json_answer(401, {"message": "Bad credentials"})
        if request.method in _WRITES:
            self._note_write()
        self._look_at(request)
        fault = next((each for each in self._faults if each.fits(request)), None)
        if fault is None:
            return self._good(request)
        fault.times -= 1
        if fault.times <= 0:
            self._faults.remove(fault)
        if fault.lands_after is not None:
            due = self._clock.now() + timedelta(seconds=fault.lands_after)
            self._landing.append((due, request))
            self._land()
        if fault.status is None:
            return Answer(act=Act.HANG_UP_AFTER)
        return json_answer(fault.status, fault.body or {}, fault.headers)

    def _note_write(self) -> None:
        now = self._clock.now()
        if self.one_daemon and self.writes and now - self.writes[-1] < timedelta(seconds=1):
            self.violations.append("two writes within a second")
        self.writes.append(now)

    def _look_at(self, request: Request) -> None:
        if not request.headers.get("user-agent"):
            self.violations.append("no user agent")
        if request.path.startswith("/search"):
            self.violations.append("the search was asked")

    def _land(self, *, everything: bool = False) -> None:
        now = self._clock.now()
        due = [each for each in self._landing if everything or each[0] <= now]
        self._landing = [each for each in self._landing if each not in due]
        for _, request in due:
            self._good(request)

    def _good(self, request: Request) -> Answer:
        if self.moved:
            return json_answer(301, {"message": "Moved Permanently"}, {"location": "/elsewhere"})
        if request.path == "/user":
            return json_answer(200, {"login": LOGIN})
        if request.path == f"/repos/{REPOSITORY}":
            return self._repository()
        if found := _ISSUES.fullmatch(request.path):
            return self._create(request) if request.method == "POST" else self._list(request)
        if found := _ISSUE.fullmatch(request.path):
            return self._issue(request, int(found[2]), found[3] or "", found[4] or "")
        if found := _LABELS.fullmatch(request.path):
            return self._label(request, (found[2] or "").replace("%3A", ":"))
        return json_answer(404, {"message": "Not Found"})

    def _repository(self) -> Answer:
        may = {"admin": False, "push": self.keeps_labels, "triage": self.keeps_labels, "pull": True}
        facts = {
            "full_name": REPOSITORY, "private": True, "archived": self.archived,
            "has_issues": self.has_issues, "permissions": may,
        }  # fmt: skip
        return json_answer(200, facts)

    def _create(self, request: Request) -> Answer:
        if not self.has_issues:
            return json_answer(410, {"message": "Issues are disabled for this repo"})
        if self.archived:
            return json_answer(403, {"message": "Repository was archived so is read-only."})
        given = request.json
        if breaches := _breaches(given):
            self.violations += breaches
            return json_answer(422, {"message": "Validation Failed"})
        number = self.add(author=LOGIN, title=given["title"], body=given["body"])
        if self.keeps_labels:
            names = given.get("labels", [])
            self.issues[number]["labels"] = [{"name": each} for each in names]
        return json_answer(201, self.issues[number])

    def _list(self, request: Request) -> Answer:
        query = request.query
        newest = (self._clock.now() - self.list_lag).strftime(_FORMAT)
        found = [
            each
            for each in self.issues.values()
            if query.get("labels", "") in {"", *(label["name"] for label in each["labels"])}
            and query.get("creator", each["user"]["login"]) == each["user"]["login"]
            and query.get("state", "open") in ("all", each["state"])
            and (not self.list_lag or each["created_at"] <= newest)
            and each["number"] not in self.gone
        ]
        key = "updated_at" if query.get("sort") == "updated" else "created_at"
        back = query.get("direction", "desc") == "desc"
        found.sort(key=lambda each: (each[key], each["number"]), reverse=back)
        return self._page(request, found)

    def _page(self, request: Request, found: list[dict[str, Any]]) -> Answer:
        size, page = int(request.query.get("per_page", "30")), int(request.query.get("page", "1"))
        part = found[(page - 1) * size : page * size]
        more = page * size < len(found)
        headers = {"link": f'<{self.url}/next>; rel="next"'} if more else {}
        return self._with_etag(request, part, headers)

    def _with_etag(
        self, request: Request, value: object, headers: Mapping[str, str] | None = None
    ) -> Answer:
        text = json.dumps([value, list((headers or {}).values())])
        etag = f'W/"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(304, {"etag": etag})
        return json_answer(200, value, {"etag": etag, **(headers or {})})

    def _issue(self, request: Request, number: int, below: str, name: str) -> Answer:
        if number in self.gone:
            return json_answer(self.gone[number], {"message": "This issue is not here"})
        if number not in self.issues:
            return json_answer(404, {"message": "Not Found"})
        issue = self.issues[number]
        if below == "/comments":
            if request.method == "GET":
                since = request.query.get("since", "")
                found = [each for each in self.comments[number] if each["created_at"] >= since]
                return self._page(request, found)
            body = request.json["body"]
            self.comments[number].append(
                {"body": body, "user": {"login": LOGIN}, "created_at": self._now()}
            )
            issue["updated_at"] = self._now()
            return json_answer(201, self.comments[number][-1])
        if below == "/labels":
            return self._label_issue(request, issue, name.replace("%3A", ":"))
        if request.method == "GET":
            return self._with_etag(request, issue)
        given = request.json
        if "title" in given or "labels" in given or "assignees" in given or "milestone" in given:
            self.violations.append("an edit that takes over what is people's")
        issue.update(given)
        issue["updated_at"] = self._now()
        return json_answer(200, issue)

    def _label_issue(self, request: Request, issue: dict[str, Any], name: str) -> Answer:
        names = [each["name"] for each in issue["labels"]]
        if request.method == "DELETE":
            if name not in names:
                return json_answer(404, {"message": "Label does not exist"})
            names.remove(name)
        else:
            names += [each for each in request.json["labels"] if each not in names]
        issue["labels"] = [{"name": each} for each in names]
        issue["updated_at"] = self._now()
        return json_answer(200, issue["labels"])

    def _label(self, request: Request, name: str) -> Answer:
        if request.method == "GET" and not name:
            return self._page(request, list(self.labels.values()))
        if request.method == "POST":
            if not self.keeps_labels:
                headers = {"x-accepted-github-permissions": "issues=write; pull_requests=write"}
                return json_answer(403, {"message": "Resource not accessible"}, headers)
            given = request.json
            if given["name"] in self.labels:
                return json_answer(422, {"errors": [{"code": "already_exists"}]})
            self.labels[given["name"]] = given
            return json_answer(201, given)
        if name not in self.labels:
            return json_answer(404, {"message": "Not Found"})
        if request.method == "DELETE":
            del self.labels[name]
            return Answer(204)
        return json_answer(200, self.labels[name])

    def _now(self) -> str:
        return self._clock.now().strftime(_FORMAT)


def _breaches(given: Any) -> list[str]:
    """Say what of a new issue GitHub does not take."""
    if not isinstance(given, dict) or not str(given.get("title", "")).strip():
        return ["no title"]
    found = []
    if len(given["title"]) > 256:
        found.append("title too long")
    if len(given.get("body", "")) > 65_536:
        found.append("body too long")
    if any(len(each) > 50 for each in given.get("labels", [])):
        found.append("label too long")
    return found


@asynccontextmanager
async def fake_github(clock: Clock) -> AsyncGenerator[FakeGithub]:
    """Serve on loopback."""
    peer = FakeGithub(clock)
    async with http_server(peer.handle, peek=peer.peek) as port:
        peer.url = f"http://127.0.0.1:{port}"
        yield peer
