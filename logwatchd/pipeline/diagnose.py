"""Outbox to model: one incident, one question, one verdict. It never holds up an alert."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar

import structlog

from logwatchd.diagnosers.answer import answer_from
from logwatchd.diagnosers.instructions import Instructions
from logwatchd.domain.budget import Allowed
from logwatchd.domain.diagnosis import Diagnosis, DiagnosisWhy
from logwatchd.domain.diagnosis_context import Context, Lack, Question, question
from logwatchd.domain.diagnosis_policy import SKIPPED
from logwatchd.domain.event import Severity
from logwatchd.domain.evidence import verified
from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.notice import TextKind, TextNotice
from logwatchd.domain.prices import PriceTable, Usage
from logwatchd.domain.retry import next_attempt
from logwatchd.errors import (
    DeliveryError,
    DiagnoserError,
    RepositoryError,
    StateUnusableError,
    StoreError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import (
    CallQuote,
    Clock,
    ContextFinder,
    Diagnoser,
    DiagnosisJob,
    DiagnosisStore,
    Ended,
    Reply,
    Uptime,
)

_ASK_SECONDS: Final = 1.0
ATTEMPTS: Final = 3
"""Attempts at one diagnosis: each may cost money."""

_LEAST_PAUSE: Final = timedelta(seconds=30)
_PROBLEM: Final = "diagnosis"

_log = structlog.stdlib.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How diagnoses are made.

    Attributes:
        model: Who is asked.
        better_model: Who is asked about critical problems while the budget allows, if anyone.
        instructions: What the model is told to do.
        tokens: About how many tokens of material it gets.
        prices: What calls cost.
        redact: Replaces secrets.
        nonce: Gives fresh random bytes.
    """

    model: str
    better_model: str | None
    instructions: Instructions
    tokens: int
    prices: PriceTable
    redact: Callable[[str], str]
    nonce: Callable[[], bytes]

    def models(self, severity: Severity) -> tuple[str, ...]:
        """Return who is asked about a problem, the best first: the ladder down to none."""
        if severity is not Severity.CRITICAL or self.better_model in (None, self.model):
            return (self.model,)
        return (self.better_model, self.model)

    def ask(self, incident: Incident, context: Context) -> Question:
        """Build the question about an incident."""
        return question(
            incident,
            context,
            self.instructions.text,
            tokens=self.tokens,
            nonce=self.nonce(),
            redact=self.redact,
        )


