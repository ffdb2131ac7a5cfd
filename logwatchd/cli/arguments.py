"""The arguments of the command line."""

import argparse
from pathlib import Path
from typing import Any, Final

from logwatchd import __version__
from logwatchd.cli import health
from logwatchd.domain.event import Severity
from logwatchd.domain.incident import State

COMMANDS: Final = (
    "run",
    "replay",
    "init",
    "tail",
    "check",
    "status",
    "incidents",
    "show",
    "why",
    "ack",
    "resolve",
    "mute",
    "unmute",
    "merge",
    "split",
    "test-alert",
    "health",
    "parse",
    "fingerprint",
    "redact",
    "context",
    "diagnose",
    "cost",
    "feedback",
    "eval",
    "completion",
)

_MOST: Final = 10**12
_SHELLS: Final = ("bash", "zsh", "tcsh", "fish", "powershell")

_RUN_EXAMPLES: Final = """\
examples:
  logwatchd --dry-run --once                 what it makes of the demo log
  logwatchd --dry-run /var/log/app.log       follow a log, print what would be sent
  LOGWATCHD_PATHS=/var/log/app/*.log DISCORD_WEBHOOK_URL=… logwatchd
"""
_TAIL_TEXT: Final = """\
Print every line of log files as it comes, through rotation: time, level, target, message, error
code and request. Secrets are taken out, and nothing in a log reaches the terminal as a command.
Lines that are no JSON records are printed as they stand, multi-line ones such as panics in one
piece, indented. Blank lines are left out.

Reading begins at the end of the files that are there, and at the beginning of those that come
later. A file that is not there is waited for."""
_TAIL_EXAMPLES: Final = """\
examples:
  logwatchd tail /var/log/app.log                   what comes from now on
  logwatchd tail --errors '/var/log/app/*.log'      only what a rule matches
  logwatchd tail --json --from-beginning app.log | jq -r 'select(.duration_ms > 1000).message'
  logwatchd tail --json --state ~/.app-tail app.log >> events.jsonl    goes on where it stood

with --state, a place in a file is recorded when the lines before it have been written to standard
output: after a clean stop each line is printed once, and after a crash or kill -9 the last lines
may be printed again, but none is left out. DIR may be a daemon's: the places are kept apart, in
DIR/tail. A second tail on the same DIR ends with 3.

--json prints what `logwatchd parse` prints, with "path" and "offset" (of the line's first byte);
"text" holds the lines of a block as they stand, or a line that is no record, and "unparsed" says
why it is none.

SIGINT and SIGTERM end it with 0, as does a reader that goes away."""
_ACT_EXAMPLES: Final = """\
examples:
  logwatchd ack 5d41402a                     someone is on it: no reminders
  logwatchd mute 5d41402a --for 2h           nothing is told for two hours
  logwatchd mute 5d41402a --until-count 100  nothing is told before its 100th event
"""
_MERGE_EXAMPLES: Final = """\
examples:
  logwatchd merge 5d41402a 7ba91352          events of 7ba91352 count on 5d41402a from now on
  logwatchd split 7ba91352                   7ba91352 stands on its own again
  logwatchd split 5d41402a                   so does everything that was merged into 5d41402a

Neither tells anyone anything. What was muted, acknowledged or resolved stays so."""
_WHY_EXAMPLES: Final = """\
examples:
  logwatchd why 5d41402a                     what was decided about a problem, and why
  logwatchd why "$(tail -n 1 app.log)"       what would become of a line
  tail -n 50 app.log | logwatchd why -       of lines on standard input, also a panic
  logwatchd why storm:3                      what was decided about a storm of new problems
"""
_FILTER_EXAMPLES: Final = """\
examples:
  tail -n 1 app.log | logwatchd parse        the event that a line becomes
  logwatchd fingerprint < app.log            id and template of each event
  echo 'user 17 not found' | logwatchd fingerprint --text
"""
_CONTEXT_TEXT: Final = """\
Print, for each event of standard input, a line of JSON: the functions of the source that wrote its
message, the best first, each with the reason; the commits that last touched them; and about how
many tokens the sources are. The repository is read as git objects, at one commit: neither its
files nor anything that is configured in it is touched. Rust, Python, TypeScript and JavaScript."""
_CONTEXT_EXAMPLES: Final = """\
examples:
  tail -n 1 app.log | logwatchd context --repo ~/src/server
  logwatchd context --repo server.git --commit v1.4.2 --index ~/.cache/logwatchd < app.log
"""
_DIAGNOSE_TEXT: Final = """\
Ask a model for the cause of a problem, and print its answer as far as it could be checked. The
money is reserved in the same ledger as the daemon's, within the same limits; a problem's cards are
brought up to date. With --dry-run nobody is asked: the question and what it can cost are printed."""
_DIAGNOSE_EXAMPLES: Final = """\
examples:
  logwatchd diagnose 5d41402a                       ask about a problem of the state
  logwatchd diagnose 5d41402a --dry-run             what would be asked, and for how much
  tail -n 1 app.log | logwatchd diagnose --event - --repo ~/src/server --dry-run
"""
_EVAL_TEXT: Final = """\
Build the question about each incident of DIR, check the scripted replies to it, and print the
scores; 1 when a target is missed. Needs no key and no network; with --live the model of the
settings is asked instead, and paid from the daemon's ledger. In DIR each incident is a directory
with `repository`, `app.log`, `answer.json` and `replies/*.json`; `python -m tests.incidents.build`
in a checkout makes some."""
_EVAL_EXAMPLES: Final = """\
examples:
  python -m tests.incidents.build /tmp/incidents && logwatchd eval /tmp/incidents
  logwatchd eval --json /tmp/incidents | jq .scores
"""
_REPLAY_EXAMPLES: Final = """\
examples:
  logwatchd replay '/var/log/app/app.log*'        with its rotated and compressed files
  logwatchd replay --json app.log worker.log.gz   for programs
  logwatchd replay --diff new.toml app.log        what another configuration would change
"""
_INIT_EXAMPLES: Final = """\
examples:
  logwatchd init /var/log/app/app.log                     writes ./logwatchd.toml
  logwatchd init --output /etc/logwatchd/logwatchd.toml '/var/log/app/*.log'
"""
_DESCRIPTION: Final = """\
Tails JSON logs, groups errors by problem, and keeps one live Discord card for each.
Without a command it runs the daemon."""

