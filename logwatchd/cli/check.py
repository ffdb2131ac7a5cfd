"""`logwatchd check` and `test-alert`: is it going to work?"""

import asyncio
import os
import sys
from argparse import Namespace
from dataclasses import dataclass
from typing import Final

from logwatchd.app import Mode, open_sinks, open_tracker
from logwatchd.cli import CONFIGURATION, DONE, FAILED
from logwatchd.cli.output import print_json, print_table
from logwatchd.domain.needles import needles_of
from logwatchd.domain.notice import TextKind, TextNotice
from logwatchd.errors import ConfigError, DeliveryError
from logwatchd.ports import Sink
from logwatchd.settings import Loaded, load
from logwatchd.sources.discovery import find
from logwatchd.store.private import exposure_of
from logwatchd.wiring import SystemClock

_NAMED: Final = 5
"""Rules that are named; a person mends them one after the other anyway."""


@dataclass(frozen=True, slots=True)
class _Finding:
    what: str
    verdict: str
    detail: str


def check(options: Namespace) -> int:
    """Try the configuration, the paths, the state directory and, online, the sinks."""
    flags = {"state_dir": str(options.state)} if options.state else {}
    try:
        loaded = load(flags=flags, file=options.config)
    except ConfigError as error:
        _print([_Finding(name, "failed", why) for name, why in error.problems], options)
        return CONFIGURATION
    findings = [
        _Finding("configuration", "ok", str(loaded.file or "no file; environment and defaults")),
        *_check_paths(loaded),
        _check_state(loaded),
        _Finding(
            "rules",
            "ok",
            f"{len(loaded.rules.rules)} in use, from level {loaded.rules.floor.name.lower()}",
        ),
    ]
    findings.append(_check_reading(loaded))
    if options.online:
        findings += asyncio.run(_check_sinks(loaded))
        findings += asyncio.run(_check_issues(loaded))
    else:
        findings += [
            _Finding(f"sink {each.value}", "ok", "configured; --online asks it")
            for each in loaded.settings.sinks
        ]
        findings += [
            _Finding(f"issues {each}", "ok", "configured; --online asks it")
            for each in sorted(loaded.settings.repositories())
        ]
    _print([_redacted(each, loaded) for each in findings], options)
    return FAILED if any(each.verdict == "failed" for each in findings) else DONE


def test_alert(options: Namespace) -> int:
    """Send one marked test notice through each sink."""
    flags = {"state_dir": str(options.state)} if options.state else {}
    loaded = load(flags=flags, file=options.config)
    findings = asyncio.run(_send_test(loaded))
    _print([_redacted(each, loaded) for each in findings], options)
    return FAILED if any(each.verdict == "failed" for each in findings) else DONE


def _check_paths(loaded: Loaded) -> list[_Finding]:
    source = loaded.settings.source
    findings = []
    for pattern in loaded.settings.paths:
        found = find([pattern], follow_symlinks=source.follow_symlinks)
        closed = [each.path for each in found if not os.access(each.path, os.R_OK)]
        if closed:
            findings.append(_Finding(f"path {pattern}", "failed", f"cannot read {closed[0]}"))
        elif found:
            findings.append(_Finding(f"path {pattern}", "ok", f"{len(found)} file(s)"))
        else:
            why = "no log file there yet; it is waited for"
            findings.append(_Finding(f"path {pattern}", "warning", why))
    return findings


def _check_reading(loaded: Loaded) -> _Finding:
    blind = needles_of(loaded.rules).blind
    if not blind:
        return _Finding("reading", "ok", "only lines that a rule may want are decoded")
    named = ", ".join(blind[:_NAMED])
    more = f" and {len(blind) - _NAMED} more" if len(blind) > _NAMED else ""
    why = f"every line is decoded, some 20 times the work, for the rules: {named}{more}"
    return _Finding("reading", "warning", why)


def _check_state(loaded: Loaded) -> _Finding:
    place = existing = loaded.state_dir
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return _Finding("state", "failed", f"{place} cannot be written")
    if exposed := exposure_of(place):
        return _Finding("state", "warning", exposed)
    return _Finding("state", "ok", str(place) + ("" if place.exists() else " (to be made)"))


async def _check_sinks(loaded: Loaded) -> list[_Finding]:
    findings = []
    async with open_sinks(loaded, Mode(out=sys.stdout), SystemClock()) as build:
        for name, sink in build(loaded).items():
            try:
                findings.append(_Finding(f"sink {name}", "ok", await sink.probe()))
            except DeliveryError as error:
                findings.append(_failed(name, error))
    return findings


async def _check_issues(loaded: Loaded) -> list[_Finding]:
    """Ask each repository whether issues could be filed; only a missing label may be made."""
    findings = []
    mode, clock = Mode(out=sys.stdout), SystemClock()
    async with open_tracker(loaded, mode, clock, holder="check") as build:
        if build is None:
            return []
        tracker = build(loaded)
        for repository in sorted(loaded.settings.repositories()):
            try:
                detail = await tracker.probe(repository)
                findings.append(_Finding(f"issues {repository}", "ok", detail))
            except DeliveryError as error:
                detail = f"{error} {error.hint}".strip()
                findings.append(_Finding(f"issues {repository}", "failed", detail))
    return findings


async def _send_test(loaded: Loaded) -> list[_Finding]:
    clock = SystemClock()
    notice = TextNotice(kind=TextKind.TEST, at=clock.now())
    async with open_sinks(loaded, Mode(out=sys.stdout), clock) as build:
        return [await _send(name, sink, notice) for name, sink in build(loaded).items()]


async def _send(name: str, sink: Sink, notice: TextNotice) -> _Finding:
    try:
        receipt = await sink.post(notice)
    except DeliveryError as error:
        return _failed(name, error)
    return _Finding(f"sink {name}", "ok", f"sent, message {receipt.message_id or 'unnamed'}")


def _failed(name: str, error: DeliveryError) -> _Finding:
    return _Finding(f"sink {name}", "failed", f"{error} {error.hint}".strip())


def _redacted(finding: _Finding, loaded: Loaded) -> _Finding:
    """A secret that was put where a path or a name belongs is shown nowhere either."""
    redact = loaded.redactor.text
    return _Finding(redact(finding.what), finding.verdict, redact(finding.detail))


def _print(findings: list[_Finding], options: Namespace) -> None:
    if options.json:
        print_json([{"what": e.what, "verdict": e.verdict, "detail": e.detail} for e in findings])
        return
    print_table(("what", "verdict", "detail"), [(e.what, e.verdict, e.detail) for e in findings])
