"""Which statements wrote a message, and which of them comes first."""

from typing import Any

from logwatchd.domain.anchor import anchor_from, anchor_of, anchor_values, place_words
from logwatchd.domain.clues import Clues, clues_of
from logwatchd.domain.event import Level
from logwatchd.domain.format_strings import braces
from logwatchd.domain.site_evidence import Found
from logwatchd.domain.sites import Candidate, Role, candidates
from logwatchd.domain.source_context import estimated_tokens, source_lines
from logwatchd.domain.statement import Kind, Statement, template_from
from tests.fakes.notices import an_event

MAPPER = "server::utils::error"


def statement(path: str, kind: Kind, text: str, **more: Any) -> Statement:
    """Return a statement on line 10, in a function of lines 5 to 15."""
    parts, names = braces(text)
    ordinary: dict[str, Any] = {
        "line": 10, "end_line": 10, "start": 5, "end": 15, "function": "work", "via": "error",
    }  # fmt: skip
    return Statement(
        path=path, kind=kind, template=template_from(parts, names), **(ordinary | more)
    )


def ranked(
    *statements: Statement, raised: dict[str, list[Statement]] | None = None, **event: Any
) -> tuple[Candidate, ...]:
    """Return the candidates of an event among some statements."""
    return candidates(
        clues_of(an_event(**event)), Found(statements, raised or {}, {}, len(statements))
    )


def paths(found: tuple[Candidate, ...]) -> list[str]:
    """Return where they stand, the first first."""
    return [each.statement.path for each in found]


DISPLAY = statement(
    "src/utils/error.rs", Kind.DISPLAY, "Internal Server Error: {0}", symbol="AppError::Internal"
)
LOAD = statement(
    "src/retro.rs", Kind.ERROR, "Failed to load retrospect {id}: {e}", symbol="AppError::Internal"
)


def test_the_text_made_for_the_occasion_comes_before_what_passes_it_on() -> None:
    """The target says `utils::error`; nobody wants to be led there."""
    found = ranked(
        DISPLAY, LOAD,
        message="Internal Server Error: Failed to load retrospect 17: pool timed out",
        target=MAPPER,
    )  # fmt: skip

    assert paths(found) == ["src/retro.rs", "src/utils/error.rs"]
    assert [each.role for each in found] == [Role.WROTE, Role.WRAPPED]


def test_a_log_statement_of_another_module_level_or_target_is_doubted() -> None:
    """`tracing` says module and level of the statement itself."""
    message = "Failed to update"
    same = statement("src/a.rs", Kind.LOG, message, level="error")
    other = statement("src/b.rs", Kind.LOG, message, level="error")
    milder = statement("src/a.rs", Kind.LOG, message, level="info", line=12)
    named = statement("src/a.rs", Kind.LOG, message, target="audit", line=13)

    found = ranked(other, milder, named, same, message=message, target="server::a")

    assert found[0].statement is same
    assert [each.role for each in found[1:]] == [Role.DOUBTFUL] * 3
    assert found[0].sure > 2 * found[1].sure


def test_fields_spans_and_codes_tell_the_same_words_apart() -> None:
    """Two handlers that write the same text differ in what stands beside it."""
    plain = statement("src/a.rs", Kind.ERROR, "team not found")
    spanned = statement("src/b.rs", Kind.ERROR, "team not found", function="leave")
    coded = statement("src/c.rs", Kind.ERROR, "team not found", codes=("TEAM4",))

    assert (
        paths(ranked(plain, spanned, message="team not found", fields={"span.name": "leave"}))[0]
        == "src/b.rs"
    )
    assert paths(ranked(plain, coded, message="team not found", code="TEAM4"))[0] == "src/c.rs"


def test_equal_candidates_share_how_sure_they_are() -> None:
    """Two that nothing tells apart are not each certain."""
    one = statement("src/a.rs", Kind.ERROR, "team {} of user {} not found")
    two = statement("src/b.rs", Kind.ERROR, "team {} of user {} not found")

    [alone] = ranked(one, message="team 3 of user 4 not found")
    both = ranked(one, two, message="team 3 of user 4 not found")

    assert {each.sure for each in both} == {round(alone.sure / 2, 2)}


def test_a_cause_leads_deeper_than_the_message() -> None:
    """`error!(error = %e, "request failed")` is no origin."""
    log = statement("src/api.rs", Kind.LOG, "request failed", level="error")
    found = ranked(
        log, LOAD, message="request failed", target="server::api",
        causes=("Failed to load retrospect 3: timed out",),
    )  # fmt: skip

    assert paths(found) == ["src/retro.rs", "src/api.rs"]


