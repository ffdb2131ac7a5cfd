"""What becomes of a text in Rust source: a log line, an error, a panic, an error type's words.

What a team's own macros and functions do is told by their names.
"""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from logwatchd.domain.statement import Kind
from logwatchd.repo.rust_tokens import is_named, literal_text, tokens_before, tokens_behind
from logwatchd.repo.syntax import Taker, text_of

_LEVELS: Final = {
    "error": "error",
    "warn": "warn",
    "info": "info",
    "debug": "debug",
    "trace": "trace",
}

_LOGS: Final = frozenset({*_LEVELS, "event", "log", "println", "eprintln", "print", "eprint"})

_PANICS: Final = frozenset(
    {"panic", "unreachable", "todo", "unimplemented", "assert", "debug_assert", "assert_eq",
     "assert_ne", "debug_assert_eq", "debug_assert_ne", "expect", "expect_err"}
)  # fmt: skip

_ERROR_MACROS: Final = frozenset(
    {"anyhow", "bail", "ensure", "format_err", "eyre", "whatever", "ensure_whatever", "report"}
)

_ERROR_CALLS: Final = frozenset(
    {"context", "with_context", "wrap_err", "wrap_err_with", "whatever_context",
     "with_whatever_context", "map_err", "ok_or", "ok_or_else", "or_else", "Err", "attach_printable",
     "change_context", "msg", "custom"}
)  # fmt: skip

_DISPLAY_ATTRIBUTES: Final = frozenset({"error", "display", "snafu"})

_WRITES: Final = frozenset({"write", "writeln", "write_str", "pad", "write_fmt"})

_PLAIN: Final = frozenset(
    {"format", "format_args", "concat", "to_string", "into", "to_owned", "from", "Some", "Ok", "new",
     "Borrowed", "as_str", "String", "vec", "const_format", "formatcp"}
)  # fmt: skip
"""What hands a text on unchanged; what takes it then decides."""

_SPANS: Final = re.compile(
    r"(?:.*_)?span|instrument|json|query\w*|cfg|include\w*|env|regex|matches|stringify"
)

_SKIPS_CONDITION: Final = {
    "assert": 1, "debug_assert": 1, "ensure": 1, "write": 1, "writeln": 1,
    "assert_eq": 2, "assert_ne": 2, "debug_assert_eq": 2, "debug_assert_ne": 2, "event": 1, "log": 1,
}  # fmt: skip
"""Arguments before the text of a macro."""

_ERROR_NAME: Final = re.compile(
    r"(?i:fail|exception|bail|reject|abort|throw|problem|fault|invalid|not_?found|bad_request"
    r"|internal|unauthori[sz]ed|forbidden|conflict)|(?:^|_|[a-z])[Ee]rr(?:or)?s?(?:_|$|[A-Z])"
)

_LOG_NAME: Final = re.compile(r"(?i)log|error|warn|alert|report|audit|trace|debug|fatal|notify")

ERROR_TYPE: Final = re.compile(r"(?:Error|Err|Failure|Fault|Problem|Rejection|Exception|Errors)$")

CODE: Final = re.compile(r"[A-Z][A-Z0-9_-]{1,31}")

_LEVEL_ARGUMENT: Final = re.compile(r"Level\s*::\s*(\w+)")


def kind_of(takers: list[Taker], names: list[str]) -> tuple[Kind | None, Taker | None]:
    """Decide what becomes of a text; the innermost taker that decides anything does."""
    unknown: Taker | None = None
    for depth, (taker, name) in enumerate(zip(takers, names, strict=True)):
        if taker.kind == "attribute":
            return _described_kind(taker, name, takers[0])
        if taker.kind == "macro" and _SPANS.fullmatch(name):
            return None, None
        kind = _taken_as(taker, name, is_innermost=depth == 0)
        if kind is not None:
            return kind, taker
        if name not in _PLAIN:
            unknown = unknown or taker
    return Kind.TEXT, unknown or (takers[-1] if takers else None)


def _described_kind(taker: Taker, name: str, first: Taker) -> tuple[Kind | None, Taker | None]:
    if name in _DISPLAY_ATTRIBUTES:
        return Kind.DISPLAY, taker
    return (Kind.TEXT, taker) if is_named(first, "message") else (None, None)


