"""Texts of Python, TypeScript and JavaScript source that are put together of literals and values."""

from typing import Final

from tree_sitter import Node

from logwatchd.domain.format_strings import braces, expression_name, filled, percent, unescaped
from logwatchd.repo.syntax import ancestors, text_of

PARTS: Final = frozenset({"string", "concatenated_string", "template_string"})

_SUMS: Final = frozenset({"binary_operator", "binary_expression"})

_CALLS: Final = frozenset({"call", "call_expression", "new_expression"})


def whole_text(literal: Node) -> Node:
    """Return the largest expression that is one text with the literal in it."""
    node = literal
    for parent, child in ancestors(literal):
        joins = parent.type == "concatenated_string" or (
            parent.type in _SUMS and _operator(parent) in ("+", "%")
        )
        wraps = parent.type in ("parenthesized_expression", "attribute", "member_expression")
        formats = parent.type in _CALLS and _method(parent) == "format"
        if joins or formats:
            node = parent
        elif not wraps or child.type == "interpolation":
            break
    return node


def _operator(node: Node) -> str:
    return text_of(node.child_by_field_name("operator"), 4)


def _method(call: Node) -> str:
    function = call.child_by_field_name("function")
    if function is None or function.type not in ("attribute", "member_expression"):
        return ""
    return text_of(
        function.child_by_field_name("attribute" if function.type == "attribute" else "property"),
        80,
    )


def first_literal(whole: Node) -> int:
    """Return where the first literal of an expression begins, -1 without one."""
    stack = [whole]
    while stack:
        node = stack.pop()
        if node.type in ("string", "template_string"):
            return int(node.start_byte)
        stack += reversed(node.children)
    return -1


def rendered(node: Node) -> tuple[list[str | None], list[str]]:
    """Return a text expression as literals and gaps, and what the gaps are called."""
    if node.type in ("string", "template_string"):
        return _literal(node)
    if node.type in ("concatenated_string", "parenthesized_expression"):
        return _sum([rendered(each) for each in node.named_children])
    if node.type in _SUMS:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            if _operator(node) == "%":
                return _percent_operator(left, right)
            return _sum([rendered(left), rendered(right)])
    if node.type in _CALLS and _method(node) == "format":
        function = node.child_by_field_name("function")
        text = function.named_child(0) if function is not None else None
        listed = node.child_by_field_name("arguments")
        if text is not None and listed is not None:
            plain = "".join(each or "" for each in rendered(text)[0])
            parts, names = braces(plain)
            return parts, filled(names, [text_of(each, 200) for each in listed.named_children])
    return [None], [expression_name(text_of(node, 200))]


def _sum(pieces: list[tuple[list[str | None], list[str]]]) -> tuple[list[str | None], list[str]]:
    return [part for parts, _ in pieces for part in parts], [
        n for _, names in pieces for n in names
    ]


def _percent_operator(left: Node, right: Node) -> tuple[list[str | None], list[str]]:
    plain = "".join(each or "" for each in rendered(left)[0])
    parts, names = percent(plain)
    values = right.named_children if right.type == "tuple" else [right]
    return parts, filled(names, [text_of(each, 200) for each in values])


def _literal(node: Node) -> tuple[list[str | None], list[str]]:
    parts: list[str | None] = []
    names: list[str] = []
    raw = text_of(node, 4).lower().partition('"')[0].partition("'")[0]
    for child in node.children:
        if child.type in ("interpolation", "template_substitution"):
            parts.append(None)
            names.append(expression_name(text_of(child.named_child(0), 200)))
        elif child.type in ("string_content", "string_fragment", "escape_sequence"):
            text = text_of(child)
            if "f" in raw:
                text = text.replace("{{", "{").replace("}}", "}")
            parts.append(text if "r" in raw else unescaped(text))
    return parts, names
