"""The members of a record, sorted by what they say."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar

from logwatchd.domain.cleaning import as_text, clean
from logwatchd.domain.dialects import Scope
from logwatchd.domain.event import FIELDS_LIMIT
from logwatchd.domain.fieldnames import ROLES, Role
from logwatchd.domain.flatten import leaves, squeezed

T = TypeVar("T")

_NAME_LIMIT: Final = 128
"""Code points of a remaining field's name that are kept."""


class Leaf(NamedTuple):
    """One value of a record.

    Attributes:
        order: Which comes first for a role: the nearest scope, then the best name.
        key: The name as names are compared.
        serial: Which of the record's values it is.
        value: The JSON value, never an empty one.
    """

    order: tuple[int, int]
    key: str
    serial: int
    value: Any


_by_order = attrgetter("order")


class Gathered:
    """The members of one record; each is taken for one purpose or remains as a field."""

    def __init__(self, scopes: list[Scope], dialect: str) -> None:
        self._candidates: dict[Role, list[Leaf]] = {}
        self._all: list[tuple[str, Any]] = []
        self._used: set[int] = set()
        for number, scope in enumerate(scopes):
            prefix = "span." if scope.place == "span" else ""
            roles_of = ROLES[dialect][scope.place]
            for name, value in leaves(scope.members, skip=scope.skip):
                if not value and not isinstance(value, int | float):
                    continue
                key = squeezed(name)
                for role, rank in roles_of.get(key, ()):
                    leaf = Leaf((number, rank), key, len(self._all), value)
                    self._candidates.setdefault(role, []).append(leaf)
                self._all.append((prefix + name, value))

    def of(self, role: Role) -> list[Leaf]:
        """Return the values that may have a role, best first."""
        found = self._candidates.get(role, [])
        return sorted(found, key=_by_order) if len(found) > 1 else found

    def take(self, role: Role, convert: Callable[[Leaf], T | None]) -> T | None:
        """Return the first value of a role that converts, and take it out of the fields.

        The same value under another name of the role, or in an outer scope, is taken out with it.
        """
        candidates = self._candidates.get(role)
        if candidates is None:
            return None
        if len(candidates) > 1:
            candidates = sorted(candidates, key=_by_order)
        for leaf in candidates:
            found = convert(leaf)
            if found is not None:
                self.use(*[other for other in candidates if other.value == leaf.value])
                return found
        return None

    def text(self, role: Role) -> str:
        """Take the first value of a role that is a text or an integer; "" when there is none."""
        return self.take(role, short_text) or ""

    def use(self, *used: Leaf) -> None:
        """Take values out of the fields."""
        self._used.update([leaf.serial for leaf in used])

    def is_used(self, leaf: Leaf) -> bool:
        """Say whether a value was taken out of the fields."""
        return leaf.serial in self._used

    def rest(self) -> Mapping[str, str]:
        """Return what was not taken, as text; of values with one name, the nearest."""
        found: dict[str, str] = {}
        for index, (name, value) in enumerate(self._all):
            if len(found) >= FIELDS_LIMIT:
                break
            if index not in self._used:
                found.setdefault(clean(name, _NAME_LIMIT), as_text(value))
        return found


def short_text(leaf: Leaf) -> str | None:
    """Return a text or an integer as clean text, anything else as None."""
    value = leaf.value
    if isinstance(value, str):
        return clean(value).strip() or None
    return None if isinstance(value, bool) or not isinstance(value, int) else as_text(value)
