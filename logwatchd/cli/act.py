"""`logwatchd ack`, `resolve`, `mute`, `unmute`, `merge`, `split`: safe beside a running daemon."""

from argparse import Namespace
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from logwatchd.cli import DONE, FAILED, USAGE
from logwatchd.cli.ask import one, one_name
from logwatchd.cli.output import print_json, say
from logwatchd.domain import incident as life
from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.incident_json import incident_values
from logwatchd.settings import load
from logwatchd.settings.units import duration, positive
from logwatchd.store import links, queries
from logwatchd.store import merge as merging
from logwatchd.store.files import opened_beside
from logwatchd.wiring import SystemClock


def act(options: Namespace) -> int:
    """Change the state of one problem; its cards follow by themselves."""
    loaded = load(flags=_flags(options), file=options.config, to_run=False)
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
        name = links.root_of(db, incident.fingerprint)
        changed = queries.change_by_hand(
            db, name, change, loaded.settings.policy(), now=now, detail=detail
        )
    if changed is None:
        return FAILED
    if options.json:
        print_json(incident_values(changed))
        return DONE
    if name != incident.fingerprint:
        say(f"{short_id(incident.fingerprint)} is merged into {short_id(name)}")
    say(f"{short_id(name)} is {changed.state.value} now ({detail})")
    return DONE


def merge(options: Namespace) -> int:
    """Let the events of one problem count on another's incident from now on."""
    loaded = load(flags=_flags(options), file=options.config, to_run=False)
    with opened_beside(loaded.state_dir, write=True) as db:
        into = one(queries.find(db, options.into), options.into)
        merged = one(queries.find(db, options.id), options.id)
        if into is None or merged is None:
            return FAILED
        now = SystemClock().now()
        changed = merging.merge(db, into, merged, loaded.settings.policy(), now=now)
    if options.json:
        print_json(_merged_values(changed, merged_into=into.fingerprint))
        return DONE
    merged_id, into_id = short_id(merged.fingerprint), short_id(changed.into.fingerprint)
    say(f"events of {merged_id} count on {into_id} now, which is {changed.into.state.value}")
    return DONE


def split(options: Namespace) -> int:
    """Undo a merge."""
    loaded = load(flags=_flags(options), file=options.config, to_run=False)
    with opened_beside(loaded.state_dir, write=True) as db:
        name = one_name(queries.find_names(db, options.id), options.id)
        if name is None:
            return FAILED
        now = SystemClock().now()
        parts = merging.split(db, name, loaded.settings.policy(), now=now)
    if options.json:
        print_json([_merged_values(each) for each in parts])
        return DONE
    for each in parts:
        say(
            f"{short_id(each.merged.fingerprint)} stands on its own again: "
            f"it is {each.merged.state.value}"
        )
    return DONE


def _merged_values(changed: merging.Changed, *, merged_into: str = "") -> dict[str, Any]:
    return {
        "merged": incident_values(changed.merged, merged_into=merged_into),
        "into": incident_values(changed.into),
    }


def _flags(options: Namespace) -> dict[str, str]:
    return {"state_dir": str(options.state)} if options.state else {}


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
