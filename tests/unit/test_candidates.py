"""The lines that are passed over unread are lines that no rule wants."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.candidates import CandidateFinder, expressions_of
from logwatchd.domain.event import Category, Level, Severity, Sighting, Tell
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.position import Tally
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet, RuleSpec
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.sources.archives import Lines
from logwatchd.sources.compile_search import compiled_apart

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def a_rule(name: str, **conditions: Any) -> RuleSpec:
    """Return a rule with some conditions."""
    return RuleSpec(
        name=name,
        severity=Severity.WARNING,
        category=Category.OTHER,
        tell=Tell.AT_ONCE,
        **conditions,
    )


def interpreter(*rules: RuleSpec) -> Interpreter:
    """Return an interpreter for some rules."""
    return Interpreter(rules=RuleSet(rules), redactor=Redactor())


TEXTS = (
    a_rule("words", level=Level.INFO, message=("refund failed", "환불 거절", 'said "no" twice')),
    a_rule("codes", code=("PAY-4*", "E_CARD")),
    a_rule("targets", level=Level.DEBUG, target=("*billing::*",)),
    a_rule("field", level=Level.INFO, fields={"queue": "dead-letter*"}),
    a_rule("late", level=Level.WARN, duration_over_ms=100),
)

WARNINGS = (
    a_rule("error", level=Level.ERROR),
    a_rule("words", level=Level.WARN, message=("refund failed", "환불 거절")),
    a_rule("key", level=Level.WARN, message=("anthropic",)),  # as redaction may write
    a_rule("target", level=Level.WARN, target=("llm", "*::card"), duration_over_ms=100),
    a_rule("named", level=Level.WARN, fields={"queue": "*"}),
)

SETS = {
    "warnings": interpreter(*WARNINGS),
    "shipped": interpreter(*SHIPPED),
    "fatal": interpreter(a_rule("fatal", level=Level.FATAL)),
    "error": interpreter(a_rule("error", level=Level.ERROR)),
    "texts": interpreter(*TEXTS),
}


def read(
    interpreter: Interpreter, data: bytes, *, every: bool
) -> tuple[list[Sighting], Tally, list[bytes]]:
    """Read a chunk as the daemon does, passing lines over or not."""
    reader = interpreter.reader()
    parsed, fed = [], []
    for start, stop in interpreter.wanted(data, lambda: reader, every=every):
        fed.append(data[start:stop])
        parsed += reader.feed(data[start:stop], start=start, end=stop, now=NOW)
    parsed += reader.flush(now=NOW, force=True)
    found = interpreter.sightings([(NOW, each) for each in parsed])
    return [each for each in found if each is not None], reader.take_tally(), fed


# --- what logs are made of -----------------------------------------------------------------------

WORDS = ["trace", "debug", "info", "notice", "warn", "warning", "wrn", "error", "err", "severe"]
WORDS += ["fatal", "critical", "crit", "panic", "dpanic", "alert", "emerg", "emergency", "ERROR+4"]
NUMBERS = ["0.5e2", "100", "1e2", "10", "20", "30", "35.5", "40", "4e1", "50", "60", "99", "500"]
KEYS = ["level", "log.level", "severity", "severity_text", "@l", "levelname", "lvl", "loglevel"]
MESSAGES = ["finished", "refund failed", "REFUND failed again", "환불 거절됨", 'he said "no" twice']
MESSAGES += [f"key {'sk-' + 'ant-'}{'a1B2c3D4e5' * 3}", "asked Anthropic"]
MESSAGES += ["[PAY-402] card", "errors: none", "panicked at nothing", "an ERROR in the text", "…"]


@st.composite
def spelled(draw: st.DrawFn, text: str) -> str:
    """Return a text as JSON, some of its letters written as escapes, in some case."""
    cased = "".join(draw(st.sampled_from((sign.lower(), sign.upper(), sign))) for sign in text)
    plain = json.dumps(draw(st.sampled_from((text, text, cased))), ensure_ascii=draw(st.booleans()))
    if not draw(st.booleans()):
        return plain
    at = draw(st.integers(0, max(0, len(text) - 1)))
    return json.dumps(text[:at])[:-1] + f"\\u{ord(text[at]):04x}" + json.dumps(text[at + 1 :])[1:]


@st.composite
def level_value(draw: st.DrawFn) -> str:
    """Return a level as some logger may write it."""
    if draw(st.integers(0, 4)) == 0:
        number = draw(st.sampled_from(NUMBERS))
        return draw(st.sampled_from((number, f'"{number}"')))
    word = draw(st.sampled_from(WORDS))
    dress = draw(st.sampled_from(("{}", "{}", "{}", " {}", "{}  ", "\x1b[1m\x1b[31m{}\x1b[0m")))
    return draw(spelled(dress.format(word)))


GAPS = st.sampled_from(("", "", "", " ", "  ", "\t", " \t"))


@st.composite
def record(draw: st.DrawFn) -> str:
    """Return one record, its members in any order."""
    members = []

    def put(name: str, value: str) -> None:
        name = draw(spelled(name)) if draw(st.integers(0, 9)) == 0 else json.dumps(name)
        members.append(f"{name}{draw(GAPS)}:{draw(GAPS)}{value}")

    for _ in range(draw(st.integers(0, 2))):
        put(draw(st.sampled_from(KEYS)), draw(level_value()))
    message = draw(spelled(draw(st.sampled_from(MESSAGES))))
    if draw(st.booleans()):
        put("message", message)
    else:
        queue = draw(st.sampled_from(("default", "dead-letter-1")))
        put("fields", f'{{"message":{message},"queue":"{queue}","level":"error"}}')
    put("target", draw(spelled(draw(st.sampled_from(("app", "billing::card", "llm"))))))
    if draw(st.booleans()):
        put("error_code", draw(spelled(draw(st.sampled_from(("PAY-402", "E_CARD", "X1"))))))
    if draw(st.booleans()):
        put("log", f'{{"level":{draw(level_value())}}}')
    if draw(st.booleans()):
        put("duration_ms", draw(st.sampled_from(("5", "50000"))))
    gap = draw(GAPS)
    return "{" + gap + f"{gap},{gap}".join(draw(st.permutations(members))) + gap + "}"


PANIC = "thread 'main' panicked at src/main.rs:4:5:\nit broke\nnote: run with `RUST_BACKTRACE=1`"
PLAIN = st.sampled_from(
    ("plain words", "", "  ", "\ufeff{}", "[1]", "at src/x.rs:1", PANIC, "{bad")
)


@st.composite
def line(draw: st.DrawFn) -> bytes:
    """Return one line, perhaps in a runtime's envelope, perhaps in two pieces."""
    text = draw(st.one_of(record(), record(), record(), PLAIN))
    kind = draw(st.sampled_from(("bare", "bare", "docker", "cri")))
    if kind == "bare":
        return text.encode() + draw(st.sampled_from((b"\n", b"\r\n")))
    pieces = [text]
    if draw(st.booleans()) and len(text) > 2:
        at = draw(st.integers(1, len(text) - 1))
        pieces = [text[:at], text[at:]]
    out = b""
    for number, piece in enumerate(pieces, 1):
        last = number == len(pieces)
        if kind == "docker":
            body = json.dumps(piece + "\n" * last, ensure_ascii=draw(st.booleans()))
            out += f'{{"log":{body},"stream":"stdout","time":"2026-02-03T04:05:06Z"}}\n'.encode()
        else:
            flag = "F" if last else "P"
            out += f"2026-02-03T04:05:06.1Z stdout {flag} {piece}\n".encode()
    return out


