"""When a log that says nothing is a problem, decided from times alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.event import Category, Severity, Tell
from logwatchd.domain.incident import State
from logwatchd.domain.silence import (
    Activity,
    Turn,
    Vigil,
    is_to_be_repeated,
    keep_watch,
    name_of,
    sighting_of,
)
from logwatchd.domain.texts import Language, texts_of
from tests.fakes.clock import NOON
from tests.fakes.notices import an_incident

PATTERN = "/logs/*.log"
LIMIT = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
STEP = timedelta(seconds=15)
NEW = Vigil(pattern=PATTERN, limit=LIMIT)
REMIND = timedelta(hours=4)


def at(seconds: float, grown: float | None = None) -> Activity:
    """Return what a source knows some seconds after noon."""
    grown_at = {} if grown is None else {PATTERN: NOON + grown * SECOND}
    return Activity(NOON + seconds * SECOND, grown_at)


def watched(*activities: Activity, vigil: Vigil = NEW) -> tuple[Vigil, list[Turn]]:
    """Take them all into a watch."""
    turns = []
    for each in activities:
        vigil, turn = keep_watch(vigil, each, longest_step=STEP)
        turns.append(turn)
    return vigil, turns


def each_ten_seconds(until: int, grown: float | None = None, since: int = 0) -> list[Activity]:
    """Return looks at the same growth."""
    return [at(second, grown) for second in range(since, until + 1, 10)]


def test_silence_begins_once_when_its_time_is_over() -> None:
    """Not at the start, not a look early, and not again while it lasts."""
    vigil, turns = watched(*each_ten_seconds(590))
    assert set(turns) == {Turn.NONE}

    vigil, turns = watched(*each_ten_seconds(800, since=600), vigil=vigil)
    assert turns[0] is Turn.BEGAN
    assert set(turns[1:]) == {Turn.LASTS}
    assert vigil.quiet_since == NOON


def test_a_line_ends_it_and_the_time_begins_anew() -> None:
    """Seen at the first look behind the line."""
    vigil, _ = watched(*each_ten_seconds(600))
    vigil, turns = watched(at(610, grown=605), vigil=vigil)
    assert turns == [Turn.ENDED]

    _, turns = watched(*each_ten_seconds(1210, grown=605, since=620), vigil=vigil)
    assert turns[-1] is Turn.BEGAN
    assert Turn.BEGAN not in turns[:-1]


def test_time_in_which_nobody_asked_does_not_count() -> None:
    """A host that slept for a night must not cry wolf in the morning."""
    vigil, _ = watched(*each_ten_seconds(500))
    vigil, turns = watched(at(30_000), vigil=vigil)
    assert turns == [Turn.NONE]
    assert vigil.quiet_for == 500 * SECOND


def test_without_a_new_round_nothing_is_known() -> None:
    """Reading stands still: a full channel, a state that fails."""
    vigil, _ = watched(*each_ten_seconds(590))

    assert watched(at(590), at(590), vigil=vigil) == (vigil, [Turn.NONE] * 2)
    assert watched(Activity(None, {})) == (NEW, [Turn.NONE])


def test_a_silence_known_from_before_a_restart_is_not_told_again() -> None:
    """But its end is."""
    known = replace(NEW, is_silent=True, quiet_since=NOON - LIMIT)
    vigil, turns = watched(at(0), at(10), vigil=known)
    assert turns == [Turn.LASTS, Turn.LASTS]
    assert vigil.quiet_since == NOON - LIMIT

    assert watched(at(20, grown=15), vigil=vigil)[1] == [Turn.ENDED]


def test_a_clock_set_back_neither_raises_nor_hides_anything() -> None:
    """Growth is a change, not a later time."""
    vigil, _ = watched(*each_ten_seconds(600, grown=0))
    _, turns = watched(at(-3600, grown=0), at(-3590, grown=-3595), vigil=vigil)

    assert turns == [Turn.LASTS, Turn.ENDED]


@given(
    looks=st.lists(
        st.tuples(st.integers(1, 120), st.booleans()),
        min_size=1,
        max_size=200,
    )
)
def test_it_is_raised_exactly_when_the_watched_silence_reaches_the_limit(
    looks: list[tuple[int, bool]],
) -> None:
    """Against an obvious model: add up the short steps without growth."""
    vigil, now, grown = NEW, 0, None
    quiet, silent, first = 0, False, True
    for step, grows in looks:
        now += step
        grown = now if grows else grown
        vigil, turn = keep_watch(vigil, at(now, grown), longest_step=STEP)
        if grows:
            expected = Turn.ENDED if silent else Turn.NONE
            quiet, silent = 0, False
        else:
            quiet += step if not first and step * SECOND <= STEP else 0
            was, silent = silent, silent or quiet * SECOND >= LIMIT
            expected = Turn.NONE if not silent else Turn.LASTS if was else Turn.BEGAN
        first = False
        assert turn is expected
        assert vigil.is_silent == silent


@given(st.lists(st.sampled_from(["look", "line"]), max_size=300))
def test_beginnings_and_ends_alternate(steps: list[str]) -> None:
    """No problem is opened twice, none is closed that was not open."""
    vigil, now, grown = NEW, 0, None
    changes = []
    for step in steps:
        now += 10
        grown = now if step == "line" else grown
        vigil, turn = keep_watch(vigil, at(now, grown), longest_step=STEP)
        if turn in (Turn.BEGAN, Turn.ENDED):
            changes.append(turn)

    assert changes == [Turn.BEGAN, Turn.ENDED] * (len(changes) // 2) + [Turn.BEGAN] * (
        len(changes) % 2
    )


def test_the_event_is_a_warning_of_a_rule_of_its_own() -> None:
    """Told at once, as the other incidents are."""
    found = sighting_of(
        PATTERN, service="api", quiet_for=LIMIT, texts=texts_of(Language.EN), now=NOON
    )

    assert found.event.message == "no log from /logs/*.log for 10 min"
    assert found.template == "no log from /logs/*.log"
    assert (found.verdict.rule, found.verdict.severity) == ("log-silent", Severity.WARNING)
    assert (found.verdict.category, found.verdict.tell) == (Category.APPLICATION, Tell.AT_ONCE)


def test_the_name_depends_on_pattern_and_service_alone() -> None:
    """The same on every host and in every language; never that of another problem."""
    names = {
        name_of(pattern, service=service)
        for pattern in ("/a.log", "/b.log", "/a1.log", "/a2.log")
        for service in ("", "api")
    }
    assert len(names) == 8
    for language in Language:
        found = sighting_of(
            "/a.log", service="api", quiet_for=LIMIT, texts=texts_of(language), now=NOON
        )
        assert found.fingerprint == name_of("/a.log", service="api")
    assert name_of("/a.log", service="api").startswith("v1:")


@pytest.mark.parametrize(
    ("language", "seconds", "text"),
    [
        (Language.EN, 0, "0 s"),
        (Language.EN, 59, "59 s"),
        (Language.EN, 600, "10 min"),
        (Language.EN, 5400, "1 h 30 min"),
        (Language.EN, 3605, "1 h"),
        (Language.EN, 90_000, "1 d 1 h"),
        (Language.KO, 5400, "1시간 30분"),
    ],
)
def test_a_length_of_time_is_told_in_two_units(language: Language, seconds: int, text: str) -> None:
    """More would be noise."""
    assert texts_of(language).span(seconds) == text


@pytest.mark.parametrize(
    ("changes", "hours", "repeated"),
    [
        ({"told_at": NOON}, 3.9, False),
        ({"told_at": NOON}, 4, True),
        ({"told_at": NOON, "reminders": 1}, 7, False),
        ({"told_at": NOON, "reminders": 1}, 8, True),
        ({"told_at": None}, 0.9, False),
        ({"told_at": None}, 1, True),
        ({"told_at": NOON - 9 * LIMIT}, 1, True),
        ({"told_at": NOON, "state": State.ACKNOWLEDGED}, 100, False),
        ({"told_at": NOON, "state": State.MUTED}, 100, False),
        ({"told_at": NOON, "state": State.RESOLVED}, 100, False),
    ],
)
def test_a_lasting_silence_is_told_again_by_the_normal_rule(
    changes: dict[str, object], hours: float, repeated: bool
) -> None:
    """Reminders, doubling; what a ceiling held back is tried again; a person's word holds."""
    incident = an_incident(opened_at=NOON, active_at=NOON, **changes)
    now = NOON + timedelta(hours=hours)

    assert is_to_be_repeated(incident, now=now, remind_after=REMIND) is repeated
