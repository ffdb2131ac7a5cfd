"""Why an event has the name it has."""

from datetime import UTC, datetime
from typing import Final

from logwatchd.domain.event import Event, Level
from logwatchd.domain.explain import Mask, NamedBy, explain
from logwatchd.domain.fingerprint import Component, Fingerprinter
from logwatchd.domain.overrides import FingerprintSpec, GroupingSpec, Overrides

_EVENT: Final = Event(
    at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    level=Level.ERROR,
    message="lot 17 of user=kim failed",
    target="app::db",
    code="DB_POOL",
    causes=("timed out after 30s",),
    fields={"status": "503", "url": "https://api.a.com/x", "host": "ip-1"},
)


def test_every_component_and_every_mask_is_named() -> None:
    """Whoever asks why two events are one problem sees all that was compared, and what was not."""
    found = explain(_EVENT, Fingerprinter())

    assert found.named_by is NamedBy.CONTENT
    assert found.components == (
        Component("target", "app::db"),
        Component("code", "DB_POOL"),
        Component("status", "503"),
        Component("upstream", "api.a.com"),
        Component("message", "lot <n> of user=<value> failed", masked=True),
        Component("cause", "timed out after <n>", masked=True),
    )
    assert found.masks == (
        Mask("17", "<n>"),
        Mask("user=kim", "user=<value>"),
        Mask("30s", "<n>"),
    )
    assert found.identity == Fingerprinter().identify(_EVENT)
    assert found.join is None


def test_keeps_and_rules_are_named() -> None:
    """A rule that fits by accident is found this way."""
    spec = GroupingSpec(
        (FingerprintSpec({"code": "DB*"}, ("{{ default }}", "{{ fields.status }}")),),
        keeps=(r"lot \d+",),
    )

    found = explain(_EVENT, Fingerprinter(Overrides(spec)))

    assert found.named_by is NamedBy.RULE_AND_CONTENT
    assert (found.rule, found.parts) == ("fingerprint.0", ("503",))
    assert found.keeps == ("lot 17",)


def test_an_event_that_names_itself_needs_no_rule() -> None:
    """Its other components are shown all the same."""
    named = Event(at=_EVENT.at, level=Level.ERROR, message="x", fields={"fingerprint": "mine"})

    found = explain(named, Fingerprinter())

    assert found.named_by is NamedBy.EVENT
    assert found.identity.likeness is None