_EPILOG: Final = """\
examples:
  logwatchd --dry-run --once     see it work: demo log, no key, no network, no state
  logwatchd check                try the configuration without running it
  logwatchd tail app.log         follow a log, readable and without secrets
  logwatchd status               what the running daemon knows
  logwatchd COMMAND --help       more about one command

exit codes: 0 done, 1 failed, 2 usage, 3 another instance holds the state, 78 configuration"""


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the arguments; without a command, `run` is meant.

    Raises:
        SystemExit: With 2 for wrong usage, with 0 after help or version.
    """
    return _parser().parse_args(_with_command(arguments))


def completion(shell: str) -> str:
    """Return the completion script of a shell."""
    import shtab

    parser = _parser()
    _complete_paths(parser, {"FILE": shtab.FILE, "PATH": shtab.FILE, "DIR": shtab.DIRECTORY})
    return str(shtab.complete(parser, shell=shell))


def _complete_paths(parser: argparse.ArgumentParser, known: dict[str, Any]) -> None:
    """Have arguments completed as paths that say they are, here and in all commands."""
    for action in parser._actions:  # noqa: SLF001 -- as shtab itself does
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                _complete_paths(command, known)
        elif action.metavar in known:
            action.complete = known[action.metavar]  # type: ignore[attr-defined]


def _with_command(arguments: list[str]) -> list[str]:
    place = 0
    while place < len(arguments) and arguments[place].startswith("--"):
        if arguments[place] in ("--config", "--state"):
            place += 2
        elif arguments[place].startswith(("--config=", "--state=")):
            place += 1
        else:
            break
    rest = arguments[place:]
    if rest and rest[0] in (*COMMANDS, "-h", "--help", "--version"):
        return arguments
    return [*arguments[:place], "run", *rest]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="logwatchd",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"logwatchd {__version__}")
    _common(parser, default=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_replay(commands)
    _add_init(commands)
    _add_tail(commands)
    _add_questions(commands)
    _add_actions(commands)
    _add_filters(commands)
    _add_diagnosis(commands)
    done = _command(commands, "completion", "print a completion script for a shell")
    done.add_argument("shell", choices=_SHELLS)
    return parser


def _common(
    parser: argparse.ArgumentParser, *, default: Any, state_help: str = "state directory"
) -> None:
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        default=default,
        help="configuration file (default: ./logwatchd.toml, /etc/logwatchd/logwatchd.toml)",
    )
    parser.add_argument("--state", metavar="DIR", type=Path, default=default, help=state_help)


def _command(
    commands: Any,
    name: str,
    text: str,
    *,
    examples: str = "",
    json: bool = False,
    state_help: str = "state directory",
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text[:1].upper() + text[1:] + ".",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _common(parser, default=argparse.SUPPRESS, state_help=state_help)
    if json:
        parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser


def _add_run(commands: Any) -> None:
    run = _command(
        commands, "run", "run the daemon (the default)", examples=_RUN_EXAMPLES, json=True
    )
    run.add_argument(
        "--dry-run",
        action="store_true",
        help="no key, no network, no state: print what would be sent",
    )
    run.add_argument(
        "--once", action="store_true", help="with --dry-run: stop at the end of the files"
    )
    run.add_argument(
        "--from-beginning",
        action="store_true",
        help="read files met first at the first start from their beginning",
    )
    run.add_argument(
        "paths", nargs="*", metavar="PATH", help="log files: paths, globs, directories"
    )


def _add_replay(commands: Any) -> None:
    replay = _command(
        commands,
        "replay",
        "report what would have been told of old logs, and what was held back and why",
        examples=_REPLAY_EXAMPLES,
        json=True,
    )
    replay.add_argument(
        "--diff",
        metavar="OTHER.toml",
        type=Path,
        help="compare with another configuration file",
    )
    replay.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="old logs: files, also .gz, .bz2, .xz and .zst, globs, directories",
    )


def _add_init(commands: Any) -> None:
    init = _command(
        commands,
        "init",
        "write a first configuration for a log, and print what it would have told of its last day",
        examples=_INIT_EXAMPLES,
    )
    init.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        default=Path("logwatchd.toml"),
        help="where to write it (default: logwatchd.toml)",
    )
    init.add_argument("--force", action="store_true", help="replace a file that is there")
    init.add_argument(
        "paths", nargs="+", metavar="PATH", help="log files: paths, globs, directories"
    )


def _add_tail(commands: Any) -> None:
    tail = _command(
        commands,
        "tail",
        "print every line of log files as it comes",
        examples=_TAIL_EXAMPLES,
        state_help="remember in DIR how far was printed, and go on there; else nothing is kept",
    )
    tail.description = _TAIL_TEXT
    tail.add_argument("--json", action="store_true", help="print one JSON object for each line")
    tail.add_argument(
        "--errors", action="store_true", help="print only the events that a rule matches"
    )
    tail.add_argument(
        "--from-beginning",
        action="store_true",
        help="read files from their beginning; one that DIR knows goes on where it stood",
    )
    tail.add_argument("--once", action="store_true", help="stop at the end of the files")
    tail.add_argument(
        "paths", nargs="+", metavar="PATH", help="log files: paths, globs, directories"
    )


def _add_questions(commands: Any) -> None:
    check = _command(commands, "check", "try the configuration without running it", json=True)
    check.add_argument(
        "--online", action="store_true", help="also ask the sinks, by calls that tell nobody"
    )
    _command(commands, "status", "what the running or last daemon knows", json=True)
    alive = _command(commands, "health", health.TEXT)
    alive.description = health.DESCRIPTION
    health.add_options(alive)
    incidents = _command(commands, "incidents", "list the problems, the latest first", json=True)
    incidents.add_argument(
        "--state-is",
        action="append",
        default=[],
        choices=[each.value for each in State],
        help="only those in this state; may be repeated",
    )
    incidents.add_argument(
        "--severity",
        action="append",
        default=[],
        choices=[each.value for each in Severity],
        help="only those of this severity; may be repeated",
    )
    incidents.add_argument("--limit", type=_positive, default=50, help="how many at most")
    show = _command(commands, "show", "everything known about one problem", json=True)
    show.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    why = _command(
        commands,
        "why",
        "what was decided about a problem, or what would become of a line",
        examples=_WHY_EXAMPLES,
        json=True,
    )
    why.add_argument(
        "what",
        metavar="ID|LINE",
        help="a problem's id, a line of a log, or - for lines on standard input",
    )


def _add_actions(commands: Any) -> None:
    texts = {
        "ack": "take a problem on: no more reminders",
        "resolve": "end a problem: seen again, it has regressed",
        "mute": "tell nothing about a problem",
        "unmute": "tell about a problem again",
    }
    for name, text in texts.items():
        act = _command(commands, name, text, examples=_ACT_EXAMPLES, json=True)
        act.add_argument("id", metavar="ID", help="its id, or the beginning of it")
        if name == "mute":
            act.add_argument("--for", dest="duration", metavar="2h", help="end the mute after this")
            act.add_argument(
                "--until-count", type=_positive, metavar="N", help="end it at the N-th event"
            )
    merge = _command(
        commands,
        "merge",
        "let the events of one problem count on another",
        examples=_MERGE_EXAMPLES,
        json=True,
    )
    merge.add_argument("into", metavar="A", help="id of the problem that goes on")
    merge.add_argument("id", metavar="B", help="id of the problem that is merged into it")
    split = _command(commands, "split", "undo a merge", examples=_MERGE_EXAMPLES, json=True)
    split.add_argument(
        "id", metavar="ID", help="id of a problem that was merged, or that others were merged into"
    )
    _command(commands, "test-alert", "send one marked test notice through the sinks", json=True)


def _add_diagnosis(commands: Any) -> None:
    diagnose = _command(
        commands,
        "diagnose",
        "ask for the cause of a problem",
        examples=_DIAGNOSE_EXAMPLES,
        json=True,
    )
    diagnose.description = _DIAGNOSE_TEXT
    diagnose.add_argument("id", metavar="ID", nargs="?", help="its id, or the beginning of it")
    diagnose.add_argument(
        "--event", metavar="FILE", help="ask about the first event of a log; - is standard input"
    )
    diagnose.add_argument(
        "--repo", metavar="DIR", type=Path, help="the repository; else the one of the settings"
    )
    diagnose.add_argument("--dry-run", action="store_true", help="ask nobody; print the question")
    diagnose.add_argument(
        "--reply", metavar="FILE", type=Path, help="ask nobody; check the answer in FILE"
    )
    feedback = _command(commands, "feedback", "say whether a diagnosis was right", json=True)
    feedback.add_argument("id", metavar="ID", help="the problem's id, or the beginning of it")
    feedback.add_argument("verdict", choices=("up", "down"), help="right or wrong")
    feedback.add_argument("why", nargs="?", help="what was right or wrong about it")
    evaluate = _command(
        commands,
        "eval",
        "score diagnoses of incidents whose answer is known",
        examples=_EVAL_EXAMPLES,
        json=True,
    )
    evaluate.description = _EVAL_TEXT
    evaluate.add_argument("directory", metavar="DIR", type=Path, help="the incidents")
    evaluate.add_argument("--live", action="store_true", help="ask the model; needs a key")
    evaluate.add_argument(
        "--budget", metavar="DOLLARS", type=_dollars, default=2.0, help="for all calls (default: 2)"
    )
    _command(commands, "cost", "what diagnoses cost, and will have cost in a month", json=True)


def _add_filters(commands: Any) -> None:
    _command(
        commands,
        "parse",
        "print the event of each line of standard input as JSON",
        examples=_FILTER_EXAMPLES,
    )
    fingerprint = _command(
        commands,
        "fingerprint",
        "print id and template of each line of standard input",
        examples=_FILTER_EXAMPLES,
        json=True,
    )
    fingerprint.add_argument(
        "--text", action="store_true", help="the lines are messages, not JSON events"
    )
    fingerprint.add_argument("--id-only", action="store_true", help="leave the template out")
    _command(
        commands, "redact", "print standard input with secrets replaced", examples=_FILTER_EXAMPLES
    )

    context = _command(
        commands,
        "context",
        "print the source that each event of standard input came from",
        examples=_CONTEXT_EXAMPLES,
    )
    context.description = _CONTEXT_TEXT
    context.add_argument(
        "--repo",
        metavar="DIR",
        type=Path,
        required=True,
        help="the repository: a checkout, or a bare one",
    )
    context.add_argument(
        "--index",
        metavar="DIR",
        type=Path,
        help="keep the index of the source in DIR; else it is made anew each time",
    )
    context.add_argument(
        "--commit", metavar="REF", default="HEAD", help="the commit that runs (default: HEAD)"
    )


def _dollars(text: str) -> float:
    value = float(text)
    if not 0 < value <= _MOST:  # nor is NaN
        raise argparse.ArgumentTypeError("must be more than nothing")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if not 1 <= value <= _MOST:
        raise argparse.ArgumentTypeError(f"must be from 1 to {_MOST}")
    return value
