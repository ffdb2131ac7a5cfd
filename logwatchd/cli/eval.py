"""`logwatchd eval`: diagnose incidents whose answer is known, and say how well; offline unless `--live`."""

import json
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from logwatchd.app import diagnosis_parts, diagnosis_plan
from logwatchd.cli import DONE, FAILED, USAGE
from logwatchd.cli.asking import ask_within
from logwatchd.cli.filters import events_of
from logwatchd.cli.output import print_json, print_table, say
from logwatchd.domain.diagnosis import NO_COMMIT, Diagnosis, DiagnosisWhy, Verified
from logwatchd.domain.diagnosis_context import Context, Question
from logwatchd.domain.event import Category, Event, Level, Severity, Sighting, Tell, Verdict
from logwatchd.domain.evidence import stands_in
from logwatchd.domain.incident import Incident, observe
from logwatchd.domain.lines import LineReader
from logwatchd.domain.prices import NANODOLLARS, Usage, dollars
from logwatchd.domain.scores import Checkup, Outcome, Scores, Share, scores
from logwatchd.domain.source_context import estimated_tokens
from logwatchd.domain.tainted import Tainted
from logwatchd.pipeline.diagnose import Plan, diagnosed, quote_of
from logwatchd.ports import Diagnoser, Ended, Reply
from logwatchd.repo.collect import collect
from logwatchd.repo.source import SourceRepository
from logwatchd.settings import Loaded, load
from logwatchd.store.private import SOURCE_INDEX_NAME
from logwatchd.wiring import SystemClock, every_line

_ANSWER: Final = "answer.json"
_ANSWER_TOKENS: Final = 800
"""Of an ordinary answer; with it a call is priced."""

_PRICED_ON: Final = datetime(2026, 11, 20, tzinfo=UTC)
"""The day of the price table, so that the same incidents always cost the same."""

_ANY_NUMBER: Final = 10**6
_UNKNOWN: Final = Verdict("none", Severity.WARNING, Category.OTHER, Tell.AT_ONCE)


@dataclass(frozen=True, slots=True)
class _Known:
    """An incident's answer.

    Attributes:
        home: Its directory: `repository/`, `app.log`, `answer.json`, `replies/`.
        line: The first line of the log that is about it, from 1.
        site: Path and line of the statement that wrote it, None when it is not in the repository.
        guilty: The commit that is to blame, or "".
        canaries: Secrets of the log.
    """

    home: Path
    line: int
    site: tuple[str, int] | None
    guilty: str
    canaries: tuple[str, ...]


class _Live:
    """Asks the model of the settings, from the daemon's ledger, up to a sum for the whole run."""

    def __init__(self, diagnoser: Diagnoser, loaded: Loaded, most: int) -> None:
        self._diagnoser = diagnoser
        self._loaded = loaded
        self._left = most
        self.skipped = 0

    def checkups(
        self, known: _Known, incident: Incident, asked: Question, context: Context, plan: Plan
    ) -> tuple[tuple[Checkup, ...], int]:
        """Ask about one incident; return what the checks made of the reply, and what it cost."""
        model = plan.models(incident.severity)[0]
        quote = quote_of(incident, asked, model, plan, self._diagnoser, SystemClock())
        if quote.most > self._left:
            self.skipped += 1
            return (), 0
        # The sum bounds the run instead of the calls in an hour; day and month hold as they do.
        limits = self._loaded.settings.diagnosis_policy().budget
        budget = replace(limits, calls_hour=_ANY_NUMBER)
        reply, paid = ask_within(budget, incident, asked, self._diagnoser, plan, self._loaded)
        self._left -= paid
        if isinstance(reply, DiagnosisWhy):
            self.skipped += 1
            return (), 0
        found = _checkup(reply, asked, context, right=False)
        named = found.verified.suspect if found.verified is not None else None
        return (replace(found, right=named == known.guilty),), paid


