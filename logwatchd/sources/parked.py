"""Notice what happens to files whose descriptors were given back: only their names can tell."""

import os
from collections.abc import Collection

import structlog

from logwatchd.sources.cursor import printable
from logwatchd.sources.followed import Followed, Tracked
from logwatchd.sources.lives import Identity
from logwatchd.sources.whereabouts import where_is

_log = structlog.stdlib.get_logger()


def stir(followed: Followed) -> None:
    """Mark the parked files that were written to, and find those that lost their names."""
    for identity, tracked in followed.files.items():
        if tracked.cursor.is_parked and not tracked.is_stirred:
            _ask(identity, tracked)


def stir_touched(followed: Followed, identities: Collection[Identity]) -> None:
    """Do the same for some files."""
    for identity in identities:
        tracked = followed.files.get(identity)
        if tracked is not None and tracked.cursor.is_parked:
            _ask(identity, tracked)


def _ask(identity: Identity, tracked: Tracked) -> None:
    cursor = tracked.cursor
    status = _status(cursor.path, identity)
    if status is None and not tracked.is_lost:
        found = where_is(identity, cursor.path) or where_is(identity, cursor.first_path)
        if found is None:
            tracked.is_lost = True
            _log.info("log_gone", path=printable(cursor.first_path), read_to=cursor.line_start)
            return
        cursor.path = found.path
        status = _status(cursor.path, identity)
    tracked.is_stirred = status is not None and cursor.has_changed(status)


def _status(path: str, identity: Identity) -> os.stat_result | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status if (status.st_dev, status.st_ino) == identity else None
