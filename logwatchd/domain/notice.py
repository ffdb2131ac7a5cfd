"""What a sink is asked to tell."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from logwatchd.domain.anchor import Anchor
from logwatchd.domain.diagnosis import Diagnosis
from logwatchd.domain.incident import Reason
from logwatchd.domain.incident_view import IncidentView
from logwatchd.domain.storm import Storm


@dataclass(frozen=True, slots=True, kw_only=True)
class CardNotice:
    """The card of one incident, as it stands now.

    Attributes:
        incident: The incident.
        reason: Why the card is posted; for an edit, why it was posted first.
        hourly: Events in each of the last 24 hours, oldest first, the running hour last.
        merged_into: The problem on whose incident its events count now, or "".
        maybe_repeat: Whether the destination may have this message already.
        anchor: Where in the source it comes from, when that is known.
        diagnosis: What became of the diagnosis of the present episode, if there was one.
    """

    incident: IncidentView
    reason: Reason
    hourly: tuple[int, ...] = ()
    merged_into: str = ""
    maybe_repeat: bool = False
    anchor: Anchor | None = None
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One problem in a digest, or of a storm."""

    incident: IncidentView
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestNotice:
    """What happened in a stretch of time, beyond the cards.

    Attributes:
        since: Begin of the stretch (aware, UTC).
        until: End of the stretch (aware, UTC).
        lines: The problems with the most events first, at most 10.
        more_problems: Number of problems that found no place in `lines`.
        more_events: Number of their events.
        held_back: Cards held back in the stretch, by the name of the reason.
        maybe_repeat: Whether the destination may have this message already.
    """

    since: datetime
    until: datetime
    lines: tuple[DigestLine, ...]
    more_problems: int = 0
    more_events: int = 0
    held_back: dict[str, int] = field(default_factory=dict)
    maybe_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StormNotice:
    """Many new problems of one target, as they stand now.

    Attributes:
        storm: The storm; its target may hold anything.
        examples: The problems with the most events in it, the largest first.
        maybe_repeat: Whether the destination may have this message already.
    """

    storm: Storm
    examples: tuple[DigestLine, ...] = ()
    maybe_repeat: bool = False


class TextKind(StrEnum):
    """What a text notice is about."""

    TEST = "test"
    STATE_DAMAGED = "state_damaged"
    STATE_FAILING = "state_failing"
    STATE_RECOVERED = "state_recovered"
    NOTICE_REFUSED = "notice_refused"
    BYTES_LOST = "bytes_lost"
    DIAGNOSIS_STOPPED = "diagnosis_stopped"
    ISSUES_HELD = "issues_held"
    ISSUE_REFUSED = "issue_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextNotice:
    """Something the daemon says about itself.

    Attributes:
        kind: What it is about; the words come from the catalogue of texts.
        details: Facts to show, as `(label, value)`; the labels are our own words, the values may
            name files.
        at: When (aware, UTC).
        maybe_repeat: Whether the destination may have this message already.
    """

    kind: TextKind
    at: datetime
    details: tuple[tuple[str, str], ...] = ()
    maybe_repeat: bool = False


Notice = CardNotice | DigestNotice | StormNotice | TextNotice


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a destination returned for a message, enough to edit it later.

    Attributes:
        message_id: The destination's name for the message.
        posted_at: When it was posted, by the daemon's clock (aware, UTC).
    """

    message_id: str
    posted_at: datetime
