"""The pages on settings and rules say what the code does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from logwatchd.domain.event import Event, Level
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.settings import load
from logwatchd.settings.model import Settings
from tests.fakes.clock import NOON
from tests.fakes.daemon import REPOSITORY

CONFIGURATION = (REPOSITORY / "docs" / "configuration.md").read_text("utf-8")
RULES = (REPOSITORY / "docs" / "rules.md").read_text("utf-8")
EXAMPLE = (REPOSITORY / "deploy" / "logwatchd.example.toml").read_text("utf-8")
DOTENV = (REPOSITORY / ".env.example").read_text("utf-8")


def names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the dotted name of every setting."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from names(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


@pytest.mark.parametrize("name", list(names(Settings)))
def test_every_setting_is_described(name: str) -> None:
    """In the page with its default, and in the file to copy."""
    assert f"| `{name}` |" in CONFIGURATION
    if name != "rules":
        assert re.search(rf"^#{name.rpartition('.')[2]} = ", EXAMPLE, re.MULTILINE)


def test_the_example_file_holds_the_defaults(tmp_path: Path) -> None:
    """With its comment signs taken away it loads; what is a default there is one in the code."""
    text = re.sub(r"^#(?=[\w\[])", "", EXAMPLE, flags=re.MULTILINE)
    file = tmp_path / "logwatchd.toml"
    file.write_text(text.replace("…", "1/made-up"), "utf-8")
    settings = load(file=file, environ={}, directory=tmp_path).settings
    plain = load(environ={}, directory=tmp_path / "nowhere", to_run=False).settings

    for section in ("log", "source", "pipeline", "store", "sinks", "language", "shipped_rules"):
        assert getattr(settings, section) == getattr(plain, section), section
    assert settings.alerts.edit_every == plain.alerts.edit_every
    assert settings.policy() == plain.policy()
    assert len(settings.rules) == 3


@pytest.mark.parametrize(
    "name", re.findall(r"^#?((?:LOGWATCHD|DISCORD)_\w+)=", DOTENV, re.MULTILINE)
)
def test_every_name_of_the_env_example_is_a_setting(name: str, tmp_path: Path) -> None:
    """A name that is not known would be refused at the start."""
    value = {"LANGUAGE": "ko", "LEVEL": "info", "ROLE": "123456789012345678", "AFTER": "10m"}
    text = next((v for k, v in value.items() if name.endswith(k)), "https://example.org/x")

    load(environ={name: text}, directory=tmp_path, to_run=False)


def test_every_shipped_rule_stands_in_the_page_in_order() -> None:
    """The order is the meaning: the first that matches decides."""
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (\w+) \| ", RULES, re.MULTILINE)

    assert rows == [(each.name, each.severity.value, each.category.value) for each in SHIPPED]


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (Event(at=NOON, level=Level.INFO, message="done", duration_ms=6000.0), "slow-call"),
        (
            Event(at=NOON, level=Level.ERROR, message="probe timed out", target="app::health"),
            "health-check-noise",
        ),
        (
            Event(at=NOON, level=Level.WARN, message="환불 실패", target="billing::refund"),
            "refund-failed",
        ),
        (
            Event(at=NOON, level=Level.ERROR, message="weather-api answered 503"),
            "weather-upstream",
        ),
    ],
)
def test_the_worked_examples_do_what_they_say(event: Event, rule: str, tmp_path: Path) -> None:
    """People copy examples."""
    [toml] = re.findall(r"```toml\n(.*?)```", RULES, re.DOTALL)
    file = tmp_path / "rules.toml"
    file.write_text(toml, "utf-8")
    loaded = load(file=file, environ={}, directory=tmp_path, to_run=False)
    verdict = RuleSet([each.spec() for each in loaded.settings.rules]).judge(event)

    assert verdict is not None
    assert verdict.rule == rule
