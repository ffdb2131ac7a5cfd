"""`logwatchd diagnose`: ask for the cause of a problem by hand, within the same budget."""

import asyncio
import sys
import tempfile
from argparse import Namespace
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logwatchd.app import diagnosis_parts
from logwatchd.cli import DONE, FAILED, USAGE
from logwatchd.cli.ask import one
from logwatchd.cli.asking import ask_within
from logwatchd.cli.diagnosis_text import diagnosis_rows
from logwatchd.cli.filters import events_of
from logwatchd.cli.output import print_json, print_table, say
from logwatchd.diagnosers.scripted import ScriptedDiagnoser
from logwatchd.domain.diagnosis import Diagnosis, DiagnosisWhy
from logwatchd.domain.diagnosis_context import Context, Lack, Question
from logwatchd.domain.diagnosis_json import diagnosis_values
from logwatchd.domain.event import Category, Level, Severity, Sighting, Tell, Verdict
from logwatchd.domain.incident import Incident, observe
from logwatchd.domain.lines import LineReader
from logwatchd.domain.prices import dollars
from logwatchd.domain.safe_text import terminal
from logwatchd.domain.source_context import estimated_tokens
from logwatchd.domain.tainted import Tainted
from logwatchd.errors import RepositoryError
from logwatchd.pipeline.diagnose import Plan, diagnosed, quote_of
from logwatchd.ports import Diagnoser, Reply
from logwatchd.repo.collect import collect
from logwatchd.repo.source import SourceRepository
from logwatchd.settings import Loaded, load
from logwatchd.store import diagnoses, ledger, queries
from logwatchd.store.files import opened_beside
from logwatchd.store.private import SOURCE_INDEX_NAME
from logwatchd.wiring import SystemClock, SystemUptime, every_line

