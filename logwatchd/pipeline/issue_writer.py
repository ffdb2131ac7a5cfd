"""One step for one issue: the intent into the state, the write to the tracker, what came of it.

Nothing is written twice that cannot be: a creation and a comment are written down before they are
sent, and looked for before they are sent again. Each method raises the tracker's `DeliveryError`;
what is known by then is in the state.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from logwatchd.domain.issue import OWN_LABEL, Phase, RemoteIssue, Shown, TrackedIssue
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.issue_steps import (
    CREATION,
    MOST_CREATES,
    Act,
    Step,
    Topic,
    look_again_at,
)
from logwatchd.domain.issue_text import severity_label
from logwatchd.errors import (
    DeliveryError,
    RejectedError,
    StateUnusableError,
    StoreError,
    TransientError,
)
from logwatchd.pipeline.health import Health
from logwatchd.ports import Clock, IssueCase, IssueStore, IssueTracker, Recorded

_ASK_SECONDS: Final = 1.0
_OTHERS_TURN: Final = timedelta(seconds=15)
"""When to ask again for the turn at filing that another daemon has."""

BETWEEN_EDITS: Final = timedelta(minutes=1)
_NOTHING: Final = Recorded()


class IssueWriter:
    """Takes steps; see the module.

    Args:
        tracker: Where issues are.
        store: What is known of them.
        clock: The time.
        health: Where problems are noted.
    """

    def __init__(
        self, tracker: IssueTracker, store: IssueStore, clock: Clock, health: Health
    ) -> None:
        self.tracker = tracker
        self._store = store
        self._clock = clock
        self._health = health

    async def take(self, step: Step, case: IssueCase) -> Recorded:
        """Take a step.

        Returns:
            What people did to the issue, as far as the reply showed it.
        """
        number = case.issue.number
        if number is None:
            await self._file(case)
        elif step.topic is not None:
            await self._comment(case, number, step.topic, step.name)
        elif step.act is Act.UNLABEL:
            await self._unlabel(case.issue, number)
        elif step.act in (Act.EDIT, Act.REOPEN, Act.CLOSE):
            return await self._edit(case, number, step.act)
        else:
            await self.keep(case.issue, until=self._clock.now() + BETWEEN_EDITS)
        return _NOTHING

    async def keep(
        self,
        issue: TrackedIssue,
        *,
        why: IssueWhy | None = None,
        detail: str = "",
        until: datetime | None = None,
        error: str = "",
    ) -> None:
        """Write down what is known, however long the state fails: it must not be done again."""
        while True:
            try:
                await self._store.keep_issue(
                    issue, now=self._clock.now(), why=why, detail=detail, until=until, error=error
                )
            except StateUnusableError:
                raise
            except StoreError as failure:
                self._health.problem("state", str(failure), hint=failure.hint)
                await self._clock.sleep(_ASK_SECONDS)
            else:
                return

    async def _file(self, case: IssueCase) -> None:
        """File an issue, unless it is there: looked for first, and again when it is our turn."""
        issue = case.issue
        if await self._adopt(case):
            if issue.attempting:
                await self.tracker.end_turn(issue.repository)
            return
        if issue.attempted_at is not None:
            again = look_again_at(issue.attempted_at, now=self._clock.now())
            if again is not None:
                await self.keep(issue, until=again)
                return
            if issue.creates >= MOST_CREATES:
                await self._try_to_end_turn(issue.repository)
                raise RejectedError(
                    f"{self.tracker.name}: nobody knows whether the issue was taken",
                    destination=self.tracker.name,
                    hint="It was sent several times without an answer, and is not in the list.",
                )
        await self.tracker.prepare(issue.repository, case.notice)
        if not await self.tracker.take_turn(issue.repository):
            await self.keep(issue, until=self._clock.now() + _OTHERS_TURN)
            return
        try:
            if not await self._adopt(case):
                await self._create(case)
        except DeliveryError as error:
            if not _is_unknown(error):
                await self._try_to_end_turn(issue.repository)
            raise  # else no other may file until it is known what became of it
        await self.tracker.end_turn(issue.repository)

    async def _create(self, case: IssueCase) -> None:
        sent = replace(
            case.issue,
            attempting=CREATION,
            attempted_at=self._clock.now(),
            creates=case.issue.creates + 1,
        )
        await self.keep(sent)
        try:
            made = await self.tracker.create(sent.repository, case.notice)
        except DeliveryError as error:
            if not _is_unknown(error):
                await self.keep(case.issue)  # it was not taken: there is nothing to look for
            raise
        self._note_labels(made)
        filed = _showing(case, _found(case.issue, made))
        await self.keep(filed, why=IssueWhy.OPENED, detail=f"#{made.number}")

    async def _adopt(self, case: IssueCase) -> bool:
        """Take the issue that is there already; of several the oldest, and close the others."""
        issue = case.issue
        found = await self.tracker.find(issue.repository, issue.fingerprint)
        for other in found[1:]:
            if not other.closed:
                await self.tracker.close_duplicate(issue.repository, other.number)
                why = IssueWhy.DUPLICATE_CLOSED
                await self.keep(issue, why=why, detail=f"#{other.number}")
        if not found:
            return False
        why = IssueWhy.OPENED if issue.attempting else IssueWhy.FOUND
        # What it shows is not known, so it is written anew.
        await self.keep(_found(issue, found[0]), why=why, detail=f"#{found[0].number}")
        return True

    def _note_labels(self, made: RemoteIssue) -> None:
        name = f"{self.tracker.name}:labels"
        if OWN_LABEL in made.labels:
            self._health.clear(name)
        else:
            hint = "The token's owner needs the triage role in the repository."
            self._health.problem(name, "labels are dropped", hint=hint)

    async def _try_to_end_turn(self, repository: str) -> None:
        try:
            await self.tracker.end_turn(repository)
        except DeliveryError:
            return  # it ends by itself, and until then it is ours again

    async def _comment(self, case: IssueCase, number: int, topic: Topic, name: str) -> None:
        issue = case.issue
        if issue.attempting == name and issue.attempted_at is not None:
            there = await self.tracker.has_comment(
                issue.repository, number, name, since=issue.attempted_at
            )
            if there:
                await self.keep(replace(_settled(issue), said=name))
                return
            again = look_again_at(issue.attempted_at, now=self._clock.now())
            if again is not None:
                await self.keep(issue, until=again)
                return
        await self.keep(replace(issue, attempting=name, attempted_at=self._clock.now()))
        try:
            await self.tracker.comment(issue.repository, number, topic, name, case.notice)
        except DeliveryError as error:
            if not _is_unknown(error):
                await self.keep(issue)
            raise
        why = IssueWhy.ESCALATED if topic is Topic.ESCALATED else None
        await self.keep(replace(_settled(issue), said=name), why=why, detail=f"#{number}")

    async def _edit(self, case: IssueCase, number: int, act: Act) -> Recorded:
        issue, severity = case.issue, case.notice.incident.severity
        if issue.shown.severity not in (None, severity):
            await self.tracker.relabel(
                issue.repository,
                number,
                add=severity_label(severity),
                remove=severity_label(issue.shown.severity),
            )
        closed = {Act.REOPEN: False, Act.CLOSE: True}.get(act)
        seen = await self.tracker.edit(issue.repository, number, case.notice, closed=closed)
        kept, why = _showing(case, _settled(issue)), IssueWhy.UPDATED
        if closed is not None:
            why = IssueWhy.CLOSED_QUIET if closed else IssueWhy.REOPENED
            kept = replace(kept, closed=closed, close_reason=seen.close_reason)
        detail, now = f"#{number}, {kept.shown.count} events", self._clock.now()
        await self.keep(kept, why=why, detail=detail, until=now + BETWEEN_EDITS)
        return await self._store.see_issues(issue.repository, [seen], now=now)

    async def _unlabel(self, issue: TrackedIssue, number: int) -> None:
        label = issue.mute_label
        await self.tracker.relabel(issue.repository, number, add="", remove=label)
        kept = replace(_settled(issue), mute_label="")
        await self.keep(kept, why=IssueWhy.LABEL_REMOVED, detail=label)


def _is_unknown(error: DeliveryError) -> bool:
    """Say whether what was sent may have been taken all the same."""
    return isinstance(error, TransientError) and error.outcome_unknown


def _settled(issue: TrackedIssue) -> TrackedIssue:
    return replace(issue, attempting="", attempted_at=None)


def _found(issue: TrackedIssue, remote: RemoteIssue) -> TrackedIssue:
    """Return an issue whose number is known now."""
    return replace(
        _settled(issue),
        phase=Phase.FILED,
        number=remote.number,
        closed=remote.closed,
        close_reason=remote.close_reason,
        assigned=remote.assigned,
    )


def _showing(case: IssueCase, issue: TrackedIssue) -> TrackedIssue:
    """Return an issue whose body shows the problem of a case."""
    incident = case.notice.incident
    shown = Shown(
        count=incident.count,
        state=incident.state,
        episode=incident.episode,
        severity=incident.severity,
        at=case.notice.at,
    )
    return replace(issue, shown=shown)
