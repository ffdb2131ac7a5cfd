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


def leaves(record: Mapping[str, Any], *, skip: Collection[str] = ()) -> list[tuple[str, Any]]:
    """Return `(dotted name, value)` for every value, outer ones first.

    Args:
        record: The object.
        skip: Names of the object's own members that are left out.
    """
    found: list[tuple[str, Any]] = []
    nested: list[tuple[str, Mapping[str, Any]]] = []
    for name, value in islice(record.items(), _LEAVES_LIMIT):
        if name in skip:
            continue
        if isinstance(value, dict):
            nested.append((f"{name}.", value))
        else:
            found.append((name, value))
    if nested:
        _add_nested(found, nested)
    return found


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