def _taken_as(taker: Taker, name: str, *, is_innermost: bool) -> Kind | None:
    """Return what a macro or a call makes of a text, None when it hands it on."""
    is_macro = taker.kind == "macro"
    if name in _PANICS:
        return Kind.PANIC
    if is_macro and name in _LOGS:
        # A text inside an argument is a value of the message, unless it is all of it.
        return Kind.LOG if is_innermost or _says_nothing(taker) else Kind.TEXT
    if name in _WRITES:
        return Kind.DISPLAY if described_type(taker.first) else Kind.TEXT
    if _makes_error(taker, name):
        return Kind.ERROR
    if is_macro and is_innermost and name not in _PLAIN and _LOG_NAME.search(name):
        return Kind.LOG
    return None


def _says_nothing(taker: Taker) -> bool:
    """Say whether the text before an argument only passes it on: `error!("{}", format!(…))`."""
    texts = [literal_text(each) for each in tokens_before(taker) if _could_be_text(each)]
    return bool(texts) and not any(sign.isalnum() for text in texts for sign in text)


def _makes_error(taker: Taker, name: str) -> bool:
    if taker.kind == "macro":
        return name in _ERROR_MACROS or bool(
            _ERROR_NAME.search(name) and not _LOG_NAME.search(name)
        )
    path = taker.name.split("::")
    types = path[:-1] if len(path) > 1 else path
    return name in _ERROR_CALLS or bool(
        any(ERROR_TYPE.search(each) for each in types) or _ERROR_NAME.search(name)
    )


def is_text(taker: Taker, name: str) -> bool:
    """Say whether a literal is the text of a macro, and no name, value or later argument."""
    skipped = _SKIPS_CONDITION.get(name, 0)
    before = tokens_before(taker)
    if before and before[-1].type not in (",", "(", "[", "{"):
        return is_named(taker, "message")
    if sum(1 for each in before if each.type == ",") < skipped:
        return False
    if _is_code_before_text(taker):
        return False
    if name in _SKIPS_CONDITION and name not in ("event", "log"):
        return True
    return not any(_could_be_text(each) for each in before)


def _is_code_before_text(taker: Taker) -> bool:
    if not taker.argument.type.endswith("string_literal"):
        return False
    is_code = CODE.fullmatch(literal_text(taker.argument)) is not None
    return is_code and any(each.type.endswith("string_literal") for each in tokens_behind(taker))


def _could_be_text(node: Node) -> bool:
    """Say whether a token is an argument of its own, and no code: then it is the text."""
    if not node.type.endswith("string_literal"):
        return False
    before = node.prev_sibling
    alone = before is None or before.type in (",", "(", "[", "{")
    return alone and CODE.fullmatch(literal_text(node)) is None


def level_of(taker: Taker) -> str:
    """Return the level of a log statement in lower case, "" where its macro does not tell."""
    name = taker.name.rpartition("::")[2]
    if name in _LEVELS:
        return _LEVELS[name]
    if name in ("event", "log"):
        found = _LEVEL_ARGUMENT.search("".join(text_of(each, 80) for each in tokens_before(taker)))
        return found[1].lower() if found else ""
    return ""


def described_type(node: Node) -> str:
    """Return the type, or the variant, that an `impl Display` around a place writes, "" for none."""
    variant = ""
    for parent, _ in _upwards(node):
        if parent.type == "match_arm" and not variant:
            found = re.match(
                r"\s*(?:\w+::)*(\w+)", text_of(parent.child_by_field_name("pattern"), 160)
            )
            variant = found[1] if found else ""
        if parent.type == "impl_item":
            trait = text_of(parent.child_by_field_name("trait"), 80).rpartition("::")[2]
            name = text_of(parent.child_by_field_name("type"), 80).partition("<")[0]
            if trait in ("Display", "Debug", "Error"):
                return f"{name}::{variant}" if variant[:1].isupper() else name
            return ""
    return ""


def _upwards(node: Node) -> Iterator[tuple[Node, Node]]:
    while (parent := node.parent) is not None:
        yield parent, node
        node = parent
