"""Log statements and error texts of Python, TypeScript and JavaScript source.

The three differ in the names of their nodes; what is looked for is the same: a text, put together
of literals and values, that a logger's method, an error's class or another call takes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import tree_sitter_python
import tree_sitter_typescript
from tree_sitter import Node

from logwatchd.domain.format_strings import expression_name, percent
from logwatchd.domain.statement import Kind, Statement, Template, is_message, template_from
from logwatchd.repo.call_text import PARTS, first_literal, rendered, whole_text
from logwatchd.repo.syntax import (
    Block,
    Blocks,
    Grammar,
    ancestors,
    end_line_of,
    line_of,
    text_of,
)

_PYTHON_QUERY: Final = """
(string) @literal
(function_definition) @block
(class_definition) @block
"""

_SCRIPT_QUERY: Final = """
(string) @literal
(template_string) @literal
(function_declaration) @block
(method_definition) @block
(class_declaration) @block
(variable_declarator value: (arrow_function)) @block
(variable_declarator value: (function_expression)) @block
"""

_LEVELS: Final = {
    "trace": "trace", "debug": "debug", "verbose": "debug", "info": "info", "notice": "info",
    "warning": "warn", "warn": "warn", "error": "error", "exception": "error",
}  # fmt: skip

_LOG_METHODS: Final = frozenset({*_LEVELS, "critical", "fatal", "log", "msg"})

_LOGGER: Final = re.compile(
    r"(?i)(?:.*[._])?_?(?:\w*log(?:ger|ging)?|console|structlog|pino|winston)"
)

_ERROR_NAME: Final = re.compile(
    r"\w*(?:Error|Exception|Failure|Fault|Problem|Warning)|HTTPException|abort|reject|fail|assert\w*"
    r"|invariant"
)

_ENDS: Final = frozenset(
    {"block", "module", "statement_block", "program", "class_body", "expression_statement"}
)

_THROWS: Final = frozenset({"raise_statement", "throw_statement", "assert_statement"})

_OBJECTS: Final = frozenset({"object", "dictionary"})

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_-]{1,31}")

_NOT_MESSAGES: Final = frozenset({"format", "t", "query", "execute", "require", "import", "fetch"})

_python = Grammar(tree_sitter_python.language, _PYTHON_QUERY)

_script = Grammar(tree_sitter_typescript.language_tsx, _SCRIPT_QUERY)

_typescript = Grammar(tree_sitter_typescript.language_typescript, _SCRIPT_QUERY)

_GRAMMARS: Final = {"python": _python, "typescript": _typescript, "tsx": _script}


@dataclass(frozen=True, slots=True)
class _Call:
    """What takes a text: a call, a constructor, or a throw."""

    name: str
    object: str
    node: Node
    arguments: Node | None
    argument: Node


def read(source: bytes, language: str) -> tuple[list[Statement], list[Statement], Blocks]:
    """Read one file; as `rust_source.read`, but nothing is known of variants."""
    found = _GRAMMARS[language].captures(source)
    blocks = Blocks(
        [
            Block(text_of(each.child_by_field_name("name"), 120), line_of(each), end_line_of(each))
            for each in found.get("block", ())
        ]
    )
    statements = []
    for node in found.get("literal", ()):
        statement = _statement(node, blocks)
        if statement is not None:
            statements.append(statement)
    return statements, [], blocks


def _statement(literal: Node, blocks: Blocks) -> Statement | None:
    whole = whole_text(literal)
    if first_literal(whole) != literal.start_byte:
        return None  # the first literal stands for all
    calls = list(_calls(whole))
    thrown = calls[-1] if calls and calls[-1].name == "throw" else None
    kind, main = _kind(whole, calls, thrown)
    if kind is None:
        return None
    template = _template(whole, calls[0] if calls else None, kind)
    if not any(any(sign.isalnum() for sign in each) for each in template.literals):
        return None
    if kind is Kind.TEXT and not is_message(template):
        return None
    node = main.node if main else whole
    around = blocks.around(line_of(literal))
    inner = around[-1] if around else None
    return Statement(
        path="",
        line=line_of(node),
        end_line=max(end_line_of(node), end_line_of(whole)),
        kind=kind,
        template=template,
        level=_LEVELS.get(main.name, "") if main and kind is Kind.LOG else "",
        function=inner.name if inner else "",
        start=inner.start if inner else line_of(node),
        end=inner.end if inner else end_line_of(node),
        fields=tuple(_fields(main)) if main and kind is Kind.LOG else (),
        symbol=main.name if main and kind is Kind.ERROR else "",
        codes=tuple(_codes(main)) if main else (),
        via=main.name if main else "",
    )


def _calls(whole: Node) -> Iterator[_Call]:
    """Yield what takes a text, innermost first, up to the end of the statement."""
    for parent, child in ancestors(whole):
        if parent.type in _ENDS:
            return
        if parent.type in _THROWS:
            yield _Call("throw", "", parent, None, child)
            return
        if parent.type in ("argument_list", "arguments") and parent.parent is not None:
            call = parent.parent
            target = call.child_by_field_name("function") or call.child_by_field_name("constructor")
            owner, _, name = "".join(text_of(target, 160).split()).rpartition(".")
            yield _Call(name, owner, call, parent, child)


def _kind(
    whole: Node, calls: list[_Call], thrown: _Call | None
) -> tuple[Kind | None, _Call | None]:
    above = whole.parent
    if above is not None and above.type in ("expression_statement", "import_statement", "type"):
        return None, None  # a doc string, a directive, a module's name
    for depth, call in enumerate(calls):
        if call.name in _LOG_METHODS and _is_logger(call.object):
            first = depth == 0 and call.argument.type not in (*_OBJECTS, "keyword_argument")
            return (Kind.LOG if first and _is_text(call) else Kind.TEXT), call
        if _ERROR_NAME.fullmatch(call.name) or (thrown is not None and call is not thrown):
            is_first = call.argument.type != "keyword_argument" or depth == 0
            return (Kind.ERROR if is_first else Kind.TEXT), call
        if depth == 0 and call.name in _NOT_MESSAGES:
            return None, None
    if thrown is not None:
        return Kind.ERROR, thrown
    return Kind.TEXT, calls[0] if calls else None


def _is_logger(owner: str) -> bool:
    parts = [part.partition("(")[0] for part in owner.split(".")]
    return any(_LOGGER.fullmatch(part) for part in parts if part)


def _is_text(call: _Call) -> bool:
    """Say whether a text is the message, and no value behind it."""
    before = [
        each
        for each in (call.arguments.named_children if call.arguments is not None else ())
        if each.start_byte < call.argument.start_byte
    ]
    return not any(each.type in PARTS for each in before)


def _template(whole: Node, call: _Call | None, kind: Kind) -> Template:
    parts, names = rendered(whole)
    arguments = _behind(call) if call is not None else []
    if kind in (Kind.LOG, Kind.ERROR, Kind.TEXT) and arguments:
        parts, names = _with_percent(parts, names, arguments)
    return template_from(parts, names)


def _with_percent(
    parts: list[str | None], names: list[str], arguments: list[str]
) -> tuple[list[str | None], list[str]]:
    """Read `%s` in literals whose values follow as arguments."""
    made: list[str | None] = []
    shown: list[str] = []
    given, following = iter(names), iter(arguments)
    for part in parts:
        if part is None:
            made.append(None)
            shown.append(next(given, ""))
            continue
        more, gaps = percent(part)
        made += more
        shown += [gap or expression_name(next(following, "")) for gap in gaps]
    return made, shown


def _behind(call: _Call) -> list[str]:
    if call.arguments is None:
        return []
    return [
        text_of(each, 200)
        for each in call.arguments.named_children
        if each.start_byte >= call.argument.end_byte
        and each.type not in ("keyword_argument", *_OBJECTS)
    ]


def _fields(call: _Call) -> Iterator[str]:
    """Yield the names of structured fields: `extra={…}`, keywords, pino's object."""
    if call.arguments is None:
        return
    for each in call.arguments.named_children:
        if each.type == "keyword_argument":
            name = text_of(each.child_by_field_name("name"), 80)
            value = each.child_by_field_name("value")
            if name == "extra" and value is not None:
                yield from _keys(value)
            elif name not in ("exc_info", "stack_info", "stacklevel"):
                yield name
        elif each.type in _OBJECTS:
            yield from _keys(each)


def _keys(node: Node) -> Iterator[str]:
    for each in node.named_children:
        key = each if each.type.startswith("shorthand") else each.child_by_field_name("key")
        name = text_of(key, 80).strip("\"'")
        if name.replace("_", "").isalnum():
            yield name


def _codes(call: _Call) -> Iterator[str]:
    for each in call.arguments.named_children if call.arguments is not None else ():
        value = each.child_by_field_name("value") if each.type == "keyword_argument" else each
        text = text_of(value, 40).strip("\"'`")
        if value is not None and value.type == "string" and _CODE.fullmatch(text):
            yield text
