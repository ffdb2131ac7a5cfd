"""`logwatchd parse`, `fingerprint`, `redact`: filters on standard input."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator

from logwatchd.cli import DONE
from logwatchd.domain.alias_table import TABLE_LIMIT, AliasTable
from logwatchd.domain.aliases import settled
from logwatchd.domain.event import Event, Level, Unparsed
from logwatchd.domain.incident_json import event_values
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.safe_text import one_line
from logwatchd.domain.tainted import Tainted
from logwatchd.settings import load
from logwatchd.wiring import SystemClock, every_line

_TEMPLATE_LIMIT = 400


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
    """Print `id<TAB>template` for each event, or for each message with `--text`."""
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
            template = one_line(Tainted(identity.template), _TEMPLATE_LIMIT)
            if len(templates) < TABLE_LIMIT:  # of a problem in other words, the first ones
                templates[name] = template
        if options.json:
            print(json.dumps({"fingerprint": name, "template": template}))
        else:
            print(name if options.id_only else f"{name}\t{template}", flush=False)
    return DONE


def redact(options: Namespace) -> int:
    """Print standard input with secrets replaced."""
    redactor = _interpreter(options).redactor
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "replace")
        print(redactor.text(text), end="")
    return DONE


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
