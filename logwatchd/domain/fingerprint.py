"""Decide when two events are the same problem.

The name is derived from the content alone: the same on every host, after every restart, without
any state. It never changes; another way of naming is another version beside this one. Which names
are one problem in other words is decided in `aliases`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from logwatchd.domain.event import TEMPLATE_LIMIT, Event
from logwatchd.domain.firm_words import FIRM
from logwatchd.domain.frames import top_frame
from logwatchd.domain.identity import Identity, Likeness, context_of, given_name, name_of
from logwatchd.domain.mask import Masker
from logwatchd.domain.overrides import NO_OVERRIDES, Overridden, Overrides
from logwatchd.domain.skeleton import skeleton_of

_MEMO_LIMIT: Final = 512
_MEMO_TEXT_LIMIT: Final = 1_024
"""Code points of all texts of an event; what is longer is not remembered."""

_OWN: Final = "own"
"""First part of what an application named itself."""

_BETWEEN_TEXTS: Final = FIRM + "|"
"""Stands between the words of two texts of an event."""

_CODES: Final = (
    "status",
    "status_code",
    "http.status_code",
    "http.response.status_code",
    "http_status",
    "response.status",
    "sqlstate",
    "db.code",
    "db.response.status_code",
    "exit_code",
    "signal",
    "errno",
    "rpc.grpc.status_code",
    "grpc.status_code",
)
"""Fields that are a code: taken as they are, for a code is the best identity there is."""

_STATEMENTS: Final = ("db.statement", "db.query.text", "summary")
"""All slow statements of `sqlx::query` share one message; the statement tells them apart."""

_UPSTREAMS: Final = ("url", "http.url", "url.full", "uri", "upstream", "server.address")
"""Fields that name another system: its host counts, another upstream has another owner."""

_TELLING: Final = frozenset({*_CODES, *_STATEMENTS, *_UPSTREAMS})


@dataclass(frozen=True, slots=True)
class Component:
    """One part of an identity.

    Attributes:
        name: What it is: `service`, `code`, `message`, …
        value: What counts of it: verbatim, or a template.
        masked: Whether it is a text whose values were masked.
    """

    name: str
    value: str
    masked: bool = False


class Fingerprinter:
    """Names the problems of events; one object for each configuration."""

    __slots__ = ("_memo", "masker", "overrides")

    def __init__(self, overrides: Overrides = NO_OVERRIDES) -> None:
        self.overrides = overrides
        self.masker = Masker(overrides.texts)
        self._memo: dict[tuple[object, ...], Identity] = {}

    def identify(self, event: Event) -> Identity:
        """Name the problem that an event belongs to.

        Service, module, code, type of exception, the file of a panic or the frame it came from,
        and what the message, the outermost and the innermost cause and a statement say count.
        Level, line number, thread, request, duration, host and version do not. A field
        `fingerprint` of the event replaces all of it, and so may a team's override.

        Args:
            event: A redacted event.
        """
        own = event.fields.get("fingerprint")
        if own:
            return self._named(event, [_OWN, own])
        overridden = self.overridden(event)
        if overridden is not None and not overridden.refines:
            return self._named(event, ["rule", *overridden.parts], title=overridden.title)
        return self._default(event, overridden)

    def overridden(self, event: Event) -> Overridden | None:
        """Return what a team's rule makes of an event, None when none fits."""
        return self.overrides.of(event, self._shown) if self.overrides.asks else None

    def _default(self, event: Event, overridden: Overridden | None) -> Identity:
        masker = self.masker
        verbatim = tuple(_verbatim(event))
        shapes = tuple([masker.shape(text) for text in texts_of(event)])
        key = (verbatim, shapes, overridden)
        known = self._memo.get(key)
        if known is None:
            known = self._derived(verbatim, shapes, overridden)
            if sum(map(len, shapes)) <= _MEMO_TEXT_LIMIT:
                if len(self._memo) >= _MEMO_LIMIT:
                    self._memo.clear()
                self._memo[key] = known
        return known

    def _derived(
        self,
        verbatim: tuple[str, ...],
        shapes: tuple[str, ...],
        overridden: Overridden | None,
    ) -> Identity:
        templates = [self.masker.template_of_shape(shape) for shape in shapes]
        words = list(skeleton_of(templates[0]))
        for template in templates[1:]:
            words += (_BETWEEN_TEXTS, *(skeleton_of(template) if template else ()))
        refined = () if overridden is None else ("rule", *overridden.parts)
        likeness = Likeness(_context((*verbatim, *refined)), tuple(words))
        title = (overridden.title if overridden else "") or templates[0]
        return Identity(name_of(likeness), title[:TEMPLATE_LIMIT], likeness)

    def _named(self, event: Event, parts: list[str], *, title: str = "") -> Identity:
        shown = title or self._shown(event.message)
        return Identity(given_name(parts), shown[:TEMPLATE_LIMIT], None)

    def _shown(self, text: str) -> str:
        return self.masker.template(text)


