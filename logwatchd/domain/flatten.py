"""Nested objects to flat, dotted names."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Final

_DEPTH: Final = 4
"""Parts of a dotted name; an object below that stays one value."""

_LEAVES_LIMIT: Final = 2_048
"""Values looked at in one object; the plain members of the object itself come first."""

_NAME_LIMIT: Final = 128
"""Code points of a name that is compared with known ones; no known name is near that."""

_TO_NOTHING: Final = str.maketrans("", "", "_-")


def flattened(
    record: Mapping[str, Any], *, skip: Collection[str] = ()
) -> tuple[tuple[str, ...], list[Any]]:
    """Return the dotted names and the values of a record, outer ones first, each in its place.

    Args:
        record: The object.
        skip: Names of the object's own members that are not looked into; they may be left out.
    """
    if len(record) > _LEAVES_LIMIT:
        return _leaves(record, skip)
    for name, value in record.items():
        if isinstance(value, dict) and name not in skip:
            return _leaves(record, skip)
    return tuple(record), list(record.values())


def _leaves(record: Mapping[str, Any], skip: Collection[str]) -> tuple[tuple[str, ...], list[Any]]:
    found: list[tuple[str, Any]] = []
    nested: list[tuple[str, Mapping[str, Any]]] = []
    for name, value in islice(record.items(), _LEAVES_LIMIT):
        if name in skip:
            continue
        if isinstance(value, dict):
            nested.append((f"{name}.", value))
        else:
            found.append((name, value))
    _add_nested(found, nested)
    return tuple([name for name, _ in found]), [value for _, value in found]


def _add_nested(found: list[tuple[str, Any]], nested: list[tuple[str, Mapping[str, Any]]]) -> None:
    for depth in range(2, _DEPTH + 1):
        deeper: list[tuple[str, Mapping[str, Any]]] = []
        for prefix, members in nested:
            for name, value in islice(members.items(), max(0, _LEAVES_LIMIT - len(found))):
                if depth < _DEPTH and isinstance(value, dict):
                    deeper.append((f"{prefix}{name}.", value))
                else:
                    found.append((prefix + name, value))
        nested = deeper[:_LEAVES_LIMIT]


def squeezed(name: str) -> str:
    """Return a name as it is compared: `requestId`, `request_id`, `Request-Id` are one."""
    return _squeezed(name) if len(name) <= _NAME_LIMIT else name


@lru_cache(maxsize=2_048)
def _squeezed(name: str) -> str:
    return name.lower().translate(_TO_NOTHING)
