"""The pages on settings and rules, and the files to copy, say what the code does."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from logwatchd.domain.event import Event, Level, Severity
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.settings import Settings, load
from tests.fakes.clock import NOON
from tests.fakes.daemon import REPOSITORY

CONFIGURATION = (REPOSITORY / "docs" / "configuration.md").read_text("utf-8")
RULES = (REPOSITORY / "docs" / "rules.md").read_text("utf-8")
EXAMPLE = (REPOSITORY / "deploy" / "logwatchd.example.toml").read_text("utf-8")
DOTENV = (REPOSITORY / ".env.example").read_text("utf-8")
COMPOSE = (REPOSITORY / "docker" / "compose.yaml").read_text("utf-8")

ROWS = re.findall(r"^\| `([\w.]+)` \| `(\w+)`.*? \| (\S+) \| ", CONFIGURATION, re.MULTILINE)
"""Name, variable and default in every row of the page."""


def names(model: type[BaseModel], values: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield the dotted name of every setting there is, or of those that a TOML file gives."""
    for name in model.model_fields if values is None else values:
        field = model.model_fields.get(name)
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            below = None if values is None else values[name]
            yield from (f"{name}.{each}" for each in names(inner, below))
        else:
            yield name


def value_of(settings: Settings, name: str) -> object:
    """Return the value of a setting by its dotted name."""
    return reduce(getattr, name.split("."), settings)


def setting_of(variable: str) -> str:
    """Return the dotted name of the setting that a variable should set."""
    place = variable.removeprefix("LOGWATCHD_").lower().replace("__", ".")
    for name in ("discord_webhook_url", "github_repository", "github_token", "github_api_url"):
        place = name.replace("_", ".", 1) if place == name else place
    return place.replace("anthropic_", "diagnosis.")


def read(place: Path, toml: str = "", **environ: str) -> Settings:
    """Return the settings of a file and an environment, and of nothing else on this machine."""
    file = place / "logwatchd.toml"
    file.write_text(toml, "utf-8")
    environ = {"CREDENTIALS_DIRECTORY": str(place)} | environ
    return load(file=file, environ=environ, directory=place, to_run=False).settings


def in_force(example: str) -> str:
    """Return the example with the signs before its settings taken away; sentences stay comments."""
    text = re.sub(r"^#(?=[\w\[])", "", example, flags=re.MULTILINE).replace("…", "1/made-up")
    package = REPOSITORY / "logwatchd" / "diagnosers"  # whose files stand for a team's own
    text = text.replace("/etc/logwatchd/prompt.txt", str(package / "prompts" / "1.txt"))
    return text.replace("/etc/logwatchd/prices.toml", str(package / "prices.toml"))


def test_the_page_and_the_example_file_give_every_setting_and_no_other() -> None:
    """In the file each stands under its heading: under another one it would be refused."""
    example = tomllib.loads(in_force(EXAMPLE))

    assert sorted(name for name, _, _ in ROWS) == sorted(names(Settings))
    assert sorted(names(Settings, example)) == sorted(names(Settings))


@pytest.mark.parametrize(("name", "variable", "default"), ROWS)
def test_the_page_gives_the_variable_and_the_default_of_a_setting(
    name: str, variable: str, default: str, tmp_path: Path
) -> None:
    """Whoever sets a variable to its default has changed nothing."""
    plain = value_of(read(tmp_path), name)

    assert setting_of(variable) == name
    if default == "none":
        assert not plain
    else:
        assert value_of(read(tmp_path, **{variable: default}), name) == plain


def test_the_example_file_as_it_is_changes_nothing() -> None:
    """Copied and not edited it says only that no log is named."""
    assert tomllib.loads(EXAMPLE) == {}


def test_the_example_file_without_its_signs_holds_the_defaults(tmp_path: Path) -> None:
    """People start from it; what has no default is an example."""
    settings, plain = read(tmp_path, in_force(EXAMPLE)), read(tmp_path)

    for name, _, default in ROWS:
        if default != "none":
            assert value_of(settings, name) == value_of(plain, name), name
    # A repository and a key are examples, and turn parts on; their numbers were compared above.
    assert replace(settings.policy(), issues=None, diagnosis=None) == plain.policy()
    rules = {each.name: each for each in settings.rules}
    assert len(rules) == 3
    assert rules["slow-call"].duration_over is not None
    assert rules["refund-failed"].severity is Severity.CRITICAL


@pytest.mark.parametrize(
    "name",
    re.findall(
        r"^ *#? *((?:LOGWATCHD|DISCORD|GITHUB|ANTHROPIC)_\w+)[=:]", DOTENV + COMPOSE, re.MULTILINE
    ),
)
def test_a_variable_of_a_file_to_copy_sets_its_setting(name: str, tmp_path: Path) -> None:
    """A name that is not known is refused at the start, or does nothing."""
    values = {"LANGUAGE": "ko", "LEVEL": "debug", "ROLE": "123456789012345678", "AFTER": "10m"}
    values |= {"PATTERNS": '["x"]', "EXEMPT": '["x"]', "REPOSITORY": "acme/api", "MONTH": "7"}
    text = next(
        (v for k, v in values.items() if name.endswith(k)), "https://discord.com/api/webhooks/1/x"
    )
    plain = read(tmp_path)
    (tmp_path / ".env").write_text(f"{name}={text}\n", "utf-8")

    assert value_of(read(tmp_path), setting_of(name)) != value_of(plain, setting_of(name))


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
    settings = read(tmp_path, toml)
    verdict = RuleSet([each.spec() for each in settings.rules]).judge(event)

    assert verdict is not None
    assert verdict.rule == rule
