"""A storm of new problems, while the daemon is killed."""

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Final

from tests.fakes.daemon import a_daemon, error_line, eventually
from tests.fakes.discord import fake_discord

_PROBLEMS: Final = [first + second for first in "bcdfghjk" for second in "aeiouy"]
_LINES: Final = 1_500
_KILLS: Final = 3


async def test_a_storm_is_one_card_with_the_exact_count_whatever_dies_meanwhile(
    tmp_path: Path,
) -> None:
    """A bad deploy breaks everything at once, and its memory use gets the daemon killed as well."""
    dice = random.Random(5)  # noqa: S311 -- to repeat a run
    log = tmp_path / "logs" / "app.log"
    log.parent.mkdir()
    log.touch()
    written: Counter[str] = Counter()

    async def write() -> None:
        for number in range(_LINES):
            name = dice.choice(_PROBLEMS)
            written[name] += 1
            with log.open("a") as file:
                file.write(error_line(f"{name} broke {number}", n=number))
            if number % 20 == 0:
                await asyncio.sleep(0.01)  # a pace, not a wait: the storm lasts while it is killed

    async with fake_discord() as discord:
        environ = {
            "LOGWATCHD_PATHS": str(log),
            "DISCORD_WEBHOOK_URL": discord.webhook_url,
            "LOGWATCHD_ALERTS__EDIT_EVERY": "2s",
            "LOGWATCHD_ALERTS__DIGEST": "false",
        }
        async with a_daemon(tmp_path, environ) as daemon, asyncio.timeout(120):
            await daemon.start()
            async with asyncio.TaskGroup() as group:
                group.create_task(write())
                for _ in range(_KILLS):
                    await asyncio.sleep(dice.uniform(0, 0.2))
                    await daemon.kill()
                    await daemon.start(ready=dice.random() < 0.5)
            await eventually(lambda: daemon.counted() >= _LINES, seconds=60)
            await eventually(lambda: daemon.waiting() == 0, seconds=60)
            await daemon.stop()
        counts = dict(daemon.query("SELECT substr(template, 1, 2), count FROM incident"))
        storms = daemon.query("SELECT problems, events FROM storm")
        posts = [each for each in discord.requests if each.method == "POST"]

    assert counts == written
    assert storms == [(len(_PROBLEMS), _LINES)]
    # Ten problems came before it was a storm. A kill between a message and its receipt repeats it.
    storms_told = sum("storm" in json.dumps(each.json) for each in posts)
    assert 1 <= storms_told <= 1 + _KILLS
    assert 11 <= len(posts) <= 11 + _KILLS
    assert discord.violations == []
