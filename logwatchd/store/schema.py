"""The tables, as numbered migrations. Each runs in one transaction with its number."""

import sqlite3
from typing import Final

from logwatchd.errors import StateUnusableError

_FIRST: Final = """
CREATE TABLE position (
  key TEXT PRIMARY KEY, path TEXT NOT NULL, device TEXT NOT NULL, inode TEXT NOT NULL,
  generation INTEGER NOT NULL, head_bytes INTEGER NOT NULL, head_digest TEXT NOT NULL,
  offset INTEGER NOT NULL, marker_bytes INTEGER NOT NULL, marker_digest TEXT NOT NULL,
  state TEXT NOT NULL, updated_us INTEGER NOT NULL,
  lines INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  events INTEGER NOT NULL DEFAULT 0, unparsed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE total (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
  fingerprint TEXT PRIMARY KEY, state TEXT NOT NULL, severity TEXT NOT NULL,
  category TEXT NOT NULL, tell TEXT NOT NULL, rule TEXT NOT NULL, template TEXT NOT NULL,
  sample TEXT NOT NULL, count INTEGER NOT NULL, episode INTEGER NOT NULL,
  episode_count INTEGER NOT NULL, opened_us INTEGER NOT NULL, first_seen_us INTEGER NOT NULL,
  last_seen_us INTEGER NOT NULL, active_us INTEGER NOT NULL, told_us INTEGER,
  reminders INTEGER NOT NULL, muted_until_us INTEGER, mute_until_count INTEGER,
  regressed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_active ON incident (state, active_us);

CREATE TABLE bucket (
  fingerprint TEXT NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL,
  collected INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (fingerprint, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX bucket_hour ON bucket (hour) WHERE collected > 0;

CREATE TABLE decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, fingerprint TEXT NOT NULL,
  why TEXT NOT NULL, severity TEXT NOT NULL, detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX decision_of ON decision (fingerprint, id);
CREATE INDEX decision_at ON decision (at_us);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, kind TEXT NOT NULL,
  subject TEXT NOT NULL, reason TEXT NOT NULL, payload TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'pending', attempts INTEGER NOT NULL DEFAULT 0,
  maybe_repeat INTEGER NOT NULL DEFAULT 0, created_us INTEGER NOT NULL,
  queued_us INTEGER NOT NULL, due_us INTEGER NOT NULL, error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX outbox_one ON outbox (sink, subject) WHERE state = 'pending';
CREATE INDEX outbox_due ON outbox (sink, due_us) WHERE state = 'pending';

CREATE TABLE card (
  sink TEXT NOT NULL, fingerprint TEXT NOT NULL, message_id TEXT NOT NULL,
  posted_us INTEGER NOT NULL, sent_us INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (sink, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

_HONESTY: Final = """
ALTER TABLE position ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
ALTER TABLE position ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE position ADD COLUMN lost_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE position ADD COLUMN lost_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE position ADD COLUMN lost_told_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE position ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;
ALTER TABLE position ADD COLUMN read_us INTEGER NOT NULL DEFAULT 0;
UPDATE position SET size = offset;
CREATE INDEX position_lost ON position (path) WHERE lost > 0;

