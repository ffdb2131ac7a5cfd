from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.sparkline import BARS, LONGEST, NOTHING, sparkline


def test_the_busiest_hour_has_the_highest_bar() -> None:
    """The eye goes to the peak first."""
    assert sparkline((0, 1, 4, 8)) == "·▁▄█"


def test_one_event_beside_many_does_not_look_like_none() -> None:
    """A dot says that nothing happened, which must be true."""
    assert sparkline((0, 1, 1_000_000)) == "·▁█"


def test_no_counts_draw_nothing() -> None:
    """A card of an incident without hours has no row of bars."""
    assert sparkline(()) == ""
    assert sparkline((0, 0)) == NOTHING * 2


@given(st.lists(st.integers(min_value=-5, max_value=10**12), max_size=80))
@settings(deadline=None)
def test_every_count_has_its_bar_and_more_is_never_lower(counts: list[int]) -> None:
    """A row that is out of step with the hours would tell a wrong story."""
    drawn = sparkline(counts)
    newest = counts[-LONGEST:]
    assert len(drawn) == len(newest)
    heights = [
        (count, (NOTHING + BARS).index(bar)) for count, bar in zip(newest, drawn, strict=True)
    ]
    assert all((height == 0) == (count <= 0) for count, height in heights)
    in_order = [height for _, height in sorted(heights)]
    assert in_order == sorted(in_order)