def test_words_inside_the_text_of_another_statement_are_doubted() -> None:
    """`not found` is part of a longer text here."""
    short = statement("src/a.rs", Kind.ERROR, "not found")
    long = statement("src/b.rs", Kind.ERROR, "team {} was not found")

    found = ranked(short, long, message="team 3 was not found")

    assert paths(found)[0] == "src/b.rs"
    assert found[1].role is Role.DOUBTFUL


def test_who_makes_an_error_follows_the_text_of_its_type() -> None:
    """The type says what is wrong, the maker says where."""
    gone = statement("src/error.rs", Kind.DISPLAY, "item {id} is gone", symbol="E::Gone")
    maker = statement("src/shop.rs", Kind.ERROR, "", symbol="E::Gone")

    found = ranked(gone, raised={"E::Gone": [maker]}, message="item 7 is gone")

    assert [(each.statement.path, each.role) for each in found] == [
        ("src/error.rs", Role.WROTE),
        ("src/shop.rs", Role.RAISED),
    ]


def test_a_panic_is_led_to_its_place_unless_its_text_tells_more() -> None:
    """Lines move with every edit; words do not."""
    block = statement("src/a.rs", Kind.TEXT, "", line=7, end_line=7)
    expect = statement("src/a.rs", Kind.PANIC, "cache was not ready", line=40, end_line=40)
    place: dict[str, Any] = {"panic": True, "location": "src/a.rs:7"}

    by_place = ranked(block, message="called `Option::unwrap()` on a `None` value", **place)
    by_text = ranked(block, expect, message="cache was not ready", **place)

    assert [each.role for each in by_place] == [Role.STOOD]
    assert by_text[0].statement.line == 40


def test_redacted_and_masked_values_do_not_matter() -> None:
    """What is looked for is what the program wrote itself."""
    for value in ("[REDACTED:email]", "<n>", "17", "김민지"):
        found = ranked(LOAD, message=f"Failed to load retrospect {value}: [REDACTED:secret]")
        assert found[0].role is Role.WROTE


def test_the_title_names_the_values_and_keeps_what_went_wrong() -> None:
    """`<n>` becomes `{id}`; the library's words stay, for they tell problems apart."""
    event = an_event(
        message="Internal Server Error: Failed to load retrospect 17: pool timed out 3 times"
    )
    clues = clues_of(event)
    found = candidates(clues, Found((DISPLAY, LOAD), {}, {}, 2))
    anchor = anchor_of(clues, found, commit="c" * 40, blamed="")

    assert (
        anchor.title
        == "Internal Server Error: Failed to load retrospect {id}: pool timed out <n> times"
    )
    assert anchor.shown is not None
    assert place_words(anchor.shown) == "src/retro.rs:10 in work"
    assert anchor_from(anchor_values(anchor)) == anchor


def test_without_a_statement_there_is_no_title() -> None:
    """Nothing is better than something made up."""
    anchor = anchor_of(Clues(texts=("x",)), (), commit="c" * 40, blamed="")

    assert (anchor.title, anchor.shown) == ("", None)


def test_the_same_function_is_shown_once_and_a_long_one_in_part() -> None:
    """A context has a budget."""
    one = statement(
        "src/a.rs", Kind.ERROR, "first text {}", line=500, end_line=500, start=1, end=900
    )
    two = statement("src/a.rs", Kind.DISPLAY, "first {}", line=501, end_line=501, start=1, end=900)

    [lines] = source_lines(ranked(one, message="first text 7"))
    both = source_lines(ranked(one, two, message="first text 7"))

    assert (lines.path, lines.start, lines.end) == ("src/a.rs", 440, 540)
    assert both[0] == lines
    assert estimated_tokens("abcd" * 3 + "한글") == 5


def test_the_order_of_the_index_does_not_matter() -> None:
    """The same event gives the same answer, always."""
    statements = [DISPLAY, LOAD, statement("src/z.rs", Kind.LOG, "Failed to {}", level="error")]
    event: dict[str, Any] = {
        "message": "Internal Server Error: Failed to load retrospect 17: x",
        "target": MAPPER,
        "level": Level.ERROR,
    }

    assert ranked(*statements, **event) == ranked(*reversed(statements), **event)


def test_a_literal_that_an_error_was_made_with_tells_its_maker_from_others() -> None:
    """Many places make a `NotFound`; one of them names the entity."""
    gone = statement(
        "src/error.rs", Kind.DISPLAY, "{entity} {id} not found here", symbol="E::NotFound"
    )
    maker = statement("src/team.rs", Kind.ERROR, "team", symbol="E::NotFound")
    others = [statement(f"src/{n}.rs", Kind.ERROR, "", symbol="E::NotFound") for n in range(4)]

    found = ranked(
        gone, maker, raised={"E::NotFound": others}, message="team 3 not found here"
    )  # fmt: skip

    assert paths(found)[:2] == ["src/error.rs", "src/team.rs"]
