"""What people said of diagnoses. All functions must run inside a transaction."""

import sqlite3
from enum import StrEnum

from logwatchd.domain.diagnosis import Diagnosis
from logwatchd.domain.feedback import Accuracy, Feedback, FeedbackSource
from logwatchd.domain.incident import Incident
from logwatchd.store.rows import at_us, us


class By(StrEnum):
    """What accuracy is counted by."""

    CATEGORY = "category"
    PROMPT = "prompt"


def save(
    db: sqlite3.Connection, incident: Incident, diagnosis: Diagnosis, feedback: Feedback
) -> None:
    """Keep what was said of a diagnosis; what was said in that place before is replaced."""
    db.execute(
        "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            incident.fingerprint,
            diagnosis.episode,
            feedback.source.value,
            us(feedback.at),
            feedback.up,
            feedback.down,
            feedback.why,
            incident.category.value,
            diagnosis.prompt,
            diagnosis.model,
        ),
    )


def load(db: sqlite3.Connection, fingerprint: str) -> list[Feedback]:
    """Return what was said of the diagnoses of an incident, the latest first."""
    rows = db.execute(
        "SELECT source, up, down, why, at_us FROM feedback WHERE fingerprint = ? "
        "ORDER BY at_us DESC, source",
        (fingerprint,),
    ).fetchall()
    return [
        Feedback(source=FeedbackSource(source), up=up, down=down, why=why, at=at_us(at))
        for source, up, down, why, at in rows
    ]


def accuracy(db: sqlite3.Connection, by: By) -> list[Accuracy]:
    """Count right and wrong diagnoses by category or by prompt; those that divide people are none."""
    rows = db.execute(
        "SELECT name, COUNT(*) FILTER (WHERE said > 0), COUNT(*) FILTER (WHERE said < 0) FROM "  # noqa: S608 -- constant
        f"(SELECT {by.value} AS name, SUM(up) - SUM(down) AS said FROM feedback "
        "GROUP BY fingerprint, episode) GROUP BY name ORDER BY name"
    ).fetchall()
    return [Accuracy(*row) for row in rows]
