"""What takes a literal of Rust source as an argument, in parsed code and in the tokens of macros.

Inside macros a grammar sees tokens only, so calls and macros in there are recognised by the tokens
before their brackets.
"""

from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from logwatchd.domain.format_strings import expression_name, unescaped
from logwatchd.repo.syntax import LITERAL_LIMIT, Taker, ancestors, text_of

_OPENS: Final = frozenset(
    {"block", "declaration_list", "source_file", "match_block", "function_item"}
)


def takers_of(node: Node) -> Iterator[Taker]:
    """Yield what takes a literal, innermost first, up to the end of the statement."""
    for parent, child in ancestors(node):
        if parent.type == "token_tree":
            taker = _token_taker(parent, child)
            if taker is not None:
                yield taker
            elif text_of(parent, 1) == "{":
                return
        elif parent.type == "arguments" and parent.parent is not None:
            call = parent.parent
            name = _call_name(call.child_by_field_name("function"))
            yield Taker("call", name, parent, child, _beginning(call), call)
        elif parent.type == "call_expression" and child.type == "field_expression":
            name = text_of(child.child_by_field_name("field"), 80)
            yield Taker("call", name, None, child, parent, parent)
        elif parent.type == "field_initializer":
            struct = next(
                (up for up, _ in ancestors(parent) if up.type == "struct_expression"), None
            )
            if struct is not None:
                name = text_of(struct.child_by_field_name("name"), 120)
                yield Taker("call", name, None, child, struct, struct)
        elif parent.type in _OPENS and not _is_result(parent, child):
            return


def _is_result(block: Node, child: Node) -> bool:
    """Say whether an expression is what a closure or a branch inside a statement gives back."""
    owner = block.parent
    last = block.named_children[-1] if block.type == "block" and block.named_children else None
    return (
        last is not None
        and last.start_byte == child.start_byte
        and child.type != "expression_statement"
        and owner is not None
        and owner.type in ("closure_expression", "match_arm", "async_block", "unsafe_block")
    )


def _beginning(call: Node) -> Node:
    """Return where a call is written: in a chain of methods, the method's own name."""
    function = call.child_by_field_name("function")
    if function is not None and function.type == "field_expression":
        return function.child_by_field_name("field") or call
    return call


def _call_name(function: Node | None) -> str:
    if function is None:
        return ""
    if function.type == "field_expression":
        return text_of(function.child_by_field_name("field"), 80)
    if function.type == "generic_function":
        return _call_name(function.child_by_field_name("function"))
    return "".join(text_of(function, 160).split())


def _token_taker(tree: Node, child: Node) -> Taker | None:
    """Return what takes a bracketed group of tokens, None for a group of its own."""
    owner = tree.parent
    if owner is not None and owner.type == "macro_invocation":
        name = "".join(text_of(owner.child_by_field_name("macro"), 120).split())
        return Taker("macro", name, tree, child, owner, owner)
    if owner is not None and owner.type == "attribute":
        item = owner.parent or owner
        return Taker("attribute", text_of(owner.named_child(0), 80), tree, child, item, item)
    before = tree.prev_sibling
    if before is None:
        return None
    kind = "call"
    if before.type == "!":
        kind, before = "macro", before.prev_sibling
    if before is None or before.type not in ("identifier", "type_identifier", "metavariable"):
        return None
    name, first = text_of(before, 80), before
    while (
        (colons := first.prev_sibling) is not None
        and colons.type == "::"
        and (outer := colons.prev_sibling) is not None
        and outer.type in ("identifier", "crate", "self", "type_identifier")
    ):
        name, first = f"{text_of(outer, 80)}::{name}", outer
    return Taker(kind, name, tree, child, first, tree)


def is_named(taker: Taker, name: str) -> bool:
    """Say whether the literal is the value of a named argument."""
    before = tokens_before(taker)
    return len(before) > 1 and before[-1].type == "=" and text_of(before[-2], 20) == name


def tokens_before(taker: Taker) -> list[Node]:
    """Return the tokens in front of the argument that leads to the literal."""
    if taker.arguments is None:
        return []
    start = taker.argument.start_byte
    found = [each for each in taker.arguments.children if each.start_byte < start]
    if len(found) > 1 and found[-1].type == "!" and text_of(found[-2]) == "concat":
        del found[-2:]  # its brackets are the argument
    return found


def tokens_behind(taker: Taker) -> list[Node]:
    """Return the tokens behind that argument, the closing bracket left out."""
    if taker.arguments is None:
        return []
    end = taker.argument.end_byte
    return [each for each in taker.arguments.children if each.start_byte >= end][:-1]


def literal_text(node: Node) -> str:
    """Return the text that a string literal stands for."""
    source = text_of(node)
    if node.type == "raw_string_literal":
        return source.lstrip("br").strip("#").removeprefix('"').removesuffix('"')
    inner = source[source.find('"') + 1 :]
    return unescaped(inner.removesuffix('"') if len(source) < LITERAL_LIMIT else inner)


def literals_before(joined: Taker) -> bool:
    """Say whether another literal stands before it in the same brackets."""
    return any(each.type.endswith("string_literal") for each in tokens_before(joined))


def joined_texts(taker: Taker) -> list[tuple[str, bool]]:
    """Return the arguments of `concat!`: texts, and whether each is a value."""
    nodes = taker.arguments.children[1:-1] if taker.arguments is not None else []
    joined: list[tuple[str, bool]] = []
    for node in nodes:
        if node.type.endswith("string_literal"):
            joined.append((literal_text(node), False))
        elif node.type != ",":
            joined.append((expression_name(text_of(node, 80)), True))
    return joined