CREATE TABLE unparsed (
  key TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (key, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE silence (
  pattern TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, since_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
"""Counters of each file, what was lost, and which logs are silent."""

_ALIASES: Final = """
CREATE TABLE alias (
  id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, grp TEXT NOT NULL, how TEXT NOT NULL,
  words TEXT NOT NULL, alike TEXT NOT NULL, key0 INTEGER, key1 INTEGER, key2 INTEGER,
  at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX alias_group ON alias (grp);
CREATE INDEX alias_key0 ON alias (key0) WHERE key0 IS NOT NULL;
CREATE INDEX alias_key1 ON alias (key1) WHERE key1 IS NOT NULL;
CREATE INDEX alias_key2 ON alias (key2) WHERE key2 IS NOT NULL;
"""
"""Which skeletons are one problem in other words."""

_GROUPS: Final = """
ALTER TABLE incident ADD COLUMN resolved_before_mute INTEGER NOT NULL DEFAULT 0;

CREATE TABLE outcome (
  fingerprint TEXT NOT NULL, why TEXT NOT NULL, first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (fingerprint, why)
) STRICT, WITHOUT ROWID;
CREATE INDEX outcome_storm ON outcome (first_us) WHERE why = 'held_storm';

CREATE TABLE link (
  fingerprint TEXT PRIMARY KEY, merged_into TEXT NOT NULL, kind TEXT NOT NULL,
  at_us INTEGER NOT NULL, state_then TEXT NOT NULL, events INTEGER NOT NULL DEFAULT 0,
  last_us INTEGER, undone_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX link_into ON link (merged_into);

CREATE TABLE newcomer (
  service TEXT NOT NULL, target TEXT NOT NULL, last_us INTEGER NOT NULL, latest TEXT NOT NULL,
  PRIMARY KEY (service, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX newcomer_last ON newcomer (last_us);

CREATE TABLE storm (
  number INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, target TEXT NOT NULL,
  since_us INTEGER NOT NULL, problems INTEGER NOT NULL, events INTEGER NOT NULL,
  ended_us INTEGER
) STRICT;
CREATE INDEX storm_live ON storm (number) WHERE ended_us IS NULL;

CREATE TABLE storm_problem (
  fingerprint TEXT PRIMARY KEY, storm INTEGER NOT NULL, events INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX storm_problem_of ON storm_problem (storm, events);
"""
"""What became of each problem's events, which problems are merged, and storms of new ones."""

_ANCHORS: Final = """
CREATE TABLE anchor (
  fingerprint TEXT PRIMARY KEY, episode INTEGER NOT NULL, at_us INTEGER NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
"""Where in the source each incident comes from, as of the episode in which it was looked for."""

_DIAGNOSES: Final = """
CREATE TABLE ledger (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, wall_us INTEGER NOT NULL,
  fingerprint TEXT NOT NULL, category TEXT NOT NULL, model TEXT NOT NULL,
  reserved INTEGER NOT NULL, spent INTEGER, job INTEGER,
  input INTEGER NOT NULL DEFAULT 0, output INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ledger_at ON ledger (at_us);
CREATE INDEX ledger_job ON ledger (job) WHERE job IS NOT NULL;

CREATE TABLE diagnosis (
  fingerprint TEXT PRIMARY KEY, at_us INTEGER NOT NULL, value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX diagnosis_at ON diagnosis (at_us);

CREATE TABLE feedback (
  fingerprint TEXT NOT NULL, episode INTEGER NOT NULL, source TEXT NOT NULL, at_us INTEGER NOT NULL,
  up INTEGER NOT NULL, down INTEGER NOT NULL, why TEXT NOT NULL, category TEXT NOT NULL,
  prompt TEXT NOT NULL, model TEXT NOT NULL, PRIMARY KEY (fingerprint, episode, source)
) STRICT, WITHOUT ROWID;
"""
"""What was reserved and spent (nanodollars, by the steady clock), what became of it, and what people
think of that."""

_ISSUES: Final = """
CREATE TABLE issue (
  fingerprint TEXT PRIMARY KEY, repository TEXT NOT NULL, why TEXT NOT NULL, phase TEXT NOT NULL,
  number INTEGER, closed INTEGER NOT NULL DEFAULT 0, close_reason TEXT NOT NULL DEFAULT '',
  assigned INTEGER NOT NULL DEFAULT 0, mute_label TEXT NOT NULL DEFAULT '',
  attempting TEXT NOT NULL DEFAULT '', attempted_us INTEGER, creates INTEGER NOT NULL DEFAULT 0,
  said TEXT NOT NULL DEFAULT '', shown_count INTEGER NOT NULL DEFAULT 0,
  shown_state TEXT NOT NULL DEFAULT '', shown_episode INTEGER NOT NULL DEFAULT 0,
  shown_severity TEXT NOT NULL DEFAULT '', shown_us INTEGER,
  edit_at_count INTEGER NOT NULL DEFAULT 0, wanted_us INTEGER NOT NULL, due_us INTEGER NOT NULL, error TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX issue_number ON issue (repository, number) WHERE number IS NOT NULL;
"""
"""The issue of each problem that has one: what is wanted, what is there, what it shows."""

MIGRATIONS: Final = (_FIRST, _HONESTY, _ALIASES, _GROUPS, _ANCHORS, _ISSUES, _DIAGNOSES)
"""Number n is what turns schema n into n + 1. Never edit one that was released: add another."""

LATEST: Final = len(MIGRATIONS)


def migrate(db: sqlite3.Connection) -> int:
    """Bring the tables up to date.

    Returns:
        The number of the schema found, 0 for a new file.

    Raises:
        StateUnusableError: The file was written by a newer release; it is left as it is.
    """
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > LATEST:
        raise StateUnusableError(
            f"state: schema {found} is newer than the {LATEST} that this release knows",
            hint="Install the newer release again, or give this one another state directory.",
        )
    for number in range(found, LATEST):
        db.execute("BEGIN EXCLUSIVE")
        try:
            for statement in MIGRATIONS[number].split(";\n"):
                if statement.strip():
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {number + 1}")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
    return found
