"""Kill -9 at random moments under load, with rotation: every line counted once."""

import asyncio
import json
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fakes.daemon import a_daemon, error_line, eventually, info_line
from tests.fakes.discord import FakeDiscord, fake_discord

_PROBLEMS = ("red", "green", "blue", "black", "white", "amber", "ivory", "olive")


@dataclass(slots=True)
class Writer:
    """An application that logs, and whose log is rotated in both ways."""

    log: Path
    dice: random.Random
    copies: bool = True
    written: Counter[str] = field(default_factory=Counter)
    rotations: int = 0

    async def write(self, lines: int, *, rotate_every: int) -> None:
        """Write so many lines, in bursts."""
        for n in range(lines):
            if n % rotate_every == rotate_every - 1:
                await self._rotate()
            with self.log.open("a", encoding="utf-8") as file:
                if self.dice.random() < 0.5:
                    problem = self.dice.choice(_PROBLEMS)
                    self.written[problem] += 1
                    text = error_line(f"{problem} thing broke for order {n}", n=n)
                    if n % 50 == 0:  # a line that is written in two halves
                        file.write(text[:40])
                        file.flush()
                        text = text[40:]
                    file.write(text)
                else:
                    file.write(info_line(n))
            if n % 20 == 0:
                await asyncio.sleep(0.014)  # the load lasts as long as the killing does

    async def _rotate(self) -> None:
        self.rotations += 1
        for number in range(self.rotations - 1, 0, -1):
            old = self.log.with_name(f"app.log.{number}")
            old.rename(self.log.with_name(f"app.log.{number + 1}"))
        first = self.log.with_name("app.log.1")
        if self.rotations % 3 or not self.copies:
            self.log.rename(first)
            self.log.touch()
        else:
            first.write_bytes(self.log.read_bytes())
            os.truncate(self.log, 0)


def cards_by_problem(peer: FakeDiscord) -> dict[str, list[bool]]:
    """Return for each problem whether each of its messages was marked as a possible repeat."""
    found: dict[str, list[bool]] = {problem: [] for problem in _PROBLEMS}
    for request in peer.requests:
        text = json.dumps(request.json)
        if request.method == "POST" and "thing broke" in text:
            [problem] = [each for each in _PROBLEMS if f"{each} thing" in text]
            found[problem].append("repeat" in text)
    return found


@pytest.mark.fault
@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize(
    ("lines", "kills", "seed"),
    [
        pytest.param(2_000, 4, 1, id="small"),
        *(
            pytest.param(20_000, 20, seed, id=f"full-{seed}", marks=pytest.mark.full)
            for seed in (2, 3, 4)
        ),
    ],
)
async def test_every_line_is_counted_once_and_every_problem_told_once(
    tmp_path: Path, lines: int, kills: int, seed: int, pattern: str
) -> None:
    """The promise, tried as hard as a test can, with the rotated files in and out of the pattern.

    Outside the pattern there is no copytruncate: what it copies away unread nobody can find.
    """
    dice = random.Random(seed)  # noqa: S311 -- a repeatable game of chance
    log = tmp_path / "logs" / "app.log"
    log.parent.mkdir()
    log.touch()
    writer = Writer(log, dice, copies=pattern != "app.log")
    async with fake_discord() as discord:
        environ = {
            "LOGWATCHD_PATHS": str(log.parent / pattern),
            "DISCORD_WEBHOOK_URL": discord.webhook_url,
            # Well below the thirty messages a minute that a channel takes, or the end waits for room.
            "LOGWATCHD_ALERTS__EDIT_EVERY": "2s",
            "LOGWATCHD_ALERTS__DIGEST": "false",
        }
        async with a_daemon(tmp_path, environ) as daemon, asyncio.timeout(300):
            await daemon.start()
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(writer.write(lines, rotate_every=lines // 8))
                for _ in range(kills):
                    await asyncio.sleep(dice.uniform(0.0, 0.4))
                    await daemon.kill()
                    await daemon.start(ready=dice.random() < 0.5)
                await writing
            await eventually(lambda: daemon.counted() >= writer.written.total(), seconds=60)
            await eventually(lambda: daemon.waiting() == 0, seconds=120)
            await daemon.stop()

        counts = dict(daemon.query("SELECT substr(template, 1, 5), count FROM incident"))
        assert {name.strip()[:3]: n for name, n in counts.items()} == {
            name[:3]: n for name, n in writer.written.items()
        }
        for problem, marked in cards_by_problem(discord).items():
            # One card; a second one only where it died between acceptance and record, and marked.
            assert marked, problem
            assert all(marked[1:]), f"{problem}: {marked}"
        assert discord.violations == []
