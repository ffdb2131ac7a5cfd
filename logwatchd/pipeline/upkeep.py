"""What is due by time alone: resolve the quiet, note how things stand, tell systemd."""

from collections.abc import Callable
from typing import Any, Final

import structlog

from logwatchd.errors import StateUnusableError, StoreError
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Clock, Store

SWEEP_SECONDS: Final = 20.0
_LAG_SECONDS: Final = 5.0
"""How old the lag is that `logwatchd status` shows."""

_log = structlog.stdlib.get_logger()


async def sweep(
    store: Store,
    clock: Clock,
    health: Health,
    wakes: Wakes,
    standing: Callable[[], dict[str, Any]],
) -> None:
    """Sweep the state and note how things stand, for ever.

    Args:
        store: The state.
        clock: The daemon's clock.
        health: Where problems are noted.
        wakes: Whom to wake for new work.
        standing: Gives what `logwatchd status` shows of the running daemon.
    """
    while True:
        now = clock.now()
        try:
            swept = await store.sweep(now=now)
            await store.note(standing(), now=now)
        except StateUnusableError:
            raise
        except StoreError as error:
            health.problem("state", str(error), hint=error.hint)
        else:
            health.clear("state")  # writing works
            if swept.reasons:
                _log.info("swept", **swept.reasons)
            for loss in swept.lost:
                _log.warning(
                    "bytes_lost", path=loss.path, bytes=loss.untold, in_all=loss.bytes, told=True
                )
            if swept.jobs:
                wakes.wake()
        await clock.sleep(SWEEP_SECONDS)


async def note_lag(
    store: Store, clock: Clock, health: Health, standing: Callable[[], dict[str, Any]]
) -> None:
    """Note how things stand more often while files are behind, and once when they are not; for ever.

    Args:
        store: The state.
        clock: The daemon's clock.
        health: Where problems are noted.
        standing: As for `sweep`; `files.behind` is the number of files that are behind.
    """
    was_behind = False
    while True:
        await clock.sleep(_LAG_SECONDS)
        value = standing()
        is_behind = value["files"]["behind"] > 0
        if is_behind or was_behind:
            try:
                await store.note(value, now=clock.now())
            except StateUnusableError:
                raise
            except StoreError as error:
                health.problem("state", str(error), hint=error.hint)
        was_behind = is_behind
