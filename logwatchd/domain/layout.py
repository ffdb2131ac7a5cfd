"""Where in records of one shape the members of an event stand.

A service writes a handful of shapes, each of them endlessly: which name has which role is found
out once for each shape, and remembered.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from logwatchd.domain.cleaning import clean
from logwatchd.domain.dialects import Place
from logwatchd.domain.fieldnames import ROLES, Role
from logwatchd.domain.flatten import squeezed

_NAME_LIMIT: Final = 128
"""Code points of a remaining field's name that are kept."""

_MEMO_LIMIT: Final = 128
"""Shapes that are remembered."""

_MEMO_NAMES_LIMIT: Final = 4_096
"""Code points of all names of a shape; a longer one is not remembered, so that it costs nothing."""


Part = tuple[Place, tuple[str, ...], tuple[str, ...]]
"""One part of a record: which it is, names that are looked at elsewhere, all names in order."""


class Slot(NamedTuple):
    """Where a value stands.

    Attributes:
        serial: Which of the values of all parts it is.
        key: Its name as names are compared.
    """

    serial: int
    key: str


class Layout:
    """What each value of a record of this shape may be.

    Attributes:
        slots: For each role that a name here can have: the values, best first. The nearest part
            comes before the best name.
        fields: For each value: its place among all values, and its name as a remaining field.
    """

    __slots__ = ("fields", "slots")

    def __init__(self, dialect: str, parts: Sequence[Part]) -> None:
        ranked: dict[Role, list[tuple[int, int, Slot]]] = {}
        fields: list[tuple[int, str]] = []
        first = 0
        for number, (place, skip, names) in enumerate(parts):
            prefix = "span." if place == "span" else ""
            roles_of = ROLES[dialect][place]
            for serial, name in enumerate(names, first):
                if name in skip:
                    continue
                key = squeezed(name)
                for role, rank in roles_of.get(key, ()):
                    ranked.setdefault(role, []).append((number, rank, Slot(serial, key)))
                fields.append((serial, clean(prefix + name, _NAME_LIMIT)))
            first += len(names)
        self.slots = {
            role: tuple(slot for *_, slot in sorted(each)) for role, each in ranked.items()
        }
        self.fields = tuple(fields)


_known: dict[tuple[str, tuple[Part, ...]], Layout] = {}


def layout_of(dialect: str, parts: tuple[Part, ...]) -> Layout:
    """Return the layout of a shape."""
    shape = (dialect, parts)
    layout = _known.get(shape)
    if layout is None:
        layout = Layout(dialect, parts)
        if len(_known) >= _MEMO_LIMIT:
            _known.clear()
        if sum(len(name) for *_, names in parts for name in names) <= _MEMO_NAMES_LIMIT:
            _known[shape] = layout
    return layout
