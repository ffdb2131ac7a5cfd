"""What a call of a model costs, in whole billionths of a dollar: money is never a float.

Prices change, so each is dated; a prompt above a length may cost more, so each has bands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

NANODOLLARS: Final = 1_000_000_000
"""In one dollar."""

_PER_NANODOLLAR: Final = 1_000
"""Rates are whole millionths of a millionth of a dollar a token: that is dollars a million tokens,
times a million, so $0.025 is a whole number too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call, as the provider counted them; no token stands in two of these.

    Attributes:
        input: Of the prompt, neither written to nor read from a cache.
        output: Of the answer, what the model thought included.
        cache_write_5m: Of the prompt, written to the cache for five minutes.
        cache_write_1h: Of the prompt, written to the cache for an hour.
        cache_read: Of the prompt, read from the cache.
    """

    input: int = 0
    output: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0

    @property
    def prompt(self) -> int:
        """Tokens of the whole prompt."""
        return self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Picodollars a token (dollars a million tokens, times a million), as in `Usage`."""

    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int


@dataclass(frozen=True, slots=True)
class Band:
    """What calls cost whose whole prompt has at most so many tokens; None has no end."""

    up_to: int | None
    rates: Rates


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs from a day on (UTC); the bands by length, the last without an end."""

    model: str
    since: date
    bands: tuple[Band, ...]


class PriceTable:
    """Prices of models by day. A model that it does not know costs as much as the dearest."""

    def __init__(self, prices: Sequence[Price]) -> None:
        """Take prices.

        Raises:
            ValueError: There is none: then nothing could be reserved.
        """
        if not prices:
            raise ValueError("a table of prices cannot be empty")
        self._prices = sorted(prices, key=lambda each: each.since, reverse=True)

    def knows(self, model: str) -> bool:
        """Say whether there is a price of a model."""
        return any(_is_of(each, model) for each in self._prices)

    def cost(self, model: str, usage: Usage, *, on: date) -> int:
        """Return what a call cost, in nanodollars, rounded up."""
        return max(_cost(_rates(bands, usage.prompt), usage) for bands in self._bands(model, on))

    def most(self, model: str, *, prompt: int, output: int, on: date) -> int:
        """Return what a call can cost at most that asks for no cache, in nanodollars.

        Args:
            model: Whom it asks.
            prompt: Tokens of the prompt at most.
            output: Tokens of the answer at most.
            on: The day of the call (UTC).
        """
        worst = 0
        for bands in self._bands(model, on):
            lengths = [min(each.up_to or prompt, prompt) for each in bands]
            usages = [Usage(input=length, output=output) for length in lengths]
            worst = max(worst, *(_cost(_rates(bands, each.prompt), each) for each in usages))
        return worst

    def _bands(self, model: str, on: date) -> list[tuple[Band, ...]]:
        """Return the bands that hold; of an unknown model those of all, to take the dearest."""
        known = [each for each in self._prices if _is_of(each, model)]
        for each in known:
            if each.since <= on:
                return [each.bands]
        return [each.bands for each in known or self._prices]


def _is_of(price: Price, model: str) -> bool:
    """Say whether a price is that of a model, which may be named with the day of its release."""
    rest = model.removeprefix(price.model)
    return model.startswith(price.model) and (
        not rest or (rest[0] == "-" and rest[1:].isdigit() and len(rest) == len("-20260101"))
    )


def _rates(bands: tuple[Band, ...], prompt: int) -> Rates:
    return next(
        (each.rates for each in bands if each.up_to is None or prompt <= each.up_to),
        bands[-1].rates,
    )


def _cost(rates: Rates, usage: Usage) -> int:
    total = (
        usage.input * rates.input
        + usage.output * rates.output
        + usage.cache_write_5m * rates.cache_write_5m
        + usage.cache_write_1h * rates.cache_write_1h
        + usage.cache_read * rates.cache_read
    )
    return -(-total // _PER_NANODOLLAR)


def dollars(nanodollars: int) -> str:
    """Return an amount for people: `$0.0014`, `$12.30`; what is left of a digit counts as one."""
    cents = -(-nanodollars // (NANODOLLARS // 100))
    if nanodollars >= NANODOLLARS or not nanodollars:
        return f"${cents // 100:,}.{cents % 100:02d}"
    tenths = -(-nanodollars // (NANODOLLARS // 10_000))
    return f"${tenths // 10_000}.{tenths % 10_000:04d}"
