"""What a call costs: exact, rounded up, and never more than was said before."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.diagnosers.price_table import price_table
from logwatchd.domain.prices import (
    NANODOLLARS,
    Band,
    Price,
    PriceTable,
    Rates,
    Usage,
    dollars,
)

TODAY = date(2026, 11, 24)
TABLE = price_table()
MODELS = (
    "claude-haiku-5-5",
    "claude-haiku-4-5-20251001",
    "claude-sonnet-5-5",
    "claude-opus-5-5",
    "never-heard-of",
)
TOKENS = st.integers(0, 400_000)


def flat(rate: int) -> tuple[Band, ...]:
    """Return the band of a model whose tokens all cost the same."""
    rates = Rates(
        input=rate, output=rate, cache_write_5m=rate, cache_write_1h=rate, cache_read=rate
    )
    return (Band(None, rates),)


def test_a_call_costs_what_its_tokens_cost() -> None:
    """8,000 tokens in and 1,200 out: $0.0014 by the published prices of the smallest model."""
    cost = TABLE.cost("claude-haiku-5-5", Usage(input=8_000, output=1_200), on=TODAY)

    assert cost == 1_400_000
    assert dollars(cost) == "$0.0014"


def test_what_the_cache_wrote_and_read_has_prices_of_its_own() -> None:
    """A ledger that counted cached tokens as others would be off by most of the bill."""
    usage = Usage(input=1_000, output=0, cache_write_5m=2_000, cache_write_1h=500, cache_read=4_000)

    assert TABLE.cost("claude-sonnet-5-5", usage, on=TODAY) == (
        2_000_000 + 5_000_000 + 2_000_000 + 400_000
    )


def test_a_long_prompt_makes_the_whole_call_dearer() -> None:
    """The band goes by the whole prompt, cached tokens included."""
    short = TABLE.cost("claude-haiku-5-5", Usage(input=100_000), on=TODAY)
    long = TABLE.cost("claude-haiku-5-5", Usage(input=100_000, cache_read=1), on=TODAY)

    assert (short, long) == (10_000_000, 50_000_050)


def test_prices_hold_from_their_day_on() -> None:
    """Old calls are counted at old prices, and a price announced is not used too early."""
    table = PriceTable(
        [Price("m", date(2026, 1, 1), flat(2_000)), Price("m", date(2026, 10, 7), flat(1_000))]
    )

    assert table.cost("m", Usage(input=10), on=date(2026, 10, 6)) == 20
    assert table.cost("m", Usage(input=10), on=date(2026, 10, 7)) == 10
    assert table.cost("m", Usage(input=10), on=date(2025, 1, 1)) == 20


def test_an_unknown_model_costs_as_much_as_the_dearest() -> None:
    """A slip in a model's name must not make it free."""
    usage = Usage(input=1_000, output=1_000)

    assert TABLE.cost("never-heard-of", usage, on=TODAY) == max(
        TABLE.cost(each, usage, on=TODAY) for each in (*MODELS, "claude-fable-5-1")
    )
    assert not TABLE.knows("claude-haiku-5-56")
    assert TABLE.knows("claude-haiku-4-5-20251001")


@given(st.sampled_from(MODELS), TOKENS, st.integers(0, 21_000), st.data())
@settings(deadline=None)
def test_no_call_costs_more_than_was_reserved(
    model: str, prompt: int, output: int, data: st.DataObject
) -> None:
    """The reservation is the promise; everything else is built on it."""
    most = TABLE.most(model, prompt=prompt, output=output, on=TODAY)
    usage = Usage(input=data.draw(st.integers(0, prompt)), output=data.draw(st.integers(0, output)))

    assert TABLE.cost(model, usage, on=TODAY) <= most


def test_money_is_rounded_up() -> None:
    """A tenth of a nanodollar ten million times is a dollar that nobody saw."""
    table = PriceTable([Price("m", TODAY, flat(1))])

    assert table.cost("m", Usage(input=1), on=TODAY) == 1


def test_a_table_of_nothing_is_refused() -> None:
    """Without a price nothing can be reserved, so everything would be free."""
    with pytest.raises(ValueError, match="empty"):
        PriceTable([])


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "$0.00"),
        (1, "$0.0001"),
        (30 * NANODOLLARS, "$30.00"),
        (NANODOLLARS * 3 // 2, "$1.50"),
        (999_999_999, "$1.0000"),
        (1_234 * NANODOLLARS + 1, "$1,234.01"),
    ],
)
def test_amounts_are_shown_in_dollars(amount: int, words: str) -> None:
    """Small sums would read as nothing in cents."""
    assert dollars(amount) == words
