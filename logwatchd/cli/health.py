"""`logwatchd health`: is the daemon alive? For container health checks; standard library only."""

import argparse
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from logwatchd.places import state_directory
from logwatchd.store.lock import holder_of
from logwatchd.telemetry.heartbeat import STALE_SECONDS, last_beat

ALIVE: Final = 0
DEAD: Final = 1

TEXT: Final = "say whether the daemon lives, for health checks: 0 yes, 1 no"
DESCRIPTION: Final = """\
Says whether the daemon lives: whether a process holds the state directory, and said within the last
minute that it works. It asks nothing of the network, and works with the endpoint off.

A daemon that is degraded, such as by Discord being unreachable, is alive: a restart would mend
nothing. With --strict it counts as dead."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command alone."""
    parser.add_argument(
        "--strict", action="store_true", help="end with 1 when degraded or still starting, too"
    )


def parse(arguments: list[str]) -> Namespace:
    """Read the arguments without the parser of all commands, which takes longer than the answer.

    Raises:
        SystemExit: With 2 for wrong usage, with 0 after help.
    """
    parser = argparse.ArgumentParser(
        prog="logwatchd health",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command="health")
    parser.add_argument("--config", metavar="FILE", type=Path, help="configuration file")
    parser.add_argument("--state", metavar="DIR", type=Path, help="state directory")
    add_options(parser)
    return parser.parse_args(arguments)


def health(options: Namespace) -> int:
    """Print in one line how the daemon is."""
    directory = options.state or state_directory(options.config)
    if not holder_of(directory):
        return _say(f"dead: no daemon holds the state directory {str(directory)!a}", DEAD)
    beat = last_beat(directory)
    if beat is None:
        return _say("starting: it has not said anything yet", DEAD if options.strict else ALIVE)
    if beat.age_seconds > STALE_SECONDS:
        return _say("dead: it has not said anything for more than a minute", DEAD)
    well = beat.condition == "ready" and not beat.is_degraded
    return _say(beat.condition, ALIVE if well or not options.strict else DEAD)


def _say(text: str, code: int) -> int:
    sys.stdout.write(f"{text}\n")
    return code
