import ast
import copy
import json
import logging
import re
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from logwatchd.domain.event import Event
from logwatchd.domain.incident import Incident
from logwatchd.domain.incident_json import incident_values
from logwatchd.domain.incident_view import EventView, IncidentView, view_of
from logwatchd.domain.tainted import Tainted
from tests.fakes.daemon import REPOSITORY
from tests.fakes.notices import an_event, an_incident

TEXT = "rm -rf / @everyone"
TAINTED = Tainted(TEXT)

RENDERERS = frozenset(
    {
        "domain/prompt.py",
        "domain/safe_discord.py",
        "domain/safe_github.py",
        "domain/safe_text.py",
        "domain/tainted.py",
    }
)


@pytest.mark.parametrize(
    "use",
    [
        lambda: str(TAINTED),
        lambda: f"{TAINTED}",
        lambda: f"{TAINTED:>10}",
        lambda: f"{TAINTED!s}",
        lambda: "{}".format(TAINTED),  # noqa: UP032 -- the point
        lambda: f"{view_of(an_incident()).template}",
        lambda: "%s" % TAINTED,  # noqa: UP031 -- the point
        lambda: "%(x)s" % {"x": TAINTED},  # noqa: UP031
        lambda: "".join([TAINTED]),  # type: ignore[list-item] # noqa: FLY002
        lambda: "a" + TAINTED,  # type: ignore[operator]
        lambda: TAINTED + "a",  # type: ignore[operator]
        lambda: TAINTED * 2,  # type: ignore[operator]
        lambda: TAINTED[0],  # type: ignore[index]
        lambda: list(TAINTED),  # type: ignore[call-overload]
        lambda: "rm" in TAINTED,  # type: ignore[operator]
        lambda: bytes(TAINTED),  # type: ignore[call-overload]
        lambda: print(TAINTED),
        lambda: json.dumps({"text": TAINTED}),
        lambda: re.search("rm", TAINTED),  # type: ignore[call-overload]
        lambda: Path(TAINTED),  # type: ignore[arg-type]
        lambda: sqlite3.connect(":memory:").execute("SELECT ?", (TAINTED,)),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_tainted_text_gets_into_no_other_text_by_accident(use: Callable[[], object]) -> None:
    """A forgotten renderer must be a crash in a test, not a mention in a channel."""
    with pytest.raises((TypeError, sqlite3.Error)) as caught:
        use()
    assert TEXT not in str(caught.value)


def test_its_repr_shows_nothing() -> None:
    """Reprs stand in logs, in tracebacks and in the messages of failed assertions."""
    shown = f"{TAINTED!r} {[TAINTED]} {view_of(an_incident(message=TEXT))!r}"
    assert TEXT not in shown
    assert repr(TAINTED) == f"Tainted({len(TEXT)} characters)"


def test_a_log_line_about_it_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The lazy way of logging formats late, in the handler."""
    logging.getLogger("x").warning("got %r", TAINTED)
    assert TEXT not in caplog.text


def test_it_can_be_compared_and_measured() -> None:
    """Whether there is anything to show is decided without opening it."""
    assert Tainted("a") == Tainted("a")
    assert Tainted("a") != Tainted("b")
    assert Tainted("a").__eq__("a") is False
    assert len({Tainted("a"), Tainted("a")}) == 1
    assert (bool(Tainted(" \n")), bool(Tainted("x")), len(Tainted("  "))) == (False, True, 2)
    assert copy.deepcopy(TAINTED) == TAINTED


def test_a_view_taints_every_text_of_an_incident_and_of_its_event() -> None:
    """An attribute that is added to an event must not reach a renderer as plain text."""
    event = an_event(causes=("c",), fields={"k": "v"})
    view = view_of(an_incident(sample=event))
    ours = {"fingerprint", "dialect"}
    plain = {
        f"{type(each).__name__}.{one.name}"
        for each in (view, view.sample)
        for one in fields(each)
        if one.name not in ours and isinstance(getattr(each, one.name), str) and one.name != "state"
    }
    assert plain == {f"IncidentView.{name}" for name in ("severity", "category", "tell")}
    assert view.sample.causes == (Tainted("c"),)
    assert view.sample.fields == {Tainted("k"): Tainted("v")}


@pytest.mark.parametrize(("view", "of"), [(IncidentView, Incident), (EventView, Event)])
def test_a_view_has_every_attribute_of_what_it_shows(view: type, of: type) -> None:
    """What is missing could not be shown."""
    assert [each.name for each in fields(view)] == [each.name for each in fields(of)]


def test_json_is_the_same_of_an_incident_and_of_its_view() -> None:
    """`show --json` and `--dry-run --json` have one form."""
    incident = an_incident(sample=an_event(causes=("c",), fields={"k": "v"}, code="DB1"))
    assert incident_values(view_of(incident)) == incident_values(incident)


def test_only_renderers_open_tainted_text() -> None:
    """The boundary is as good as the list of those who may cross it."""
    package = REPOSITORY / "logwatchd"
    openers = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "untainted"
    }
    assert openers <= RENDERERS