class DiagnosisWorker:
    """Has incidents diagnosed, one at a time. It decides nothing: `domain` and the store do."""

    def __init__(
        self,
        diagnoser: Diagnoser,
        finder: ContextFinder | None,
        store: DiagnosisStore,
        clock: Clock,
        uptime: Uptime,
        health: Health,
        wakes: Wakes,
        plan: Plan,
    ) -> None:
        self._diagnoser = diagnoser
        self._finder = finder
        self._store = store
        self._clock = clock
        self._uptime = uptime
        self._health = health
        self._wakes = wakes
        self._plan = plan
        self._closed = False
        self._not_before = clock.now()

    def replace(self, diagnoser: Diagnoser, plan: Plan) -> None:
        """Use another configuration from the next question on; one that was refused is forgotten."""
        self._diagnoser, self._plan, self._closed = diagnoser, plan, False
        self._health.clear(_PROBLEM)

    async def run(self) -> None:
        """Work for ever.

        Cancelled in mid-question, the child is killed and the job stays claimed: the next start
        ends it as interrupted, with its money spent. It is not asked again.
        """
        while True:
            await self._clock.sleep(_ASK_SECONDS)
            await self.step()

    async def step(self) -> bool:
        """Do what has been due for the longest time; False when nothing was."""
        now = self._clock.now()
        if now < self._not_before:
            return False
        try:
            job = await self._store.next_diagnosis(now=now)
            if job is None:
                return False
            await self._diagnose(job)
        except StateUnusableError:
            raise
        except StoreError as error:  # nothing was begun
            self._health.problem("state", str(error), hint=error.hint)
            return False
        return True

    async def _diagnose(self, job: DiagnosisJob) -> None:
        same = await self._store.reuse_diagnosis(job, now=self._clock.now())
        if same is not None:
            self._wakes.wake()
            _log.info("diagnosis", problem=short_id(job.incident.fingerprint), reused=same.reused)
            return
        if self._closed:
            await self._end(job, DiagnosisWhy.KEY_REFUSED, detail="no call was made")
            return
        context = await self._context(job.incident)
        asked = self._plan.ask(job.incident, context)
        verdict, model, reservation = await self._begin(job, asked)
        if verdict is not Allowed.YES:
            await self._end(job, SKIPPED[verdict])
            return
        try:
            reply = await self._diagnoser.ask(asked.prompt, model=model)
        except DeliveryError as error:
            if not (isinstance(error, TransientError) and error.outcome_unknown):
                await self._settle(reservation, model, Usage())
            await self._failed(job, error)
        except DiagnoserError as error:
            self._health.problem(_PROBLEM, str(error), hint=error.hint)
            await self._end(job, DiagnosisWhy.CHILD_FAILED, model=model, detail=str(error))
        else:
            # Before anything is looked at: it has been paid for, whatever it is worth.
            await self._settle(reservation, model, reply.usage)
            self._health.clear(_PROBLEM)
            await self._take(job, reply, asked, context, model)

    async def _context(self, incident: Incident) -> Context:
        if self._finder is None:
            return Context(lacks=(Lack.REPOSITORY,))
        try:
            return await asyncio.to_thread(self._finder.context, incident)
        except RepositoryError as error:
            _log.info("diagnosed_without_source", error=str(error))
            return Context(lacks=(Lack.SOURCE,))

    async def _begin(self, job: DiagnosisJob, asked: Question) -> tuple[Allowed, str, int]:
        """Reserve the money of the best model that the budget allows."""
        incident = job.incident
        verdict, model, reservation = Allowed.MONTH_SPENT, "", 0
        for model in self._plan.models(incident.severity):
            quote = quote_of(incident, asked, model, self._plan, self._diagnoser, self._clock)
            verdict, reservation = await self._store.begin_diagnosis(
                job, quote, reading=self._uptime.read()
            )
            if verdict is Allowed.YES:
                break
        return verdict, model, reservation

    async def _settle(self, reservation: int, model: str, usage: Usage) -> None:
        cost = self._plan.prices.cost(model, usage, on=self._clock.now().date())
        await self._keep(lambda: self._store.settle(reservation, cost=cost, usage=usage))

    async def _failed(self, job: DiagnosisJob, error: DeliveryError) -> None:
        self._health.problem(_PROBLEM, str(error), hint=error.hint)
        if isinstance(error, UnauthorizedError):
            self._closed = True
            notice = TextNotice(
                kind=TextKind.DIAGNOSIS_STOPPED,
                at=self._clock.now(),
                details=(("error", str(error)),),
            )
            await self._keep(lambda: self._store.say(notice))
            self._wakes.wake()
            await self._end(job, DiagnosisWhy.KEY_REFUSED, detail=str(error))
        elif not isinstance(error, TransientError):
            await self._end(job, DiagnosisWhy.REQUEST_REFUSED, detail=str(error))
        elif job.attempts + 1 >= ATTEMPTS:
            throttled = isinstance(error, ThrottledError)
            why = DiagnosisWhy.OVERLOADED if throttled else DiagnosisWhy.UNREACHABLE
            await self._end(job, why, detail=str(error))
        else:
            await self._postpone(job, error)

    async def _postpone(self, job: DiagnosisJob, error: TransientError) -> None:
        asked = error.retry_after if isinstance(error, ThrottledError) else timedelta(0)
        until = next_attempt(
            attempts=job.attempts + 1,
            now=self._clock.now(),
            jitter=random.random(),  # noqa: S311 -- spreads load, guards nothing
            wait_at_least=max(asked, _LEAST_PAUSE),
        )
        if isinstance(error, ThrottledError):
            self._not_before = until  # it asked for a pause of all
        text = str(error)
        await self._keep(lambda: self._store.postpone_diagnosis(job, until=until, error=text))

    async def _take(
        self, job: DiagnosisJob, reply: Reply, asked: Question, context: Context, model: str
    ) -> None:
        cost = await self._keep(lambda: self._store.cost_of_job(job))
        lacks = list(asked.lacks)
        if model != self._plan.models(job.incident.severity)[0]:
            lacks.append(Lack.BETTER_MODEL)
        diagnosis, detail = diagnosed(
            reply,
            asked,
            Diagnosis(
                why=DiagnosisWhy.INVALID,
                at=self._clock.now(),
                episode=job.incident.episode,
                model=model,
                prompt=self._plan.instructions.name,
                cost=cost,
                commit=context.commit,
                without=tuple(each.value for each in lacks),
            ),
        )
        await self._finish(job, diagnosis, detail)

    async def _end(
        self, job: DiagnosisJob, why: DiagnosisWhy, *, model: str = "", detail: str = ""
    ) -> None:
        cost = await self._keep(lambda: self._store.cost_of_job(job))
        at, episode = self._clock.now(), job.incident.episode
        diagnosis = Diagnosis(why=why, at=at, episode=episode, model=model, cost=cost)
        await self._finish(job, diagnosis, detail)

    async def _finish(self, job: DiagnosisJob, diagnosis: Diagnosis, detail: str) -> None:
        now = self._clock.now()
        if await self._keep(
            lambda: self._store.end_diagnosis(job, diagnosis, detail=detail, now=now)
        ):
            self._wakes.wake()
        name = short_id(job.incident.fingerprint)
        _log.info("diagnosis", problem=name, why=diagnosis.why.value, detail=detail)

    async def _keep(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write down an outcome, however long the state fails: it must not be asked again."""
        while True:
            try:
                return await write()
            except StateUnusableError:
                raise
            except StoreError as error:
                self._health.problem("state", str(error), hint=error.hint)
                await self._clock.sleep(_ASK_SECONDS)


def quote_of(
    incident: Incident, asked: Question, model: str, plan: Plan, diagnoser: Diagnoser, clock: Clock
) -> CallQuote:
    """Return what a question can cost at most."""
    most = plan.prices.most(
        model,
        prompt=diagnoser.prompt_tokens(asked.prompt),
        output=diagnoser.answer_tokens,
        on=clock.now().date(),
    )
    return CallQuote(
        fingerprint=incident.fingerprint,
        severity=incident.severity,
        category=incident.category,
        model=model,
        most=most,
    )


def diagnosed(reply: Reply, asked: Question, blank: Diagnosis) -> tuple[Diagnosis, str]:
    """Check a reply; return the diagnosis that it makes, and what was wrong with it, if anything.

    Args:
        reply: What the model replied.
        asked: What it was sent.
        blank: The diagnosis without an answer.
    """
    if reply.ended is Ended.REFUSED:
        return replace(blank, why=DiagnosisWhy.MODEL_REFUSED), ""
    if reply.ended is Ended.TRUNCATED:
        return replace(blank, why=DiagnosisWhy.TRUNCATED), ""
    try:
        checked = verified(answer_from(reply.text), asked.pieces)
    except ValueError as error:
        return replace(blank, why=DiagnosisWhy.INVALID), str(error)
    return replace(blank, why=DiagnosisWhy.DIAGNOSED, verified=checked), ""
