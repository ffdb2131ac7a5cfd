"""Records of an old log on a clock that is never set back."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.timeline import JUMP, Timeline
from tests.fakes.clock import NOON

LATEST = NOON + timedelta(days=30)
MINUTE = timedelta(minutes=1)


def placed(*times: datetime | None, start: datetime | None = None) -> list[datetime]:
    """Place records with these times; return their moments in order."""
    line: Timeline[int] = Timeline(start=start, latest=LATEST, otherwise=NOON)
    found = [each for number, at in enumerate(times) for each in line.place(at, number)]
    found += line.finish()
    assert [number for _, number in found] == list(range(len(times)))
    return [at for at, _ in found]


def test_the_clock_is_never_set_back() -> None:
    """Two threads of a service write slightly out of order."""
    assert placed(NOON, NOON + MINUTE, NOON, NOON + 2 * MINUTE) == [
        NOON,
        NOON + MINUTE,
        NOON + MINUTE,
        NOON + 2 * MINUTE,
    ]


def test_a_record_without_a_time_takes_the_last_one() -> None:
    """A panic printed as plain text belongs where it stands."""
    assert placed(NOON, None, NOON + MINUTE) == [NOON, NOON, NOON + MINUTE]


def test_records_before_the_first_time_take_that_one() -> None:
    """Not the time at which the file was written last: the clock would begin at its end."""
    early = NOON - timedelta(days=2)
    assert placed(None, None, early, early + MINUTE) == [early, early, early, early + MINUTE]


def test_a_file_without_any_time_happened_when_it_was_written() -> None:
    """There is nothing better to go by."""
    assert placed(None, None) == [NOON, NOON]


def test_one_line_from_the_future_does_not_take_the_others_along() -> None:
    """Or one wrong clock would move a month into one instant."""
    assert placed(NOON, NOON + timedelta(days=9), None, NOON + MINUTE) == [
        NOON,
        NOON,
        NOON,
        NOON + MINUTE,
    ]


def test_the_first_line_may_be_the_wrong_one() -> None:
    """Nothing stands before it that could say so."""
    assert placed(NOON + timedelta(days=9), NOON, NOON + MINUTE) == [NOON, NOON, NOON + MINUTE]


def test_a_silence_that_the_next_record_confirms_is_one() -> None:
    """Services are quiet at night."""
    later = NOON + 5 * JUMP
    assert placed(NOON, later, later + MINUTE) == [NOON, later, later + MINUTE]


def test_the_last_record_after_a_silence_keeps_its_time() -> None:
    """Nothing contradicts it."""
    assert placed(NOON, NOON + 5 * JUMP) == [NOON, NOON + 5 * JUMP]


def test_a_time_beyond_the_present_is_not_believed() -> None:
    """However often it is repeated."""
    line: Timeline[int] = Timeline(start=NOON, latest=LATEST, otherwise=NOON)
    far = LATEST + MINUTE
    found = [*line.place(far, 1), *line.place(far, 2), *line.finish()]

    assert found == [(NOON, 1), (NOON, 2)]
    assert line.disbelieved == 2


@given(
    st.lists(st.none() | st.datetimes(NOON.replace(tzinfo=None), LATEST.replace(tzinfo=None))),
    st.booleans(),
)
def test_every_record_comes_once_in_order_and_moments_never_go_back(
    times: list[datetime | None], known: bool
) -> None:
    """Whatever the times are; `placed` checks the order of the records."""
    aware = [at and at.replace(tzinfo=NOON.tzinfo) for at in times]
    moments = placed(*aware, start=NOON if known else None)

    assert moments == sorted(moments)
    assert all(at <= LATEST for at in moments)


def test_a_long_beginning_without_times_is_not_held_for_ever() -> None:
    """Memory is bounded."""
    line: Timeline[int] = Timeline(start=None, latest=LATEST, otherwise=NOON)
    given_out = sum(1 for number in range(5_000) for _ in line.place(None, number))

    assert given_out > 3_000