_UNKNOWN: Verdict = Verdict("none", Severity.WARNING, Category.OTHER, Tell.AT_ONCE)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is asked about one incident, and of whom."""

    incident: Incident
    context: Context
    asked: Question
    plan: Plan
    diagnoser: Diagnoser

    @property
    def model(self) -> str:
        return self.plan.models(self.incident.severity)[0]


def diagnose(options: Namespace) -> int:
    """Print the question and what it can cost, or the checked answer."""
    if bool(options.id) == bool(options.event):
        say("logwatchd: name a problem's id, or a file by --event")
        return USAGE
    flags = {"state_dir": str(options.state)} if options.state else {}
    loaded = load(flags=flags, file=options.config, to_run=False)
    incident = _incident(options, loaded)
    if incident is None:
        return FAILED
    diagnoser, plan = diagnosis_parts(loaded)
    if options.reply:
        diagnoser = ScriptedDiagnoser(options.reply.read_text("utf-8"))
    context = _context(options, loaded, incident)
    case = _Case(incident, context, plan.ask(incident, context), plan, diagnoser)
    if options.dry_run:
        return _print_question(case, options)
    reply: Reply | DiagnosisWhy
    if options.reply:
        reply, cost = asyncio.run(diagnoser.ask(case.asked.prompt, model=case.model)), 0
    else:
        budget = loaded.settings.diagnosis_policy().budget
        reply, cost = ask_within(budget, case.incident, case.asked, diagnoser, plan, loaded)
    return _print_answer(case, reply, cost, loaded, options)


def cost(options: Namespace) -> int:
    """Print what diagnoses cost so far, and what they will have cost in a month at this rate."""
    flags = {"state_dir": str(options.state)} if options.state else {}
    loaded = load(flags=flags, file=options.config, to_run=False)
    with opened_beside(loaded.state_dir) as db:
        found = ledger.spending(db, reading=SystemUptime().read())
    budget, spent = loaded.settings.diagnosis_policy().budget, found.spent
    forecast = ledger.forecast(found)
    if options.json:
        print_json(
            {
                "calls_hour": spent.calls_hour,
                "calls_hour_limit": budget.calls_hour,
                "day_nanodollars": spent.day,
                "day_limit_nanodollars": budget.day,
                "month_nanodollars": spent.month,
                "month_limit_nanodollars": budget.month,
                "reserved_nanodollars": found.reserved,
                "forecast_nanodollars": forecast,
                "by_model": [_share_values(each) for each in found.by_model],
                "by_category": [_share_values(each) for each in found.by_category],
            }
        )
        return DONE
    rows = [
        ("last hour", f"{spent.calls_hour} of {budget.calls_hour} calls"),
        ("last 24 hours", f"{dollars(spent.day)} of {dollars(budget.day)}"),
        ("last 31 days", f"{dollars(spent.month)} of {dollars(budget.month)}"),
        ("of that reserved", dollars(found.reserved)),
        ("forecast, 31 days", "not known yet" if forecast is None else dollars(forecast)),
        *((f"model {e.name}", f"{e.calls} calls, {dollars(e.spent)}") for e in found.by_model),
        *((f"about {e.name}", f"{e.calls} calls, {dollars(e.spent)}") for e in found.by_category),
    ]
    print_table(("what", "how much"), rows)
    return DONE


def _share_values(share: ledger.Share) -> dict[str, Any]:
    return {"name": share.name, "calls": share.calls, "nanodollars": share.spent}


def _incident(options: Namespace, loaded: Loaded) -> Incident | None:
    if options.id:
        with opened_beside(loaded.state_dir) as db:
            return one(queries.find(db, options.id), options.id)
    interpreter, reader = every_line(loaded), LineReader(floor=Level.TRACE)
    with ExitStack() as opened:
        lines = sys.stdin.buffer
        if options.event != "-":
            lines = opened.enter_context(Path(options.event).open("rb"))
        event = next(events_of(reader, interpreter, lines), None)
    if event is None:
        say("logwatchd: no event in it")
        return None
    verdict = loaded.rules.judge(event) or _UNKNOWN
    identity = loaded.fingerprinter.identify(event)
    sighting = Sighting(event, verdict, identity.fingerprint, identity.template)
    policy = loaded.settings.policy()
    now = SystemClock().now()
    return observe(None, sighting, now=now, remind_after=policy.remind_after)[0]


def _context(options: Namespace, loaded: Loaded, incident: Incident) -> Context:
    path = options.repo or loaded.settings.repository.path
    if path is None:
        return Context(lacks=(Lack.REPOSITORY,))
    ref = loaded.settings.repository.commit
    try:
        with (
            tempfile.TemporaryDirectory(prefix="logwatchd-") as scratch,
            closing(SourceRepository(path, Path(scratch) / SOURCE_INDEX_NAME, ref=ref)) as source,
        ):
            source.refresh()
            return collect(source, incident)
    except RepositoryError as error:
        say(f"logwatchd: {error}")
        return Context(lacks=(Lack.SOURCE,))


def _print_question(case: _Case, options: Namespace) -> int:
    prompt = case.asked.prompt
    quote = quote_of(
        case.incident, case.asked, case.model, case.plan, case.diagnoser, SystemClock()
    )
    tokens = estimated_tokens(prompt.system) + estimated_tokens(prompt.user)
    values = {
        "model": case.model,
        "prompt": case.plan.instructions.name,
        "tokens": tokens,
        "most_nanodollars": quote.most,
        "without": [each.value for each in case.asked.lacks],
    }
    if options.json:
        print_json(values | {"system": prompt.system, "user": prompt.user})
        return DONE
    for text in (prompt.system, prompt.user):
        print(terminal(Tainted(text)), end="\n\n")
    lacks = ", ".join(each.value for each in case.asked.lacks) or "nothing"
    say(f"{case.model}: about {tokens} tokens, {dollars(quote.most)} at most; without: {lacks}")
    return DONE


def _print_answer(
    case: _Case, reply: Reply | DiagnosisWhy, paid: int, loaded: Loaded, options: Namespace
) -> int:
    now = SystemClock().now()
    blank = Diagnosis(
        why=reply if isinstance(reply, DiagnosisWhy) else DiagnosisWhy.INVALID,
        at=now,
        episode=case.incident.episode,
        model="" if isinstance(reply, DiagnosisWhy) else case.model,
        prompt=case.plan.instructions.name,
        cost=paid,
        commit=case.context.commit,
        without=tuple(each.value for each in case.asked.lacks),
    )
    made, detail = (blank, "")
    if isinstance(reply, Reply):
        made, detail = diagnosed(reply, case.asked, blank)
    if options.id and not options.reply:
        with opened_beside(loaded.state_dir, write=True) as db:
            policy = loaded.settings.policy()
            diagnoses.save(db, case.incident, made, policy, detail=detail, now=now)
    if options.json:
        print_json(diagnosis_values(made))
    else:
        print_table(("what", "how"), diagnosis_rows(made))
    if detail:
        say(f"logwatchd: {detail}")
    return DONE if made.why is DiagnosisWhy.DIAGNOSED else FAILED
