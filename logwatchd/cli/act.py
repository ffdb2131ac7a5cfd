"""`logwatchd ack`, `resolve`, `mute`, `unmute`: safe beside a running daemon."""

from argparse import Namespace
from collections.abc import Callable
from datetime import datetime, timedelta

from logwatchd.app import SystemClock
from logwatchd.cli import DONE, FAILED, USAGE
from logwatchd.cli.ask import one
from logwatchd.cli.output import print_json, say
from logwatchd.domain import incident as life
from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.incident_json import incident_values
from logwatchd.settings import load
from logwatchd.settings.units import duration, positive
from logwatchd.store import queries
from logwatchd.store.files import opened_beside


def act(options: Namespace) -> int:
    """Change the state of one problem; its cards follow by themselves."""
    flags = {"state_dir": str(options.state)} if options.state else {}
    loaded = load(flags=flags, file=options.config, to_run=False)
    now = SystemClock().now()
    try:
        change, detail = _change(options, now=now)
    except ValueError as error:
        say(f"logwatchd: --for: {error}")
        return USAGE
    with opened_beside(loaded.state_dir, write=True) as db:
        incident = one(queries.find(db, options.id), options.id)
        if incident is None:
            return FAILED
        changed = queries.change_by_hand(
            db, incident.fingerprint, change, loaded.settings.policy(), now=now, detail=detail
        )
    if changed is None:
        return FAILED
    if options.json:
        print_json(incident_values(changed))
    else:
        say(f"{short_id(changed.fingerprint)} is {changed.state.value} now ({detail})")
    return DONE


def _change(options: Namespace, *, now: datetime) -> tuple[Callable[[Incident], Incident], str]:
    match options.command:
        case "ack":
            return life.acknowledged, "acknowledged by hand"
        case "resolve":
            return life.resolved, "resolved by hand"
        case "unmute":
            return life.unmuted, "unmuted by hand"
        case _:
            until = None if options.duration is None else now + _length(options.duration)
            count = options.until_count
            parts = [
                f"until {until:%Y-%m-%d %H:%M:%SZ}" if until else "",
                f"until its event number {count}" if count else "",
            ]
            detail = " ".join(["muted by hand", *filter(None, parts)])
            return lambda each: life.muted(each, until=until, until_count=count), detail


def _length(text: str) -> timedelta:
    value = duration(text)
    if not isinstance(value, timedelta):
        raise TypeError(text)
    return positive(value)
