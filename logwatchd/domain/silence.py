"""Notice that a log says nothing any more, and name the incident that this is.

A pattern is judged, not a file: when a log is rotated, the old file's silence means nothing.
Only time in which the files were really asked counts, so that a daemon that stood still, or a
host that slept, does not take its own absence for the log's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from logwatchd.domain.event import (
    TEMPLATE_LIMIT,
    Category,
    Event,
    Level,
    Severity,
    Sighting,
    Tell,
    Verdict,
)
from logwatchd.domain.fingerprint import own_fingerprint
from logwatchd.domain.incident import Incident, State, reminder_is_due
from logwatchd.domain.texts_schema import Texts

RULE: Final = "log-silent"
_TARGET: Final = "logwatchd"

_TOLD_LATE_AFTER: Final = timedelta(hours=1)
"""Pause before an episode that a ceiling held back is tried again."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What a source knows of the life in its files.

    Attributes:
        asked_at: When the last round began in which every file was asked for new bytes, to the
            end of the round (aware, UTC); None before the first one.
        grown_at: By pattern, when new bytes last came from a file that it names.
    """

    asked_at: datetime | None
    grown_at: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Silence:
    """A pattern from which nothing comes.

    Attributes:
        pattern: The pattern.
        since: Since when (aware, UTC).
        sighting: The event that it is, if people are to be told.
    """

    pattern: str
    since: datetime
    sighting: Sighting


class Turn(Enum):
    """What a look at a pattern brought."""

    NONE = 0
    BEGAN = 1
    """It has been silent for long enough."""
    LASTS = 2
    ENDED = 3
    """Lines came again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vigil:
    """The watch over one pattern.

    Attributes:
        pattern: The pattern.
        limit: Silence that is too long.
        quiet_since: Since when nothing came (aware, UTC), or None before the first round.
        quiet_for: How much of that time the files were really asked.
        asked_at: The last round taken into account.
        grown_at: The last growth taken into account.
        is_silent: Whether people are told that it is silent.
    """

    pattern: str
    limit: timedelta
    quiet_since: datetime | None = None
    quiet_for: timedelta = timedelta(0)
    asked_at: datetime | None = None
    grown_at: datetime | None = None
    is_silent: bool = False


def keep_watch(vigil: Vigil, activity: Activity, *, longest_step: timedelta) -> tuple[Vigil, Turn]:
    """Take what a source knows into a watch.

    Args:
        vigil: The watch so far.
        activity: What the source knows now.
        longest_step: Time between two rounds above which nobody was watching in between: it
            does not count.
    """
    asked, grown = activity.asked_at, activity.grown_at.get(vigil.pattern)
    if grown is not None and grown != vigil.grown_at:
        heard = replace(
            vigil,
            quiet_since=grown,
            quiet_for=timedelta(0),
            asked_at=asked,
            grown_at=grown,
            is_silent=False,
        )
        return heard, Turn.ENDED if vigil.is_silent else Turn.NONE
    if asked is None or asked == vigil.asked_at:
        return vigil, Turn.NONE
    step = timedelta(0) if vigil.asked_at is None else asked - vigil.asked_at
    counted = step if timedelta(0) < step <= longest_step else timedelta(0)
    quiet_for = vigil.quiet_for + counted
    is_silent = vigil.is_silent or quiet_for >= vigil.limit
    watched = replace(
        vigil,
        quiet_since=vigil.quiet_since or asked,
        quiet_for=quiet_for,
        asked_at=asked,
        is_silent=is_silent,
    )
    if not is_silent:
        return watched, Turn.NONE
    return watched, Turn.LASTS if vigil.is_silent else Turn.BEGAN


def sighting_of(
    pattern: str, *, service: str, quiet_for: timedelta, texts: Texts, now: datetime
) -> Sighting:
    """Return the event that a silence is.

    Args:
        pattern: What is silent.
        service: Name of the service.
        quiet_for: How long it has been so.
        texts: In which language.
        now: The present (aware, UTC).
    """
    seconds = max(1, round(quiet_for.total_seconds()))
    event = Event(
        at=now,
        level=Level.WARN,
        message=texts.log_silent_for(pattern, texts.span(seconds)),
        target=_TARGET,
        service=service,
    )
    verdict = Verdict(RULE, Severity.WARNING, Category.APPLICATION, Tell.AT_ONCE)
    template = texts.log_silent(pattern)[:TEMPLATE_LIMIT]
    return Sighting(event, verdict, name_of(pattern, service=service), template)


def name_of(pattern: str, *, service: str) -> str:
    """Return the fingerprint of a pattern's silence: the same on every host, in any language."""
    own = f"{RULE}\0{service}\0{pattern}"
    return own_fingerprint(own)


def is_to_be_repeated(incident: Incident, *, now: datetime, remind_after: timedelta) -> bool:
    """Say whether a lasting silence is an event again: for a reminder, or because it was not told.

    No line ever comes that could bring a reminder up.
    """
    if incident.state is not State.OPEN:
        return False
    if incident.told_at is None or incident.told_at < incident.opened_at:
        return now - incident.active_at >= _TOLD_LATE_AFTER
    return reminder_is_due(incident, now=now, remind_after=remind_after)
