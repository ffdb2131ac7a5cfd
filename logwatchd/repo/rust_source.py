"""Log statements and error texts of Rust source."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import tree_sitter_rust
from tree_sitter import Node

from logwatchd.domain.format_strings import braces, filled
from logwatchd.domain.statement import (
    ANY_TARGET,
    Kind,
    Statement,
    Template,
    is_message,
    template_from,
)
from logwatchd.repo.rust_kinds import CODE, described_type, is_text, kind_of, level_of
from logwatchd.repo.rust_makers import makers_of, uses_of
from logwatchd.repo.rust_tokens import (
    joined_texts,
    literal_text,
    literals_before,
    takers_of,
    tokens_before,
    tokens_behind,
)
from logwatchd.repo.syntax import (
    Block,
    Blocks,
    Grammar,
    Taker,
    ancestors,
    end_line_of,
    line_of,
    split_arguments,
    text_of,
)

_QUERY: Final = """
(string_literal) @literal
(raw_string_literal) @literal
(function_item) @block
(enum_item) @block
(struct_item) @block
(const_item) @block
(static_item) @block
(macro_definition) @block
(mod_item body: (_)) @module
(attribute_item) @attribute
(call_expression function: (scoped_identifier) @made)
(struct_expression name: (scoped_type_identifier) @made)
(scoped_identifier) @mention
"""

_MACRO: Final = "macro_definition"

_TEST_ATTRIBUTE: Final = re.compile(r"#\[(?:cfg\((?:all\()?test\b|(?:\w+::)*test\b|rstest)")

_grammar = Grammar(tree_sitter_rust.language, _QUERY)


def read(source: bytes) -> tuple[list[Statement], list[Statement], Blocks]:
    """Read one file.

    Returns:
        The statements, the places that make errors of a named variant, and the blocks. Their
        paths are "".
    """
    found = _grammar.captures(source)
    blocks = _blocks(found)
    displays = _displays(found.get("attribute", ()))
    constants = dict(_constants(found.get("block", ())))
    statements = []
    for node in found.get("literal", ()):
        statement = _statement(node, blocks, displays, constants)
        if statement is not None:
            statements.append(statement)
    makers = [*makers_of(found, blocks), *uses_of(source, blocks)]
    return statements, makers, blocks


def _blocks(found: dict[str, list[Node]]) -> Blocks:
    tests = {
        end_line_of(node): True
        for node in found.get("attribute", ())
        if _TEST_ATTRIBUTE.match(text_of(node, 80))
    }
    blocks = []
    for capture, is_module in (("block", False), ("module", True)):
        for node in found.get(capture, ()):
            name = text_of(node.child_by_field_name("name"), 120)
            line = line_of(node)
            marked = any(above in tests for above in _attribute_lines(node))
            blocks.append(
                Block(name, line, end_line_of(node), marked, is_module, node.type == _MACRO)
            )
    return Blocks(blocks)


def _constants(blocks: Sequence[Node]) -> Iterator[tuple[str, str]]:
    """Yield name and text of the constants of a file."""
    for node in blocks:
        value = node.child_by_field_name("value")
        if value is not None and value.type.endswith("string_literal"):
            yield text_of(node.child_by_field_name("name"), 120), literal_text(value)


def _attribute_lines(node: Node) -> Iterator[int]:
    """Yield the last lines of the attributes above an item."""
    above = node.prev_sibling
    while above is not None and above.type in ("attribute_item", "line_comment"):
        yield end_line_of(above)
        above = above.prev_sibling


def _displays(attributes: Sequence[Node]) -> dict[int, str]:
    """Return, by the place of an `#[error]`, the variant or type that it describes."""
    named: dict[int, str] = {}
    for node in attributes:
        item = node.next_sibling
        while item is not None and item.type in ("attribute_item", "line_comment"):
            item = item.next_sibling
        if item is None:
            continue
        name = text_of(item.child_by_field_name("name"), 120)
        if item.type == "enum_variant":
            enum = next((up for up, _ in ancestors(item) if up.type == "enum_item"), None)
            outer = text_of(enum.child_by_field_name("name"), 120) if enum else ""
            named[node.start_byte] = f"{outer}::{name}"
        elif item.type in ("struct_item", "enum_item"):
            named[node.start_byte] = name
    return named


def _statement(
    node: Node, blocks: Blocks, displays: dict[int, str], constants: dict[str, str]
) -> Statement | None:
    """Return the statement of a literal, None when no message is made of it."""
    takers = list(takers_of(node))
    names = [each.name.rpartition("::")[2].rpartition(".")[2] for each in takers]
    joined = takers[0] if takers and names[0] == "concat" else None
    if joined is not None:
        if literals_before(joined):
            return None  # the first literal stands for all
        takers, names = takers[1:], names[1:]
    kind, main = kind_of(takers, names)
    if kind is None:
        return None
    text_taker = takers[0] if takers else None
    if text_taker is not None and text_taker.kind == "macro" and not is_text(text_taker, names[0]):
        return None
    parts = joined_texts(joined) if joined else [(literal_text(node), False)]
    template = _template(parts, takers, kind).with_constants(constants)
    definite = kind is not Kind.TEXT
    if not any(any(sign.isalnum() for sign in each) for each in template.literals):
        return None
    if not definite and not is_message(template):
        return None
    return _placed(node, template, kind, takers, main, blocks, displays)


def _placed(
    node: Node,
    template: Template,
    kind: Kind,
    takers: list[Taker],
    main: Taker | None,
    blocks: Blocks,
    displays: dict[int, str],
) -> Statement:
    first, last = (main.first, main.last) if main else (node, node)
    line = min(line_of(first), line_of(node))
    around = blocks.around(line_of(node))
    inner = next((each for each in reversed(around) if not each.is_module), None)
    before = tokens_before(main) if kind is Kind.LOG and main else []
    symbol = _symbol(takers, kind, displays)
    if kind is Kind.DISPLAY and not symbol:
        symbol = described_type(node)
    if inner and inner.is_macro:
        symbol = f"{inner.name}!"
    return Statement(
        path="",
        line=line,
        end_line=max(end_line_of(last), end_line_of(node)),
        kind=kind,
        template=template,
        level=level_of(main) if kind is Kind.LOG and main else "",
        function=inner.name if inner else "",
        start=inner.start if inner else line,
        end=inner.end if inner else end_line_of(last),
        modules=tuple(each.name for each in around if each.is_module),
        # A macro's body logs with the module of whoever uses the macro.
        target=ANY_TARGET if inner and inner.is_macro else _named_text(before, "target"),
        fields=tuple(_fields(before)),
        symbol=symbol,
        codes=tuple(_codes(takers)),
        via=main.name if main else "",
        is_test=any(each.is_test for each in around),
    )


def _template(pieces: list[tuple[str, bool]], takers: list[Taker], kind: Kind) -> Template:
    described = any(each.kind == "attribute" for each in takers)
    taker = takers[0] if takers and (takers[0].kind == "macro" or described) else None
    parts: list[str | None] = []
    names: list[str] = []
    for text, is_value in pieces:
        if is_value:
            parts.append(None)
            names.append(text)
        elif taker is not None:
            more, gaps = braces(text)
            parts += more
            names += gaps
        else:
            parts.append(text)
    if taker is not None:
        arguments = [each for each in split_arguments(tokens_behind(taker)) if each]
        names = filled(names, arguments)
        if kind is Kind.DISPLAY:
            names = [each.removeprefix(".") for each in names]
    return template_from(parts, names)


def _fields(before: Sequence[Node]) -> Iterator[str]:
    """Yield the names of the fields before the text: `user.id = 7`, `%error`, `?state`."""
    for argument in split_arguments(list(before)[1:]):
        name = argument.partition("=")[0].strip().lstrip("%?").strip().strip('"')
        if name and name not in ("target", "message") and re.fullmatch(r"[\w.]+", name):
            yield name


def _named_text(before: Sequence[Node], name: str) -> str:
    for place, node in enumerate(before):
        if text_of(node, 20) == name and place + 2 < len(before):
            value = before[place + 2]
            if before[place + 1].type == ":":
                return literal_text(value) if value.type.endswith("string_literal") else ANY_TARGET
    return ""


def _codes(takers: list[Taker]) -> Iterator[str]:
    """Yield the codes that stand beside a text: `AppError::new("AI5001", "…")`, `code = "AI5001"`."""
    for taker in takers[:4]:
        for each in taker.arguments.children if taker.arguments is not None else ():
            if each.type.endswith("string_literal") and CODE.fullmatch(text := literal_text(each)):
                yield text


def _symbol(takers: list[Taker], kind: Kind, displays: dict[int, str]) -> str:
    if kind is Kind.DISPLAY:
        places = [each.first.start_byte for each in takers if each.kind == "attribute"]
        return displays.get(places[0], "") if places else ""
    for taker in takers:
        parts = taker.name.split("::")
        if len(parts) > 1 and parts[-1][:1].isupper() and parts[-2][:1].isupper():
            return "::".join(parts[-2:])
    return ""
