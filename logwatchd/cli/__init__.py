"""Floor 10: the commands. The only place that prints and exits."""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Final

from logwatchd.cli.lean import without
from logwatchd.errors import (
    ConfigError,
    LogwatchdError,
    StateDamagedError,
    StateHeldError,
    StateUnusableError,
)

if TYPE_CHECKING:
    from argparse import Namespace

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
HELD: Final = 3
CONFIGURATION: Final = os.EX_CONFIG

Command = Callable[["Namespace"], int]


def entry() -> None:
    """Run a command and end the process with its exit code."""
    sys.exit(main(sys.argv[1:]))  # noqa: TID251 -- the one place


def main(argv: list[str]) -> int:
    """Run a command.

    Returns:
        The exit code: 0 done or stopped by a signal, 1 failed, 2 usage, 3 another instance
        holds the state, 78 configuration.
    """
    try:
        options = _parsed(argv)
    except SystemExit as end:  # argparse's way to say: usage, help or version
        return end.code if isinstance(end.code, int) else USAGE
    try:
        code = _command(options.command)(options)
        sys.stdout.flush()  # a reader that has gone is noticed here, not at the exit
    except LogwatchdError as error:
        return _failed(error, options)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; say nothing more at the exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return DONE
    except Exception as error:  # noqa: BLE001 -- its text may hold anything, also a secret
        from logwatchd.cli.endings import defect

        print(defect(error), file=sys.stderr)
        return FAILED
    return code


def _parsed(argv: list[str]) -> "Namespace":
    if argv[:1] == ["health"]:
        from logwatchd.cli import health

        return health.parse(argv[1:])
    from logwatchd.cli import arguments

    return arguments.parse(argv)


_HOMES: Final = {
    "run": ("run", "run"),
    "replay": ("replay", "replay"),
    "init": ("init", "init"),
    "tail": ("tail", "tail"),
    "check": ("check", "check"),
    "test-alert": ("check", "test_alert"),
    "health": ("health", "health"),
    "status": ("ask", "status"),
    "incidents": ("ask", "incidents"),
    "show": ("ask", "show"),
    "why": ("why", "why"),
    "ack": ("act", "act"),
    "resolve": ("act", "act"),
    "mute": ("act", "act"),
    "unmute": ("act", "act"),
    "merge": ("act", "merge"),
    "split": ("act", "split"),
    "parse": ("filters", "parse"),
    "fingerprint": ("filters", "fingerprints"),
    "redact": ("filters", "redact"),
    "context": ("context", "context"),
    "diagnose": ("diagnose", "diagnose"),
    "cost": ("diagnose", "cost"),
    "feedback": ("feedback", "feedback"),
    "eval": ("eval", "evaluate"),
}
"""Module and function of each command."""

_RUN_FOR_LONG: Final = frozenset({"run", "tail"})


def _command(name: str) -> Command:
    """Import a command when it is called: `--help` must not wait for an HTTP client."""
    if name == "completion":
        return _completion
    module, function = _HOMES[name]
    with without("rich", "click", "pygments") if name in _RUN_FOR_LONG else nullcontext():
        home = import_module(f"logwatchd.cli.{module}")
    command: Command = getattr(home, function)
    return command


def _failed(error: LogwatchdError, options: "Namespace") -> int:
    """Say what is wrong, and return the exit code that stands for it."""
    from logwatchd.cli.output import say  # `health` answers without it

    if isinstance(error, ConfigError):
        _say("the configuration cannot be used", error.hint)
        for name, reason in error.problems:
            say(f"  {name}: {reason}")
        return CONFIGURATION
    redact = _redaction(options)
    _say(redact(str(error)), redact(error.hint))
    if isinstance(error, StateHeldError):
        return HELD
    unusable = isinstance(error, StateUnusableError) and not isinstance(error, StateDamagedError)
    return CONFIGURATION if unusable else FAILED


def _redaction(options: "Namespace") -> Callable[[str], str]:
    """Return what hides secrets in an error, ours too: one may stand in a path that it names."""
    # Only for an error: each start would pay for it.
    from logwatchd.domain.redact import Redactor
    from logwatchd.settings import load

    try:
        return load(file=getattr(options, "config", None), to_run=False).redactor.text
    except ConfigError:
        return Redactor().text


def _completion(options: "Namespace") -> int:
    from logwatchd.cli import arguments

    print(arguments.completion(options.shell))
    return DONE


def _say(text: str, hint: str) -> None:
    from logwatchd.cli.output import say

    say(f"logwatchd: {text}")
    if hint:
        say(f"  hint: {hint}")