# Always the same: what a lucky draw finds is for a person to look at, not for an unrelated change.
@settings(max_examples=400, derandomize=True)
@given(lines=st.lists(line(), max_size=12), name=st.sampled_from(sorted(SETS)), whole=st.booleans())
def test_reading_only_candidates_finds_what_reading_everything_finds(
    lines: list[bytes], name: str, whole: bool
) -> None:
    """The promise of the pre-filter: no line is skipped that a rule would match."""
    data = b"".join(lines)
    data = data if whole else data.rstrip(b"\r\n")

    found, tally, _ = read(SETS[name], data, every=False)
    expected, full, _ = read(SETS[name], data, every=True)

    assert found == expected
    assert (tally.lines, tally.bytes) == (full.lines, full.bytes)


@settings(max_examples=200, derandomize=True)
@given(st.lists(st.binary(max_size=60), max_size=8), st.sampled_from(sorted(SETS)))
def test_any_bytes_are_read_alike(lines: list[bytes], name: str) -> None:
    """Whatever a broken writer leaves behind."""
    data = b"\n".join(lines)

    found, tally, _ = read(SETS[name], data, every=False)
    expected, full, _ = read(SETS[name], data, every=True)

    assert found == expected
    assert (tally.lines, tally.bytes) == (full.lines, full.bytes)


# --- what is passed over -------------------------------------------------------------------------

INFO = b'{"timestamp":"2026-02-03T04:05:06Z","level":"INFO","fields":{"message":"fine"}}\n'
ERROR = INFO.replace(b"INFO", b"ERROR")


