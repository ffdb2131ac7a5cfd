"""What the readers of the languages share: trees, literals, and what stands around a place."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tree_sitter import Language, Node, Parser, Query, QueryCursor

LITERAL_LIMIT: Final = 2_000
"""Bytes of a literal that are read; a longer one is a document, not a message."""

_CLIMB_LIMIT: Final = 24
"""Nodes between a literal and what takes it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A function, type or constant.

    Attributes:
        name: Its name.
        start: First line, from 1.
        end: Last line.
        is_test: Whether it is compiled for tests only.
        is_module: Whether it opens a module inside the file.
        is_macro: Whether it is the body of a macro.
    """

    name: str
    start: int
    end: int
    is_test: bool = False
    is_module: bool = False
    is_macro: bool = False


class Blocks:
    """The blocks of one file, asked by line."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = sorted(blocks, key=lambda each: (each.start, -each.end))
        self._starts = [each.start for each in self._blocks]

    def __iter__(self) -> Iterator[Block]:
        """Iterate in the order of their first lines."""
        return iter(self._blocks)

    def around(self, line: int) -> list[Block]:
        """Return the blocks around a line, outermost first."""
        first = bisect_right(self._starts, line)
        return [each for each in self._blocks[max(0, first - 400) : first] if each.end >= line]


@dataclass(frozen=True, slots=True)
class Taker:
    """What takes a literal as an argument: a macro, a call, an attribute.

    Attributes:
        kind: `macro`, `call`, `new`, `attribute` or `throw`.
        name: As it is written: `tracing::error`, `AppError::Internal`, `logger.error`.
        arguments: The node that holds the arguments.
        argument: The child of it that leads to the literal.
        first: The node at which the statement begins.
        last: The node at which it ends.
    """

    kind: str
    name: str
    arguments: Node | None
    argument: Node
    first: Node
    last: Node


class Grammar:
    """A parser, and the nodes of interest in its trees; loaded when it is first used."""

    def __init__(self, load: Callable[[], object], query: str) -> None:
        """Prepare.

        Args:
            load: Gives the language, as the package of a grammar does.
            query: Names the nodes of interest.
        """
        self._load = load
        self._source = query

    @cached_property
    def _parts(self) -> tuple[Parser, Query]:
        language = Language(self._load())
        return Parser(language), Query(language, self._source)

    def captures(self, source: bytes) -> dict[str, list[Node]]:
        """Parse, and return the nodes of interest by the name of their capture, in order."""
        parser, query = self._parts
        found = QueryCursor(query).captures(parser.parse(source).root_node)
        return {
            name: sorted(nodes, key=lambda each: each.start_byte) for name, nodes in found.items()
        }


def text_of(node: Node | None, limit: int = LITERAL_LIMIT) -> str:
    """Return the source of a node, "" for None."""
    if node is None or node.text is None:
        return ""
    return node.text[:limit].decode("utf-8", "replace")


def line_of(node: Node) -> int:
    """Return the first line of a node, from 1."""
    return int(node.start_point[0]) + 1


def end_line_of(node: Node) -> int:
    """Return the last line of a node, from 1."""
    return int(node.end_point[0]) + 1


def ancestors(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yield `(parent, child)` upwards, as far as one statement can be deep."""
    for _ in range(_CLIMB_LIMIT):
        parent = node.parent
        if parent is None:
            return
        yield parent, node
        node = parent


def split_arguments(nodes: Sequence[Node]) -> list[str]:
    """Return the source of the arguments that stand between commas."""
    arguments: list[str] = []
    current = ""
    for node in nodes:
        if node.type == ",":
            arguments.append(current.strip())
            current = ""
        else:
            glue = " " if current[-1:].isalnum() and text_of(node, 1).isalnum() else ""
            current += glue + text_of(node, 200)
    return [*arguments, current.strip()] if current.strip() else arguments
