"""Ask a model by hand: the money is reserved in the daemon's ledger, and settled there."""

import asyncio

from logwatchd.domain.budget import Allowed, Budget
from logwatchd.domain.diagnosis import DiagnosisWhy
from logwatchd.domain.diagnosis_context import Question
from logwatchd.domain.diagnosis_policy import SKIPPED
from logwatchd.domain.incident import Incident
from logwatchd.domain.prices import Usage
from logwatchd.errors import DeliveryError, TransientError
from logwatchd.pipeline.diagnose import Plan, quote_of
from logwatchd.ports import Diagnoser, Reply
from logwatchd.settings import Loaded
from logwatchd.store import ledger
from logwatchd.store.files import opened_beside
from logwatchd.wiring import SystemClock, SystemUptime


def ask_within(
    budget: Budget,
    incident: Incident,
    asked: Question,
    diagnoser: Diagnoser,
    plan: Plan,
    loaded: Loaded,
) -> tuple[Reply | DiagnosisWhy, int]:
    """Ask within a budget; return the reply or why there is none, and what it cost in nanodollars.

    Raises:
        DeliveryError: There is no reply.
        DiagnoserError: Nor is it known what became of the question.
        StoreError: There is no state to keep the ledger in.
    """
    clock = SystemClock()
    model = plan.models(incident.severity)[0]
    quote = quote_of(incident, asked, model, plan, diagnoser, clock)
    with opened_beside(loaded.state_dir, write=True) as db:
        verdict, number = ledger.reserve(db, quote, budget, reading=SystemUptime().read())
    if verdict is not Allowed.YES:
        return SKIPPED[verdict], 0
    usage = Usage()
    try:
        reply = asyncio.run(diagnoser.ask(asked.prompt, model=model))
        usage = reply.usage
    except DeliveryError as error:
        if not (isinstance(error, TransientError) and error.outcome_unknown):
            _settle(loaded, number, 0, usage)
        raise
    paid = plan.prices.cost(model, usage, on=clock.now().date())
    _settle(loaded, number, paid, usage)
    return reply, paid


def _settle(loaded: Loaded, number: int, paid: int, usage: Usage) -> None:
    with opened_beside(loaded.state_dir, write=True) as db:
        ledger.settle(db, number, cost=paid, usage=usage)