@pytest.mark.parametrize(
    "harmless",
    [
        INFO,
        INFO.replace(b"fine", b"0 errors, no panic"),
        b'{"level":30,"time":1770000000000,"msg":"fine"}\n',
        b'{"log":"{\\"level\\":\\"INFO\\"}\\n","stream":"stdout","time":"2026-02-03T04:05:06Z"}\n',
        b'2026-02-03T04:05:06.1Z stdout F {"level":"INFO"}\n',
    ],
)
def test_ordinary_lines_are_passed_over(harmless: bytes) -> None:
    """Or nothing is gained."""
    data = harmless * 3 + ERROR + harmless * 2

    _, tally, fed = read(SETS["shipped"], data, every=False)

    assert fed == [ERROR]
    assert (tally.lines, tally.below) == (6, 5)


def test_a_text_that_a_mild_rule_asks_for_is_looked_for() -> None:
    """By its level it would be found in every line."""
    data = INFO * 3 + INFO.replace(b"fine", b"Refund FAILED") + INFO

    found, _, fed = read(SETS["texts"], data, every=False)

    assert [each.verdict.rule for each in found] == ["words"]
    assert len(fed) == 1


def test_a_warning_is_read_only_with_what_a_rule_asks_of_warnings() -> None:
    """There are more of them than errors in most logs, and few rules want any."""
    warning = INFO.replace(b"INFO", b"WARN")
    wanted = warning.replace(b"fine", b"Refund FAILED")

    found, tally, fed = read(SETS["warnings"], warning * 3 + wanted + warning, every=False)

    assert fed == [wanted]
    assert [each.verdict.rule for each in found] == ["words"]
    assert (tally.lines, tally.below) == (5, 4)


def test_the_shipped_rules_want_few_warnings_and_no_line_by_chance() -> None:
    """A kind of secret with an unlucky name would have every warning read, without a word."""
    needles = SETS["shipped"].needles

    assert needles.gate
    assert needles.blind == ()


def test_every_warning_is_read_when_a_rule_asks_nothing_of_it_that_bytes_show() -> None:
    """Slower, and still far from reading every line."""
    warning = INFO.replace(b"INFO", b"WARN")
    regex = a_rule("regex", level=Level.WARN, message_regex="refund.*failed")

    _, _, fed = read(interpreter(*WARNINGS, regex), INFO + warning + INFO, every=False)

    assert fed == [warning]


def test_a_long_stretch_of_short_lines_is_searched_though_lines_are_cut_at_less() -> None:
    """Only a line that is longer than the limit must be counted as cut."""
    reader = SETS["shipped"].reader()

    def fed(data: bytes) -> int:
        stretch = Lines(data, base=0, end=len(data))
        lines = SETS["shipped"].lines(stretch, lambda: reader, max_line_bytes=2 * len(INFO))
        return len(list(lines))

    assert fed(INFO * 10) == 0
    assert fed(INFO * 10 + INFO.replace(b"fine", b"fine" * len(INFO))) == 11


def test_a_message_made_from_a_template_is_read_whole() -> None:
    """Serilog's bytes hold the text in pieces."""
    data = b'{"@t":"2026-02-03T04:05:06Z","@mt":"re{What} failed","What":"fund"}\n'

    found, _, _ = read(SETS["texts"], data, every=False)

    assert [each.verdict.rule for each in found] == ["words"]


@pytest.mark.parametrize(
    "rule",
    [
        a_rule("slow", level=Level.INFO, duration_over_ms=5000),
        a_rule("regex", level=Level.INFO, message_regex="refund.*failed"),
        a_rule("any", message=("ok",)),
        a_rule("hidden", level=Level.INFO, message=("password",)),
        a_rule("service", level=Level.INFO, fields={"service": "api"}),
    ],
)
def test_a_rule_that_no_bytes_stand_for_has_every_line_read(rule: RuleSpec) -> None:
    """Slow and right, rather than fast and blind; `check` names the rule."""
    blind = interpreter(*SHIPPED, rule)

    assert blind.needles.blind == (rule.name,)
    assert len(read(blind, INFO * 3, every=False)[2]) == 3


def test_a_search_compiled_in_another_process_finds_the_same() -> None:
    """The daemon's is, to keep the compiler out of its memory."""
    needles = SETS["shipped"].needles
    compiled = compiled_apart(expressions_of(needles))
    data = INFO * 2 + ERROR + b"plain\n"

    assert compiled is not None
    loaded = CandidateFinder(needles, compiled=compiled)
    assert loaded.lines(data) == CandidateFinder(needles).lines(data)
    assert len(loaded.lines(data)) == 2


def test_what_cannot_be_compiled_there_is_left_to_the_caller() -> None:
    """A machine without processes to spare must still read logs."""
    assert compiled_apart(["("]) is None
