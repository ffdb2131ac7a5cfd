"""Log statements and error texts of Rust source.

Inside macros a grammar sees tokens only, so calls and macros in there are recognised by the tokens
before their brackets. What a team's own macros do is told by their names.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import tree_sitter_rust
from tree_sitter import Node

from logwatchd.domain.format_strings import braces, expression_name, filled, unescaped
from logwatchd.domain.statement import (
    ANY_TARGET,
    Kind,
    Statement,
    Template,
    is_message,
    template_from,
)
from logwatchd.repo.syntax import (
    LITERAL_LIMIT,
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
    r"(?i)err(?:or)?s?(?:_|$|[A-Z])|fail|exception|bail|reject|abort|throw|problem|fault|invalid"
    r"|not_?found|bad_request|internal|unauthori[sz]ed|forbidden|conflict"
)
_LOG_NAME: Final = re.compile(r"(?i)log|error|warn|alert|report|audit|trace|debug|fatal|notify")
_ERROR_TYPE: Final = re.compile(r"(?:Error|Err|Failure|Fault|Problem|Rejection|Exception|Errors)$")
_MACRO: Final = "macro_definition"
_OPENS: Final = frozenset(
    {"block", "declaration_list", "source_file", "match_block", "function_item"}
)
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_-]{1,31}")
_LEVEL_ARGUMENT: Final = re.compile(r"Level\s*::\s*(\w+)")
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
    makers = [*_makers(found, blocks), *_uses(source, blocks)]
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
            yield text_of(node.child_by_field_name("name"), 120), _literal(value)


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
    takers = list(_takers(node))
    names = [each.name.rpartition("::")[2].rpartition(".")[2] for each in takers]
    joined = takers[0] if takers and names[0] == "concat" else None
    if joined is not None:
        if _literals_before(joined):
            return None  # the first literal stands for all
        takers, names = takers[1:], names[1:]
    kind, main = _kind(takers, names)
    if kind is None:
        return None
    text_taker = takers[0] if takers else None
    if text_taker is not None and text_taker.kind == "macro" and not _is_text(text_taker, names[0]):
        return None
    parts = _joined(joined) if joined else [(_literal(node), False)]
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
    before = _before(takers[0]) if kind is Kind.LOG and takers else []
    symbol = _symbol(takers, kind, displays)
    if kind is Kind.DISPLAY and not symbol:
        symbol = _described(node)
    return Statement(
        path="",
        line=line,
        end_line=max(end_line_of(last), end_line_of(node)),
        kind=kind,
        template=template,
        level=_level(main) if kind is Kind.LOG and main else "",
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


# -- what stands around a literal -------------------------------------------------------------


def _takers(node: Node) -> Iterator[Taker]:
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


def _kind(takers: list[Taker], names: list[str]) -> tuple[Kind | None, Taker | None]:
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
    return (Kind.TEXT, taker) if _is_named(first, "message") else (None, None)


def _taken_as(taker: Taker, name: str, *, is_innermost: bool) -> Kind | None:
    """Return what a macro or a call makes of a text, None when it hands it on."""
    is_macro = taker.kind == "macro"
    if name in _PANICS:
        return Kind.PANIC
    if is_macro and name in _LOGS:
        # A text inside an argument is a value of the message, not the message.
        return Kind.LOG if is_innermost else Kind.TEXT
    if name in _WRITES:
        return Kind.DISPLAY if _described(taker.first) else Kind.TEXT
    if _makes_error(taker, name):
        return Kind.ERROR
    if is_macro and is_innermost and name not in _PLAIN and _LOG_NAME.search(name):
        return Kind.LOG
    return None


def _makes_error(taker: Taker, name: str) -> bool:
    if taker.kind == "macro":
        return name in _ERROR_MACROS or bool(
            _ERROR_NAME.search(name) and not _LOG_NAME.search(name)
        )
    path = taker.name.split("::")
    types = path[:-1] if len(path) > 1 else path
    return name in _ERROR_CALLS or bool(
        any(_ERROR_TYPE.search(each) for each in types) or _ERROR_NAME.search(name)
    )


def _is_text(taker: Taker, name: str) -> bool:
    """Say whether a literal is the text of a macro, and no name, value or later argument."""
    skipped = _SKIPS_CONDITION.get(name, 0)
    before = _before(taker)
    if before and before[-1].type not in (",", "(", "[", "{"):
        return _is_named(taker, "message")
    if sum(1 for each in before if each.type == ",") < skipped:
        return False
    if name in _SKIPS_CONDITION and name not in ("event", "log"):
        return True
    return not any(_could_be_text(each) for each in before)


def _is_named(taker: Taker, name: str) -> bool:
    """Say whether the literal is the value of a named argument."""
    before = _before(taker)
    return len(before) > 1 and before[-1].type == "=" and text_of(before[-2], 20) == name


def _could_be_text(node: Node) -> bool:
    """Say whether a token is an argument of its own, and no code: then it is the text."""
    if not node.type.endswith("string_literal"):
        return False
    before = node.prev_sibling
    alone = before is None or before.type in (",", "(", "[", "{")
    return alone and _CODE.fullmatch(_literal(node)) is None


def _before(taker: Taker) -> list[Node]:
    """Return the tokens in front of the argument that leads to the literal."""
    if taker.arguments is None:
        return []
    start = taker.argument.start_byte
    found = [each for each in taker.arguments.children if each.start_byte < start]
    if len(found) > 1 and found[-1].type == "!" and text_of(found[-2]) == "concat":
        del found[-2:]  # its brackets are the argument
    return found


def _behind(taker: Taker) -> list[Node]:
    if taker.arguments is None:
        return []
    end = taker.argument.end_byte
    return [each for each in taker.arguments.children if each.start_byte >= end][:-1]


# -- the template -----------------------------------------------------------------------------


def _literal(node: Node) -> str:
    source = text_of(node)
    if node.type == "raw_string_literal":
        return source.lstrip("br").strip("#").removeprefix('"').removesuffix('"')
    inner = source[source.find('"') + 1 :]
    return unescaped(inner.removesuffix('"') if len(source) < LITERAL_LIMIT else inner)


def _literals_before(joined: Taker) -> bool:
    return any(each.type.endswith("string_literal") for each in _before(joined))


def _joined(taker: Taker) -> list[tuple[str, bool]]:
    """Return the arguments of `concat!`: texts, and whether each is a value."""
    nodes = taker.arguments.children[1:-1] if taker.arguments is not None else []
    joined: list[tuple[str, bool]] = []
    for node in nodes:
        if node.type.endswith("string_literal"):
            joined.append((_literal(node), False))
        elif node.type != ",":
            joined.append((expression_name(text_of(node, 80)), True))
    return joined


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
        arguments = [each for each in split_arguments(_behind(taker)) if each]
        names = filled(names, arguments)
        if kind is Kind.DISPLAY:
            names = [each.removeprefix(".") for each in names]
    return template_from(parts, names)


# -- what else the statement says -------------------------------------------------------------


def _level(taker: Taker) -> str:
    name = taker.name.rpartition("::")[2]
    if name in _LEVELS:
        return _LEVELS[name]
    if name in ("event", "log"):
        found = _LEVEL_ARGUMENT.search("".join(text_of(each, 80) for each in _before(taker)))
        return found[1].lower() if found else ""
    return ""


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
                return _literal(value) if value.type.endswith("string_literal") else ANY_TARGET
    return ""


def _codes(takers: list[Taker]) -> Iterator[str]:
    """Yield the codes that stand beside a text: `AppError::new("AI5001", "…")`, `code = "AI5001"`."""
    for taker in takers[:4]:
        for each in taker.arguments.children if taker.arguments is not None else ():
            if each.type.endswith("string_literal") and _CODE.fullmatch(text := _literal(each)):
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


def _described(node: Node) -> str:
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


def _makers(found: dict[str, list[Node]], blocks: Blocks) -> Iterator[Statement]:
    """Yield the places that make an error of a named variant, and are no pattern."""
    seen: set[tuple[str, int]] = set()
    for node in [*found.get("made", ()), *found.get("mention", ())]:
        parts = "".join(text_of(node, 160).split()).split("::")
        if len(parts) < 2 or not _ERROR_TYPE.search(parts[-2]) or not parts[-1][:1].isupper():  # noqa: PLR2004
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


def _uses(source: bytes, blocks: Blocks) -> Iterator[Statement]:
    """Yield the functions that name a constant, which may be a text: once for each."""
    seen: set[tuple[str, int]] = set()
    for number, line in enumerate(source.split(b"\n"), 1):
        for name in _CONSTANT.findall(line) if not _NO_USE.match(line) else ():
            around = blocks.around(number)
            inner = next((each for each in reversed(around) if not each.is_module), None)
            symbol = name.decode("ascii")
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


_CONSTANT: Final = re.compile(rb"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
_NO_USE: Final = re.compile(rb"\s*(?://|(?:pub(?:\([^)]*\))?\s+)?(?:const|static)\s|use\s)")
_NOT_MADE: Final = frozenset(
    {"scoped_identifier", "use_declaration", "use_list", "scoped_use_list"}
)
