"""Templates as the languages write them, and where in a message they stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.format_strings import braces, expression_name, filled, percent, unescaped
from logwatchd.domain.statement import Template, folded, template_from
from logwatchd.domain.template_match import match


def rust(text: str, *arguments: str) -> Template:
    """Return the template of a `format!`."""
    parts, names = braces(text)
    return template_from(parts, filled(names, arguments))


@pytest.mark.parametrize(
    ("text", "arguments", "shown"),
    [
        ("Failed to load retrospect {}: {}", ("id", "e"), "Failed to load retrospect {id}: {e}"),
        ("{0} of {1:?}, again {0}", ("a", "b.c"), "{a} of {b.c}, again {a}"),
        ("{name:>8.2} is {{literal}}", (), "{name} is {literal}"),
        ("took {:.1}s", ("self.elapsed.as_secs_f64()",), "took {elapsed}s"),
        ("{host} for {}", ("user.id", "host = app.host"), "{host} for {user.id}"),
    ],
)
def test_placeholders_get_the_names_that_people_know(
    text: str, arguments: tuple[str, ...], shown: str
) -> None:
    """`{id}` in an alert says more than `<n>`."""
    assert rust(text, *arguments).text == shown


def test_percent_templates_know_names_and_signs() -> None:
    """Python's logging, and Node's `util.format`."""
    parts, names = percent("%(user)s has %d%% of %5.2f")

    assert template_from(parts, list("abc")).text == "{a} has {b}% of {c}"
    assert names == ["user", "", ""]


def test_a_literal_that_goes_on_in_the_next_line_is_one_text() -> None:
    """Formatters break long messages with a backslash."""
    assert unescaped('one \\\n      two\\t\\u{ac00}\\"') == 'one two\t가"'


def test_an_expression_that_is_no_name_gets_none() -> None:
    """`{a + b}` would be no name that anyone knows."""
    assert [expression_name(each) for each in ("&id", "a + b", "self.x.len()", "m[0]")] == [
        "id", "", "x", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "text", "found"),
    [
        (rust("Failed {}: {}", "a", "b"), "Internal: Failed 7: no", True),
        (rust("not found"), "cannot foundation", False),
        (rust("not found"), "team not founded", False),
        (rust("{}팀은 정원 {}명이 찼습니다", "a", "b"), "푸른팀은 정원 8명이 찼습니다", True),
        (rust("x {} y {} z", "a", "b"), "x 1 z 2 y", False),
        (rust("ends with: {}", "e"), "ends with:", True),
        (rust("key is {}", "k"), "key is [REDACTED:secret]", True),
        (rust("header Bearer {} refused", "t"), "header [REDACTED:bearer] refused", False),
        (rust("login with Bearer {} at {}", "t", "h"), "login with [REDACTED:bearer] at 9", False),
    ],
)
def test_literals_must_stand_in_order_and_whole(template: Template, text: str, found: bool) -> None:
    """A word inside another word is another word."""
    assert (match(template, text) is not None) is found


def test_a_literal_that_redaction_took_may_be_missing() -> None:
    """`password={} for {}` may come out as `[REDACTED:password] for 7`."""
    found = match(
        rust("connect failed: password={} for {}", "p", "u"), "connect failed: [REDACTED:x] for 7"
    )

    assert found is None or found.lost


WORDS = st.sampled_from(["load", "failed", "team", "회고", "of", "the", "pool", "x1"])
VALUES = st.text(st.characters(categories=["Lu", "Ll", "Nd", "Lo"]), min_size=1, max_size=12)


@given(
    pieces=st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=2, max_size=4),
    values=st.lists(VALUES, min_size=3, max_size=3),
    around=st.sampled_from(["{}", "Internal: {}", "{}: caused by disk", 'Error("{}")']),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_the_values_a_template_is_found_in_what_it_wrote(
    pieces: list[list[str]], values: list[str], around: str
) -> None:
    """The values are what nobody knows."""
    literals = [" ".join(each) for each in pieces]
    template = Template(
        tuple(
            f"{' ' if at else ''}{text}{' ' if at < len(literals) - 1 else ''}"
            for at, text in enumerate(literals)
        ),
        tuple("v" for _ in literals[1:]),
    )
    message = literals[0]
    for text, value in zip(literals[1:], values, strict=False):
        message += f" {value} {text}"

    assert match(template, folded(around.format(message))) is not None


@given(st.text(max_size=200), st.text(max_size=40))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_text_is_too_strange_to_be_compared(text: str, literal: str) -> None:
    """Both are written by anyone."""
    match(rust(literal, "a", "b"), folded(text))
