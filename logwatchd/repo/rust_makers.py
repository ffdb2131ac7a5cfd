"""The places in Rust source that make an error of a named variant, or use a constant."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from logwatchd.domain.statement import Kind, Statement, Template
from logwatchd.repo.rust_kinds import ERROR_TYPE
from logwatchd.repo.syntax import Block, Blocks, end_line_of, line_of, text_of


def makers_of(found: dict[str, list[Node]], blocks: Blocks) -> Iterator[Statement]:
    """Yield the places that make an error of a named variant, and are no pattern."""
    seen: set[tuple[str, int]] = set()
    for node in [*found.get("made", ()), *found.get("mention", ())]:
        parts = "".join(text_of(node, 160).split()).split("::")
        if len(parts) < 2 or not ERROR_TYPE.search(parts[-2]) or not parts[-1][:1].isupper():  # noqa: PLR2004
            continue
        parent = node.parent
        if parent is None or parent.type.endswith("pattern") or parent.type in _NOT_MADE:
            continue
        symbol, line = "::".join(parts[-2:]), line_of(node)
        around = blocks.around(line)
        inner = next((each for each in reversed(around) if not each.is_module), None)
        if (symbol, line) in seen or inner is None:
            continue
        seen.add((symbol, line))
        yield _maker(symbol, line, end_line_of(parent), around)


def uses_of(source: bytes, blocks: Blocks) -> Iterator[Statement]:
    """Yield the functions that use a constant or a macro of the team's: once for each.

    Either may hold the text.
    """
    seen: set[tuple[str, int]] = set()
    for number, line in enumerate(source.split(b"\n"), 1):
        for name in _USED.findall(line) if not _NO_USE.match(line) else ():
            symbol = name.decode("ascii")
            if symbol in _STANDARD_MACROS:
                continue
            around = blocks.around(number)
            inner = next((each for each in reversed(around) if not each.is_module), None)
            if inner is None or (symbol, inner.start) in seen:
                continue
            seen.add((symbol, inner.start))
            yield _maker(symbol, number, number, around)


def _maker(symbol: str, line: int, end_line: int, around: list[Block]) -> Statement:
    inner = next(each for each in reversed(around) if not each.is_module)
    return Statement(
        path="",
        line=line,
        end_line=end_line,
        kind=Kind.ERROR,
        template=Template(("",)),
        function=inner.name,
        start=inner.start,
        end=inner.end,
        modules=tuple(each.name for each in around if each.is_module),
        symbol=symbol,
        is_test=any(each.is_test for each in around),
    )


_USED: Final = re.compile(rb"\b(?:[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|[a-z][a-z0-9_]*!(?=\s*[(\[{]))")
_STANDARD_MACROS: Final = frozenset(
    f"{name}!"
    for name in (
        *("error", "warn", "info", "debug", "trace", "event", "log", "format", "println", "vec"),
        *("eprintln", "print", "write", "writeln", "panic", "assert", "assert_eq", "assert_ne"),
        *("matches", "concat", "json", "bail", "anyhow", "ensure", "todo", "unreachable", "select"),
    )
)

_NO_USE: Final = re.compile(rb"\s*(?://|(?:pub(?:\([^)]*\))?\s+)?(?:const|static)\s|use\s)")

_NOT_MADE: Final = frozenset(
    {"scoped_identifier", "use_declaration", "use_list", "scoped_use_list"}
)
