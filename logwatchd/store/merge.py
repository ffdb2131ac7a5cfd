"""Merge problems and split them again, as a person asked. Safe beside a running daemon."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.merging import Link, LinkKind, joined, parted
from logwatchd.domain.policy import Policy, Why
from logwatchd.errors import MergeRefusedError
from logwatchd.store.incidents import load_incident, note_decision, save_incidents
from logwatchd.store.links import link_of, links_into, root_of, write_links
from logwatchd.store.queue import queue_edits
from logwatchd.store.rows import us


@dataclass(frozen=True, slots=True)
class Changed:
    """What a person's merge or split led to.

    Attributes:
        merged: The problem that was merged or split off, as it stands now.
        into: The one whose incident its events count on, or counted on, as it stands now.
    """

    merged: Incident
    into: Incident


def merge(
    db: sqlite3.Connection, into: Incident, merged: Incident, policy: Policy, *, now: datetime
) -> Changed:
    """Let the events of one problem count on another's incident from now on; tells nobody.

    Must run inside a transaction. The merged problem's card is edited to say so.

    Raises:
        MergeRefusedError: They are one already, or the one to merge is merged into another.
    """
    name = merged.fingerprint
    if root_of(db, into.fingerprint) == name:
        raise MergeRefusedError(
            f"{short_id(name)} and {short_id(into.fingerprint)} are one problem already",
            hint="`logwatchd split ID` undoes a merge.",
        )
    present = link_of(db, name)
    if present is not None:
        raise MergeRefusedError(
            f"{short_id(name)} is merged into {short_id(present.merged_into)} already",
            hint=f"Undo that first: logwatchd split {short_id(name)}",
        )
    home = load_incident(db, root_of(db, into.fingerprint)) or into
    link = Link(
        fingerprint=name,
        merged_into=into.fingerprint,
        kind=LinkKind.BY_HAND,
        at=now,
        state_then=home.state,
    )
    write_links(db, [link])
    goes_on = joined(home, merged)
    save_incidents(db, [goes_on])
    detail = f"into {into.fingerprint}"
    note_decision(db, name, Why.MERGED_BY_HAND, merged.severity, now=now, detail=detail)
    queue_edits(db, [name, goes_on.fingerprint], policy, now=now)
    return Changed(merged, goes_on)


def split(
    db: sqlite3.Connection, name: str, policy: Policy, *, now: datetime
) -> tuple[Changed, ...]:
    """Undo the link of a problem, or else every merge by hand into it; tells nobody.

    Must run inside a transaction. What counted on the other incident stays there.

    Raises:
        MergeRefusedError: It is not merged, and nothing is merged into it.
    """
    own = link_of(db, name)
    merged = (each for each in links_into(db, name) if each.kind is LinkKind.BY_HAND)
    links = [own] if own is not None else list(merged)
    if not links:
        raise MergeRefusedError(
            f"{short_id(name)} is not merged with anything",
            hint="`logwatchd incidents` shows what is merged.",
        )
    return tuple(_part(db, each, policy, now=now) for each in links)


def _part(db: sqlite3.Connection, link: Link, policy: Policy, *, now: datetime) -> Changed:
    db.execute("UPDATE link SET undone_us = ? WHERE fingerprint = ?", (us(now), link.fingerprint))
    into = load_incident(db, root_of(db, link.merged_into))
    merged = load_incident(db, link.fingerprint)
    if into is None:
        raise MergeRefusedError(
            f"{short_id(link.merged_into)} is not known any more",
            hint="The next event opens a problem of its own.",
        )
    alone = parted(merged, into, link, now=now)
    save_incidents(db, [alone])
    detail = f"from {link.merged_into}; {link.events} events of it stay there"
    note_decision(db, link.fingerprint, Why.SPLIT_BY_HAND, alone.severity, now=now, detail=detail)
    queue_edits(db, [link.fingerprint], policy, now=now)
    return Changed(alone, into)