_context = lru_cache(maxsize=256)(context_of)
"""Places and codes repeat while messages differ."""


def fingerprint(event: Event) -> str:
    """Name the problem of an event without any override; see `Fingerprinter.identify`."""
    return Fingerprinter().identify(event).fingerprint


def own_fingerprint(name: str) -> str:
    """Return the fingerprint of what the application, or we, named explicitly."""
    return given_name([_OWN, name])


def components(event: Event, masker: Masker) -> list[Component]:
    """Return the parts of an event that count, without those that it does not have."""
    named = zip(("service", "target", "code", "exception", "place"), _verbatim(event), strict=False)
    found = [Component(name, value) for name, value in named if value]
    found += [Component(name, value) for name, value in _telling(event)]
    names = ("message", "cause", "root cause", *(["statement"] * len(_STATEMENTS)))
    for name, text in zip(names, texts_of(event), strict=False):
        if text:
            found.append(Component(name, masker.template(text), masked=True))
    return found


def _verbatim(event: Event) -> list[str]:
    place = _file(event.location) if event.panic and event.location else ""
    if not place and event.stack_trace:
        place = top_frame(event.stack_trace)
    parts = [event.service, event.target, event.code, event.exception_type, place]
    if not _TELLING.isdisjoint(event.fields):
        parts += [f"{name}={value}" for name, value in _telling(event)]
    return parts


def _telling(event: Event) -> list[tuple[str, str]]:
    fields = event.fields
    hosts = (_host(fields[name]) for name in _UPSTREAMS if name in fields)
    return [
        *((name, fields[name]) for name in _CODES if name in fields),
        *(("upstream", host) for host in hosts if host),
    ]


def texts_of(event: Event) -> list[str]:
    """Return the texts of an event that count: message, outermost and root cause, statements."""
    causes, fields = event.causes, event.fields
    texts = [event.message]
    if causes:
        texts += (causes[0], causes[-1] if len(causes) > 1 else "")
    if not _TELLING.isdisjoint(fields):
        statements = [fields[name] for name in _STATEMENTS if name in fields]
        if statements:
            texts = [*texts, *[""] * (3 - len(texts)), *statements]
    return texts


def _file(location: str) -> str:
    """Return the file of `file:line:column`; lines move with every edit."""
    parts = location.split(":")
    while len(parts) > 1 and (parts[-1].isdigit() or not parts[-1]):
        parts.pop()
    return ":".join(parts)


def _host(url: str) -> str:
    """Return the host of a URL, "" for a path or a host with a number, which is one of many."""
    _, found, rest = url.partition("://")
    if not found and ("/" in url or "." not in url):
        return ""
    host = (rest if found else url).partition("/")[0].rpartition("@")[2]
    host = host.rpartition(":")[0] or host
    return "" if any(sign.isdigit() for sign in host) else host.lower()
