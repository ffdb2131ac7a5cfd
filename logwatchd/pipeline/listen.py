"""Notice that a log is silent, and that it speaks again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from logwatchd.domain.silence import Activity, Silence, Turn, Vigil, keep_watch, sighting_of
from logwatchd.domain.texts_schema import Texts
from logwatchd.errors import StateUnusableError, StoreError
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Clock, Followed, Store

_SHORTEST: Final = timedelta(milliseconds=250)
_LONGEST: Final = timedelta(seconds=5)
_LOOKS_IN_A_LIMIT: Final = 4
_REPEAT_AFTER: Final = timedelta(seconds=20)
"""How often the state is asked whether a lasting silence is to be told again."""

_MISSED_LOOKS: Final = 3
"""Looks of a source that may fail to come before the time in between is not counted."""

_log = structlog.stdlib.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a log may be silent.

    Attributes:
        default: For patterns without a limit of their own; None for ever.
        by_pattern: Limits of single patterns; None for ever.
        look_every: How often the source asks its files.
    """

    default: timedelta | None = None
    by_pattern: Mapping[str, timedelta | None] = field(default_factory=dict)
    look_every: timedelta = timedelta(seconds=1)

    def limits(self, patterns: Sequence[str]) -> dict[str, timedelta]:
        """Return the patterns that may not be silent for ever, with their limits."""
        found = {each: self.by_pattern.get(each, self.default) for each in patterns}
        return {pattern: limit for pattern, limit in found.items() if limit is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a silence is told.

    Attributes:
        service: Name of the service whose logs these are.
        texts: Words in the language of the alerts.
    """

    service: str
    texts: Texts


class Listener:
    """Judges the silence of a source's patterns. It decides nothing: `domain.silence` does."""

    def __init__(
        self,
        followed: Followed,
        store: Store,
        clock: Clock,
        health: Health,
        wakes: Wakes,
        *,
        patience: Patience,
        voice: Voice,
    ) -> None:
        self._followed = followed
        self._store = store
        self._clock = clock
        self._health = health
        self._wakes = wakes
        self._patience = patience
        self._vigils: dict[str, Vigil] = {}
        self._known: dict[str, datetime] | None = None
        self._recorded_at = clock.now()
        self.voice = voice
        """Replaced as a whole when the settings change."""

    async def run(self) -> None:
        """Listen for ever; cancelling loses nothing, what was told is in the state."""
        while True:
            await self._clock.sleep(self._pause().total_seconds())
            await self.listen()

    async def listen(self) -> None:
        """Judge once. A state that fails is said, and judged again when it works."""
        if self._health.since("state") is not None:
            return  # reading stands still, or will: this is our silence and not the log's
        now = self._clock.now()
        try:
            if self._known is None:
                self._known = dict(await self._store.silences())
            vigils, silent, ended = self._judged(now)
            if silent or ended:
                recorded = await self._store.record_silences(silent, ended, now=now)
                self._recorded_at = now
                self._say(silent, ended)
                if recorded.jobs:
                    self._wakes.wake()
        except StateUnusableError:
            raise
        except StoreError as error:
            self._health.problem("state", str(error), hint=error.hint)
            return
        self._vigils = vigils
        self._known = {
            **{name: at for name, at in self._known.items() if name not in ended},
            **{each.pattern: each.since for each in silent},
        }

    def _judged(self, now: datetime) -> tuple[dict[str, Vigil], list[Silence], dict[str, str]]:
        """Return every watch as it stands now, what is silent, and what is no more."""
        known = self._known or {}
        limits = self._patience.limits(self._followed.patterns())
        activity = self._followed.activity() if limits else Activity(None, {})
        may_repeat = not timedelta(0) <= now - self._recorded_at < _REPEAT_AFTER
        ended = dict.fromkeys(known.keys() - limits.keys(), "not listened to any more")
        vigils: dict[str, Vigil] = {}
        silent: list[Silence] = []
        for pattern, limit in limits.items():
            vigil = self._vigils.get(pattern) or Vigil(
                pattern=pattern,
                limit=limit,
                quiet_since=known.get(pattern),
                is_silent=pattern in known,
            )
            vigils[pattern], turn = keep_watch(vigil, activity, longest_step=self._longest_step())
            if turn is Turn.ENDED:
                ended[pattern] = "lines came again"
            elif turn is Turn.BEGAN or (turn is Turn.LASTS and may_repeat):
                silent.append(self._silence(vigils[pattern], is_new=turn is Turn.BEGAN, now=now))
        return vigils, silent, ended

    def _silence(self, vigil: Vigil, *, is_new: bool, now: datetime) -> Silence:
        since = vigil.quiet_since or now
        sighting = sighting_of(
            vigil.pattern,
            service=self.voice.service,
            quiet_for=vigil.limit if is_new else max(vigil.limit, now - since),
            texts=self.voice.texts,
            now=now,
        )
        return Silence(vigil.pattern, since, sighting)

    def _say(self, silent: Sequence[Silence], ended: Mapping[str, str]) -> None:
        known = self._known or {}
        for each in silent:
            if each.pattern not in known:
                _log.warning("log_silent", pattern=each.pattern, since=str(each.since))
        for pattern, reason in ended.items():
            _log.info("log_heard", pattern=pattern, reason=reason)

    def _pause(self) -> timedelta:
        limits = self._patience.limits(self._followed.patterns()).values()
        shortest = min(limits, default=_LONGEST * _LOOKS_IN_A_LIMIT)
        return min(_LONGEST, max(_SHORTEST, shortest / _LOOKS_IN_A_LIMIT))

    def _longest_step(self) -> timedelta:
        return max(_LONGEST, self._pause(), self._patience.look_every) * _MISSED_LOOKS
