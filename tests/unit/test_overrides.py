"""What a team says about grouping."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from logwatchd.domain.event import Event, Level
from logwatchd.domain.fingerprint import Fingerprinter, own_fingerprint
from logwatchd.domain.overrides import FingerprintSpec, GroupingSpec, Overrides, flaws_of
from logwatchd.errors import ConfigError
from logwatchd.settings import load

_EVENT: Final = Event(
    at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    level=Level.ERROR,
    message="call of model failed after 3 tries",
    target="app::llm::client",
    causes=("overloaded_error: Overloaded",),
    fields={"tenant": "kim"},
)


def fingerprinter(*rules: FingerprintSpec, **texts: tuple[str, ...]) -> Fingerprinter:
    """Return what names problems with a team's rules, masks and keeps."""
    return Fingerprinter(Overrides(GroupingSpec(rules, **texts)))


def rule(*parts: str, title: str = "", **when: str) -> FingerprintSpec:
    """Return a rule; `__` in a name stands for a dot."""
    conditions = {name.replace("__", "."): glob for name, glob in when.items()}
    return FingerprintSpec(conditions, parts, title)


def test_a_rule_replaces_what_would_have_counted() -> None:
    """One problem with many texts: whatever it says, it is that."""
    named = fingerprinter(rule("llm-overloaded", error="*overloaded_error*", title="LLM is full"))
    other = replace(_EVENT, message="another text", target="app::llm::stream")

    assert named.identify(_EVENT).fingerprint == named.identify(other).fingerprint
    assert named.identify(_EVENT).template == "LLM is full"
    assert named.identify(_EVENT).likeness is None


def test_with_default_among_its_parts_a_rule_refines() -> None:
    """The same problem of another tenant is then another problem."""
    named = fingerprinter(rule("{{ default }}", "{{ fields.tenant }}", target="app::*"))
    lee = replace(_EVENT, fields={"tenant": "lee"})
    rare = replace(_EVENT, message="another text")

    names = {named.identify(each).fingerprint for each in (_EVENT, lee, rare)}

    assert len(names) == 3
    assert Fingerprinter().identify(_EVENT).fingerprint not in names


def test_the_first_rule_that_fits_decides_and_all_conditions_must_hold() -> None:
    """As in Sentry, whose rules the team may know."""
    named = fingerprinter(
        rule("none", target="app::llm::*", fields__tenant="lee"),
        rule("first", target="app::llm::*", fields__tenant="k*"),
        rule("second", level="error"),
    )

    found = named.overridden(_EVENT)

    assert found is not None
    assert (found.rule, found.parts) == ("fingerprint.1", ("first",))


def test_variables_give_what_the_event_says() -> None:
    """The message is masked, and what is missing is nothing."""
    named = fingerprinter(
        rule("{{ message }}|{{fields.none}}", "{{ error }}", title="{{ target }}: full", level="*")
    )

    found = named.overridden(_EVENT)

    assert found is not None
    assert found.parts == ("call of model failed after <n> tries|", "overloaded_error: Overloaded")
    assert found.title == "app::llm::client: full"


def test_a_fingerprint_in_the_event_wins_over_rules() -> None:
    """The application knows best."""
    named = fingerprinter(rule("all", level="*"))
    own = replace(_EVENT, fields={"fingerprint": "mine"})

    assert named.identify(own).fingerprint == own_fingerprint("mine")


def test_what_is_masked_does_not_count_and_what_is_kept_does() -> None:
    """A keep wins over a mask, and both win over what is known already."""
    named = fingerprinter(masks=("acme-[a-z]+",), keeps=(r"lot \d+", "acme-main"))

    def name(message: str) -> str:
        return named.identify(replace(_EVENT, message=message)).fingerprint

    assert name("buyer acme-north is late") == name("buyer acme-south is late")
    assert name("buyer acme-north is late") != name("buyer acme-main is late")
    assert name("no lot 17 of user 3") != name("no lot 18 of user 3")
    assert name("no lot 17 of user 3") == name("no lot 17 of user 4")
    assert name("lot 17, lot=lot 18") != name("lot 17, lot=lot 19")
    shown = named.identify(replace(_EVENT, message="lot 17 of acme-x for user 3 \ue000")).template
    assert shown == "lot 17 of <custom> for user <n>"


def test_every_flaw_is_named() -> None:
    """Whoever writes ten rules wants to hear of all that is wrong with them at once."""
    spec = GroupingSpec(
        fingerprints=(
            FingerprintSpec({}, ("x",)),
            FingerprintSpec({"thread": "*"}, ("{{ default }}",)),
            FingerprintSpec({"level": ""}, ("", "{{ host }}"), "{{ default }}"),
            FingerprintSpec({"level": "*"}, ()),
        ),
        masks=("(", "", "a*"),
        keeps=(r"(?=x)",),
    )

    flaws = [each.where for each in flaws_of(spec)]

    assert flaws == [
        "fingerprint.0.when",
        "fingerprint.1.when.thread",
        "fingerprint.1.parts",
        "fingerprint.2.when.level",
        "fingerprint.2.parts",
        "fingerprint.2.parts",
        "fingerprint.2.title",
        "fingerprint.3.parts",
        "mask.0.pattern",
        "mask.1.pattern",
        "mask.2.pattern",
        "keep.0.pattern",
    ]
    with pytest.raises(ValueError, match=r"fingerprint\.0\.when"):
        Overrides(spec)


def test_patterns_that_are_only_too_large_together_are_a_flaw_too() -> None:
    """They are looked for in one pass, in bounded memory."""
    large = tuple(rf"{sign}\pL{{400}}" for sign in "abcd")

    flaws = flaws_of(GroupingSpec(masks=large, keeps=large[:1]))

    assert [each.where for each in flaws] == ["mask"]


_TOML: Final = """
[[fingerprint]]
when = { target = "app::llm::*", "fields.error" = "*overloaded_error*" }
parts = "llm-overloaded"
title = "LLM overloaded"

[[mask]]
pattern = 'ORD-\\d{4}-\\d+'

[[keep]]
pattern = 'Q\\d{4}'
"""


def load_toml(text: str, place: Path) -> Fingerprinter:
    """Return what names problems as a settings file says."""
    file = place / "logwatchd.toml"
    file.write_text(text, "utf-8")
    return load(file=file, environ={}, directory=place, to_run=False).fingerprinter


def test_a_settings_file_says_it_all(tmp_path: Path) -> None:
    """`fields.error` is looked for where the parser has put it: among the causes."""
    named = load_toml(_TOML, tmp_path)

    assert named.identify(_EVENT).template == "LLM overloaded"
    lost = replace(_EVENT, causes=(), message="ORD-2024-0001 of Q1234 and Z1234 is lost")
    assert named.identify(lost).template == "<custom> of Q1234 and <id> is lost"


def test_a_settings_file_with_flaws_is_refused_with_all_of_them(tmp_path: Path) -> None:
    """The daemon does not start with half of what the team meant."""
    flawed = _TOML.replace("target =", "thread =").replace("ORD-", "(").replace("Q\\d{4}", "")

    with pytest.raises(ConfigError) as caught:
        load_toml(flawed, tmp_path)

    assert [name for name, _ in caught.value.problems] == [
        "fingerprint.0.when.thread",
        "mask.0.pattern",
        "keep.0.pattern",
    ]
