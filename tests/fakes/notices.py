"""Builders of incidents and notices: say what matters to the test, the rest is ordinary."""

from datetime import UTC, datetime, timedelta
from typing import Any

from logwatchd.domain.diagnosis import (
    CauseKind,
    Checked,
    Diagnosis,
    DiagnosisWhy,
    Effort,
    Found,
    Recommendation,
    Verified,
)
from logwatchd.domain.event import Category, Event, Level, Severity, Tell
from logwatchd.domain.incident import Incident, Reason, State
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.notice import CardNotice
from logwatchd.domain.tainted import Tainted

NOON = datetime(2026, 2, 3, 12, 0, 0, tzinfo=UTC)
FINGERPRINT = "v1:5d41402abc4b2a76"
MESSAGE = "pool timed out while waiting for an open connection"


def an_event(**changes: Any) -> Event:
    """Build an event of an exhausted connection pool."""
    ordinary: dict[str, Any] = {
        "at": NOON,
        "level": Level.ERROR,
        "message": MESSAGE,
        "target": "backend::db::pool",
    }
    return Event(**(ordinary | changes))


def an_incident(**changes: Any) -> Incident:
    """Build an incident seen once; a `message` sets both the sample's and the template."""
    message = changes.pop("message", MESSAGE)
    ordinary: dict[str, Any] = {
        "fingerprint": FINGERPRINT,
        "state": State.OPEN,
        "severity": Severity.CRITICAL,
        "category": Category.DATABASE,
        "tell": Tell.AT_ONCE,
        "rule": "database-pool",
        "template": message,
        "sample": an_event(message=message),
        "count": 1,
        "episode": 1,
        "episode_count": 1,
        "opened_at": NOON,
        "first_seen": NOON - timedelta(minutes=20),
        "last_seen": NOON,
        "active_at": NOON,
    }
    if "count" in changes:
        ordinary["episode_count"] = changes["count"]
    return Incident(**(ordinary | changes))


def a_card(incident: Incident | None = None, **changes: Any) -> CardNotice:
    """Build the notice of an incident seen first."""
    shown = view_of(incident or an_incident())
    ordinary: dict[str, Any] = {"incident": shown, "reason": Reason.FIRST}
    return CardNotice(**(ordinary | changes))


def a_diagnosis(text: str = "The pool is too small.", **changes: Any) -> Diagnosis:
    """Build a diagnosis with one text in every place that a model fills."""
    said = Tainted(text)
    found = Found(said, said, beyond_log=True, path=said, line=7)
    claim = Checked(said, (found,))
    ordinary: dict[str, Any] = {
        "why": DiagnosisWhy.DIAGNOSED,
        "at": NOON,
        "episode": 1,
        "model": "claude-haiku-5-5",
        "cost": 1_200_000,
        "commit": "0123456789abcdef" * 2 + "01234567",
        "verified": Verified(
            cause=claim,
            kind=CauseKind.CAPACITY,
            impact=claim,
            claims=(claim,),
            recommendations=(Recommendation(said, Effort.HOURS),),
            suspect="89abcdef" * 5,
            suspect_summary=said,
            code_change=True,
            file=said,
            unknown=(said,),
            confidence=50,
            said=80,
            quotes=2,
            found=1,
            dropped=1,
            false_suspect=True,
        ),
    }
    return Diagnosis(**(ordinary | changes))