def evaluate(options: Namespace) -> int:
    """Print how the incidents of a directory were diagnosed; 1 when a target is missed."""
    homes = sorted(each.parent for each in options.directory.glob(f"*/{_ANSWER}"))
    if not homes:
        say(f"logwatchd: no incidents in {options.directory}; each is a directory with {_ANSWER}")
        return USAGE
    flags = {"state_dir": str(options.state)} if options.state else {}
    loaded = load(flags=flags, file=options.config, to_run=False)
    if options.live:
        diagnoser, plan = diagnosis_parts(loaded)
        live = _Live(diagnoser, loaded, round(options.budget * NANODOLLARS))
    else:
        plan, live = diagnosis_plan(loaded), None
    outcomes = [_outcome(_known(home), loaded, plan, live) for home in homes]
    if live is not None and live.skipped:
        say(f"logwatchd: {live.skipped} incidents were not asked about: a budget was spent")
    total = scores(outcomes)
    if options.json:
        incidents = [asdict(each) | {"replies": len(each.replies)} for each in outcomes]
        print_json({"held": total.held, "scores": asdict(total), "incidents": incidents})
    else:
        _print(outcomes, total)
    return DONE if total.held else FAILED


def _known(home: Path) -> _Known:
    found = json.loads((home / _ANSWER).read_text("utf-8"))
    site = found["site"]
    return _Known(
        home=home,
        line=found["line"],
        site=(site["path"], site["line"]) if site else None,
        guilty=found["guilty"],
        canaries=tuple(found["canaries"]),
    )


def _outcome(known: _Known, loaded: Loaded, plan: Plan, live: _Live | None) -> Outcome:
    incident = _incident(known, loaded)
    with (
        tempfile.TemporaryDirectory(prefix="logwatchd-") as scratch,
        SourceRepository(known.home / "repository", Path(scratch) / SOURCE_INDEX_NAME) as source,
    ):
        source.refresh()
        context = collect(source, incident)
    asked = plan.ask(incident, context)
    tokens = estimated_tokens(asked.prompt.system) + estimated_tokens(asked.prompt.user)
    cost = plan.prices.cost(
        plan.model, Usage(input=tokens, output=_ANSWER_TOKENS), on=_PRICED_ON.date()
    )
    if live is None:
        replies = tuple(_scripted(known, asked, context))
    else:
        replies, cost = live.checkups(known, incident, asked, context, plan)
    candidates = [each.id for each in context.suspects]
    return Outcome(
        name=known.home.name,
        has_site=known.site is not None,
        in_context=_site_piece(known, asked) is not None,
        guilty=bool(known.guilty),
        rank=candidates.index(known.guilty) + 1 if known.guilty in candidates else 0,
        leaked=any(each in asked.prompt.user for each in known.canaries),
        tokens=tokens,
        nanodollars=cost,
        replies=replies,
    )


def _incident(known: _Known, loaded: Loaded) -> Incident:
    """Fold the log into the incident as the daemon would, with the log's clock as ours."""
    with (known.home / "app.log").open("rb") as lines:
        events = list(events_of(LineReader(floor=Level.TRACE), every_line(loaded), lines))
    sightings = [_sighting(each, loaded) for each in events[known.line - 1 :]]
    wanted = sightings[0].fingerprint
    policy = loaded.settings.policy()
    incident: Incident | None = None
    for each in sightings:
        if each.fingerprint == wanted:
            incident, _ = observe(
                incident, each, now=each.event.at, remind_after=policy.remind_after
            )
    assert incident is not None  # noqa: S101 -- the first sighting is of it
    return incident


def _sighting(event: Event, loaded: Loaded) -> Sighting:
    identity = loaded.fingerprinter.identify(event)
    verdict = loaded.rules.judge(event) or _UNKNOWN
    return Sighting(event, verdict, identity.fingerprint, identity.template)


def _site_piece(known: _Known, asked: Question) -> tuple[str, str] | None:
    """Return the reference of the piece with the true line, and that line."""
    if known.site is None:
        return None
    path, line = known.site
    for name, piece in asked.pieces.items():
        text = piece.source.split("\n")
        if piece.path == path and piece.start <= line < piece.start + len(text):
            true = text[line - piece.start]
            return (name, true) if stands_in(true, piece.text) else None
    return None


def _scripted(known: _Known, asked: Question, context: Context) -> Iterator[Checkup]:
    names = _names(known, asked)
    for path in sorted((known.home / "replies").glob("*.json")):
        script = json.loads(path.read_text("utf-8"))
        reply = Reply(
            text=json.dumps(_filled(script["answer"], names)),
            ended=Ended(script.get("ended", Ended.ANSWERED.value)),
            usage=Usage(),
        )
        yield _checkup(reply, asked, context, right=script["right"])


