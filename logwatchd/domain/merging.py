"""Two problems become one, or one becomes two again: how each stands from then on.

Ids never change. A link says that the events of one problem count on another's incident. Neither
making a link nor undoing it is news: what people decided and heard of the one holds for the other.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from logwatchd.domain.incident import Incident, State, was_told


class LinkKind(StrEnum):
    """Who made a link."""

    BY_HAND = "by_hand"
    BY_VERSION = "by_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The events of one problem count on another's incident.

    Attributes:
        fingerprint: The problem that was merged.
        merged_into: The problem that its events count on; it may be merged into a third one.
        kind: Who made the link.
        at: When (aware, UTC).
        state_then: How the other one stood when the link was made.
        events: Events that have come by this link.
        last_at: When the latest of them was recorded (aware, UTC), or None.
        undone_at: When the link was undone (aware, UTC), or None while it holds.
    """

    fingerprint: str
    merged_into: str
    kind: LinkKind
    at: datetime
    state_then: State
    events: int = 0
    last_at: datetime | None = None
    undone_at: datetime | None = None


def joined(into: Incident, merged: Incident) -> Incident:
    """Return the incident that goes on, as it stands now that another's events count on it.

    What is going on is not resolved: a resolved incident takes over how the other one stands. And
    what was told of the other was told of it.
    """
    if merged.state is State.RESOLVED:
        return into
    if into.state is State.RESOLVED:
        return _standing_as(into, merged)
    if merged.told_at is None or not was_told(merged):
        return into
    return replace(
        into,
        opened_at=min(into.opened_at, merged.opened_at),
        told_at=max(into.told_at or merged.told_at, merged.told_at),
        reminders=max(into.reminders, merged.reminders),
    )


def parted(merged: Incident | None, into: Incident, link: Link, *, now: datetime) -> Incident:
    """Return the incident of a merged problem as it stands on its own again.

    It stands as it did before, unless something was decided about the other one meanwhile, or it
    was resolved and came back: then it stands as the other one does. If people were told of it, also
    by the other's card, it counts as told just now: neither late nor a reminder.

    Args:
        merged: Its incident from before; None when all its events came by the link.
        into: The incident that its events counted on.
        link: The link that is being undone.
        now: The daemon's present (aware, UTC).
    """
    if merged is None:
        alone = _without_events(into, link)
    elif into.state is not link.state_then or (merged.state is State.RESOLVED and link.events):
        alone = _standing_as(merged, into)
    else:
        alone = merged
    heard = merged is not None and was_told(merged)
    if heard or (link.events and was_told(into)):
        alone = replace(alone, told_at=now, opened_at=min(alone.opened_at, now))
    return replace(alone, active_at=max(alone.active_at, link.last_at or alone.active_at))


def _without_events(into: Incident, link: Link) -> Incident:
    """Return an incident that stands as another does, and has no event of its own yet."""
    bare = replace(into, fingerprint=link.fingerprint, count=0, episode=1, episode_count=0)
    return replace(_standing_as(bare, into), regressed=into.regressed)


def _standing_as(incident: Incident, other: Incident) -> Incident:
    """Take over the state of another incident, with its mute and with what was told of it."""
    begins = incident.state is State.RESOLVED and other.state is not State.RESOLVED
    limit = other.mute_until_count
    return replace(
        incident,
        state=other.state,
        episode=incident.episode + begins,
        episode_count=0 if begins else incident.episode_count,
        opened_at=other.opened_at,
        told_at=other.told_at,
        reminders=other.reminders,
        muted_until=other.muted_until,
        mute_until_count=None if limit is None else incident.count + limit - other.count,
        regressed=incident.regressed or begins,
        resolved_before_mute=other.resolved_before_mute,
    )
