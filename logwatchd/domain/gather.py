"""The members of a record, sorted by what they say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from logwatchd.domain.cleaning import as_text, clean
from logwatchd.domain.dialects import Scope
from logwatchd.domain.event import FIELDS_LIMIT
from logwatchd.domain.fieldnames import Role
from logwatchd.domain.flatten import flattened
from logwatchd.domain.layout import Part, layout_of

T = TypeVar("T")


class Leaf(NamedTuple):
    """One value of a record.

    Attributes:
        serial: Which of the record's values it is.
        key: The name as names are compared.
        value: The JSON value, never an empty one.
    """

    serial: int
    key: str
    value: Any


class Gathered:
    """The members of one record; each is taken for one purpose or remains as a field."""

    __slots__ = ("_fields", "_slots", "_used", "_values")

    def __init__(self, scopes: Sequence[Scope], dialect: str) -> None:
        parts: list[Part] = []
        self._values: list[Any] = []
        for scope in scopes:
            names, values = flattened(scope.members, skip=scope.skip)
            parts.append((scope.place, scope.skip, names))
            self._values += values
        layout = layout_of(dialect, tuple(parts))
        self._slots = layout.slots
        self._fields = layout.fields
        self._used: set[int] = set()

    def of(self, role: Role) -> Iterator[Leaf]:
        """Yield the values that may have a role, best first."""
        for serial, key in self._slots.get(role, ()):
            value = self._values[serial]
            if value or isinstance(value, int | float):
                yield Leaf(serial, key, value)

    def take(self, role: Role, convert: Callable[[Any, str], T | None]) -> T | None:
        """Return the first value of a role that converts, and take it out of the fields.

        The same value under another name of the role, or in an outer scope, is taken out with it.

        Args:
            role: The role.
            convert: Makes of a value, and its name as names are compared, what is wanted, or None.
        """
        slots = self._slots.get(role)
        if slots is None:
            return None
        for serial, key in slots:
            value = self._values[serial]
            if not value and not isinstance(value, int | float):
                continue
            found = convert(value, key)
            if found is not None:
                self._used.add(serial)
                if len(slots) > 1:
                    self.use(*[other for other in self.of(role) if other.value == value])
                return found
        return None

    def text(self, role: Role) -> str:
        """Take the first value of a role that is a text or an integer; "" when there is none."""
        return self.take(role, short_text) or "" if role in self._slots else ""

    def use(self, *used: Leaf) -> None:
        """Take values out of the fields."""
        self._used.update([leaf.serial for leaf in used])

    def is_used(self, leaf: Leaf) -> bool:
        """Say whether a value was taken out of the fields."""
        return leaf.serial in self._used

    def rest(self) -> Mapping[str, str]:
        """Return what was not taken, as text; of values with one name, the nearest."""
        found: dict[str, str] = {}
        for serial, name in self._fields:
            if serial in self._used:
                continue
            value = self._values[serial]
            if not value and not isinstance(value, int | float):
                continue
            if len(found) >= FIELDS_LIMIT:
                break
            if name not in found:
                found[name] = as_text(value)
        return found


def short_text(value: Any, _key: str = "") -> str | None:
    """Return a text or an integer as clean text, anything else as None."""
    if isinstance(value, str):
        return clean(value).strip() or None
    return None if isinstance(value, bool) or not isinstance(value, int) else as_text(value)
