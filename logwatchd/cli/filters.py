"""`logwatchd parse`, `fingerprint`, `redact`: filters on standard input."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from logwatchd.cli import DONE
from logwatchd.domain.alias_table import TABLE_LIMIT, AliasTable
from logwatchd.domain.aliases import settled
from logwatchd.domain.cleaning import visible
from logwatchd.domain.event import Event, Level, Unparsed
from logwatchd.domain.incident_json import event_values
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.redact_lines import LineRedactor
from logwatchd.domain.safe_text import one_line
from logwatchd.domain.skeleton import untyped
from logwatchd.domain.tainted import Tainted
from logwatchd.settings import load
from logwatchd.wiring import SystemClock, every_line

_TEMPLATE_LIMIT: Final = 400

_PIECE_BYTES: Final = 1 << 20
"""Bytes of a line that are held at once."""

_CUT_BYTES: Final = 1 << 16
"""Bytes at the end of a piece in which a place to cut is looked for."""

_CUT_BEHIND: Final = (b"}", b"]", b",", b";", b"&", b"\n")
"""Signs behind which a long line may be cut; a space may stand between a name and its value."""


def parse(options: Namespace) -> int:
    """Print the event of each record as JSON, and say on standard error what was none."""
    interpreter = _interpreter(options)
    reader = LineReader(floor=Level.TRACE)
    for event in events_of(reader, interpreter):
        verdict = interpreter.rules.judge(event)
        values = event_values(event)
        if verdict is not None:
            values["rule"] = verdict.rule
            values["severity"] = verdict.severity.value
            values["category"] = verdict.category.value
        print(json.dumps(values))
    unparsed = reader.take_tally().unparsed
    for reason, count in sorted(unparsed.items()):
        if reason is not Unparsed.EMPTY:
            print(f"logwatchd: {count} line(s) {reason.value}", file=sys.stderr)
    return DONE


def fingerprints(options: Namespace) -> int:
    """Print `id<TAB>template` for each event, or for each message with `--text`.

    Kinds of values do not count, and a problem's template must not depend on which came first.
    """
    interpreter = _interpreter(options)
    events = (
        _messages(interpreter)
        if options.text
        else events_of(LineReader(floor=Level.TRACE), interpreter)
    )
    aliases = AliasTable()
    templates: dict[str, str] = {}
    for event in events:
        identity = interpreter.fingerprinter.identify(event)
        name = settled(identity, aliases)
        template = templates.get(name)
        if template is None:
            template = one_line(Tainted(untyped(identity.template)), _TEMPLATE_LIMIT)
            if len(templates) < TABLE_LIMIT:  # of a problem in other words, the first ones
                templates[name] = template
        if options.json:
            print(json.dumps({"fingerprint": name, "template": template}))
        else:
            print(name if options.id_only else f"{name}\t{template}", flush=False)
    return DONE


def redact(options: Namespace) -> int:
    """Print standard input with secrets replaced, each line as soon as it is there.

    A line is cut into pieces of at most `_PIECE_BYTES`, which are redacted by themselves. A pipe
    gets the rest as it was; a terminal nothing on which it would act.
    """
    redactor = LineRedactor(_interpreter(options).redactor.text)
    out = sys.stdout.buffer
    shown = visible if sys.stdout.isatty() else str
    for piece in _pieces(sys.stdin.buffer):
        out.write(shown(redactor.line(piece.decode("utf-8", "replace"))).encode())
        out.flush()
    return DONE


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    """Yield lines; of a long one, pieces that end where one of its values does, if there is one."""
    rest = b""
    while read := source.readline(_PIECE_BYTES - len(rest)):
        piece, rest = rest + read, b""
        if len(piece) >= _PIECE_BYTES and not piece.endswith(b"\n"):
            end = max(piece.rfind(sign, len(piece) - _CUT_BYTES) for sign in _CUT_BEHIND) + 1
            end = end or len(piece) - _CUT_BYTES
            piece, rest = piece[:end], piece[end:]
        yield piece
    if rest:
        yield rest


def _interpreter(options: Namespace) -> Interpreter:
    return every_line(load(file=options.config, to_run=False))


def events_of(
    reader: LineReader, interpreter: Interpreter, lines: Iterable[bytes] | None = None
) -> Iterator[Event]:
    """Yield the redacted event of each record of some lines, by default of standard input."""
    now = SystemClock().now()
    offset = 0
    for line in sys.stdin.buffer if lines is None else lines:
        end = offset + len(line)
        for parsed in reader.feed(line, start=offset, end=end, now=now):
            yield interpreter.redactor.event(parsed, received_at=now, service=interpreter.service)
        offset = end
    for parsed in reader.flush(now=now, force=True):
        yield interpreter.redactor.event(parsed, received_at=now, service=interpreter.service)


def _messages(interpreter: Interpreter) -> Iterator[Event]:
    now = SystemClock().now()
    for line in sys.stdin.buffer:
        message = interpreter.redactor.text(line.decode("utf-8", "replace").rstrip("\r\n"))
        yield Event(at=now, level=Level.ERROR, message=message)
