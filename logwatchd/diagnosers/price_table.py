"""Read a table of prices: the one of the package, or a file of the same form."""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from logwatchd.domain.prices import Band, Price, PriceTable, Rates

_PICODOLLARS_A_TOKEN: Final = 1_000_000
"""In one dollar for a million tokens."""

_RATES: Final = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")


def price_table(file: Path | None = None) -> PriceTable:
    """Return the prices of a file, by default of the one in the package.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no table of prices; names what is wrong.
    """
    resource = files("logwatchd.diagnosers").joinpath("prices.toml") if file is None else file
    values = tomllib.loads(resource.read_text("utf-8"), parse_float=Decimal)
    entries = values.get("price")
    if not isinstance(entries, list) or values.keys() != {"price"}:
        raise ValueError("must hold [[price]] entries and nothing else")
    return PriceTable([_price(each) for each in entries])


def _price(values: Mapping[str, Any]) -> Price:
    if values.keys() != {"model", "since", "band"} or not isinstance(values["model"], str):
        raise ValueError("a price has model, since and band")
    model, since, bands = values["model"], values["since"], values["band"]
    if type(since) is not date:
        raise ValueError(f"{model}: since must be a day")
    if not isinstance(bands, list) or not bands:
        raise ValueError(f"{model}: band must be a list")
    found = tuple(_band(each, model) for each in bands)
    ends = [each.up_to for each in found]
    lengths = [each for each in ends[:-1] if each is not None]
    if ends[-1] is not None or len(lengths) != len(ends) - 1 or lengths != sorted(lengths):
        raise ValueError(f"{model}: all bands but the last have up_to, and it rises")
    return Price(model, since, found)


def _band(values: Mapping[str, Any], model: str) -> Band:
    if not isinstance(values, dict) or values.keys() - {"up_to"} != set(_RATES):
        raise ValueError(f"{model}: a band has {', '.join(_RATES)} and perhaps up_to")
    up_to = values.get("up_to")
    if up_to is not None and (type(up_to) is not int or up_to < 1):
        raise ValueError(f"{model}: up_to must be a number of tokens")
    return Band(up_to, Rates(**{name: _rate(values[name], model) for name in _RATES}))


def _rate(value: Any, model: str) -> int:
    if type(value) not in (int, Decimal) or not 0 <= value <= _PICODOLLARS_A_TOKEN:
        raise ValueError(f"{model}: a rate is a number of dollars")
    picodollars = value * _PICODOLLARS_A_TOKEN
    if picodollars != int(picodollars):
        raise ValueError(f"{model}: a rate has at most six decimals")
    return int(picodollars)