def _checkup(reply: Reply, asked: Question, context: Context, *, right: bool) -> Checkup:
    blank = Diagnosis(why=DiagnosisWhy.INVALID, at=_PRICED_ON, episode=1)
    made, _ = diagnosed(reply, asked, blank)
    quotes = _quotes(json.loads(reply.text)) if made.verified is not None else ()
    false = {Tainted(quote) for at, quote in quotes if not _stands(at, quote, asked)}
    return Checkup(
        right=right,
        false_quotes=len(false),
        kept_false=sum(each in false for each in _kept(made.verified)),
        acted=made.verified is not None and _acted(made.verified, asked, context),
        verified=made.verified,
    )


def _names(known: _Known, asked: Question) -> dict[str, tuple[str, str]]:
    """Return what the placeholders of a script stand for: a reference, and a quote from it."""
    site = _site_piece(known, asked)
    commits = {each.commit: name for name, each in asked.pieces.items() if each.commit}
    innocent = next((name for id_, name in commits.items() if id_ != known.guilty), NO_COMMIT)
    return {
        "@event": ("e1", ""),
        "@site": site or ("s1", ""),
        "@guilty": (commits.get(known.guilty, NO_COMMIT), ""),
        "@innocent": (innocent, ""),
    }


def _filled(value: Any, names: Mapping[str, tuple[str, str]]) -> Any:
    """Put references and quotes in the place of the placeholders of a scripted answer."""
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    if not isinstance(value, dict):
        return names[value][0] if isinstance(value, str) and value in names else value
    filled = {name: _filled(each, names) for name, each in value.items()}
    if value.get("quote") in names:
        filled["quote"] = names[value["quote"]][1]
    return filled


def _quotes(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for each in value:
            yield from _quotes(each)
    elif isinstance(value, dict):
        if "quote" in value:
            yield value["reference"], value["quote"]
        for each in value.values():
            yield from _quotes(each)


def _stands(reference: str, quote: str, asked: Question) -> bool:
    """Say whether a quote stands where it is said to: asked of the prompt itself, not of the checks."""
    piece = asked.pieces.get(reference)
    return piece is not None and quote in piece.text and quote in asked.prompt.user


def _kept(verified: Verified | None) -> Iterator[Tainted]:
    if verified is not None:
        for claim in (verified.cause, verified.impact, *verified.claims):
            for each in claim.found:
                yield each.quote


def _acted(verified: Verified, asked: Question, context: Context) -> bool:
    """Say whether an answer got a commit or a file past the checks that it was not offered."""
    offered = {each.id for each in context.commits} | {""}
    files = {Tainted(each.path) for each in asked.pieces.values()}
    return verified.suspect not in offered or verified.file not in files


def _print(outcomes: list[Outcome], total: Scores) -> None:
    print_table(
        ("incident", "true line", "to blame", "rank", "tokens"),
        [
            (
                each.name,
                "yes" if each.in_context else "NO",
                "a commit" if each.guilty else "none",
                str(each.rank or "missing"),
                str(each.tokens),
            )
            for each in outcomes
        ],
    )
    print()
    print_table(
        ("score", "result", "target"),
        [
            ("true line in the question", _percent(total.in_context), "95 %"),
            ("guilty commit in the top 3", _percent(total.guilty_top), "80 %"),
            ("guilty commit first", _percent(total.guilty_first), ""),
            ("none first, where none is guilty", _percent(total.none_first), "80 %"),
            ("false quotes caught", _percent(total.caught), "all"),
            ("passed though never offered", str(total.acted), "0"),
            ("secrets in a question", str(total.leaked), "0"),
            ("Brier score, as said", f"{total.brier_said:.3f}", ""),
            ("Brier score, as shown", f"{total.brier_shown:.3f}", ""),
            ("cost of the calls, estimated unless live", dollars(total.nanodollars), ""),
        ],
    )


def _percent(share: Share) -> str:
    return f"{share.percent:.0f} % ({share.found} of {share.of})"
