"""Everything that can be configured. The only part that reads the environment.

Precedence: flags > environment > credentials directory > `.env` (local only) > TOML file >
defaults.
"""

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from logwatchd import places
from logwatchd.domain.fingerprint import Fingerprinter
from logwatchd.domain.overrides import Overrides, flaws_of
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet, problems_of
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.domain.team_patterns import PatternProblem
from logwatchd.errors import ConfigError
from logwatchd.settings import sources
from logwatchd.settings.model import LogFormat, Settings, SinkName
from logwatchd.settings.sources import Problem, Values
from logwatchd.settings.units import listed, secrets_of_url

__all__ = ["Loaded", "LogFormat", "Settings", "SinkName", "load"]

_DOCKER_SECRETS: Final = Path("/run/secrets")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used.

    Attributes:
        settings: The values.
        rules: The team's rules, then the shipped ones.
        redactor: Knows the secrets of this configuration.
        fingerprinter: Names problems as the team wants them named.
        state_dir: Where state is kept.
        file: The TOML file read, or None.
        notify_socket: Where systemd wants to hear from us, or "".
        journal_stream: Device and inode of the stream that leads to the journal, or "".
        watchdog_usec: How often, or 0.
    """

    settings: Settings
    rules: RuleSet
    redactor: Redactor
    fingerprinter: Fingerprinter
    state_dir: Path
    file: Path | None
    notify_socket: str
    journal_stream: str
    watchdog_usec: int


def load(
    *,
    flags: Values | None = None,
    file: Path | None = None,
    to_run: bool = True,
    to_send: bool = True,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Loaded:
    """Read the configuration.

    Args:
        flags: Values of the command line, nested.
        file: The TOML file to read; found by itself when None.
        to_run: Whether a daemon is to be run: then paths and secrets must be there.
        to_send: Whether anything is to be sent, so that what is only then needed must be there.
        environ: The environment; that of the process by default.
        directory: Where `.env` and `logwatchd.toml` are looked for; the working directory.

    Raises:
        ConfigError: It cannot be used; names every problem at once, and no value.
    """
    environ = os.environ if environ is None else environ  # noqa: TID251 -- the one place
    directory = Path.cwd() if directory is None else directory
    file = file or places.config_file(environ, directory)
    under_systemd = "INVOCATION_ID" in environ
    credentials = Path(environ.get("CREDENTIALS_DIRECTORY", _DOCKER_SECRETS))
    dotenv, dotenv_problems = sources.read_dotenv(None if under_systemd else directory / ".env")
    layers = [
        (flags or {}, []),
        sources.from_environment(environ),
        sources.from_credentials(credentials),
        sources.from_environment(dotenv),
        ({}, dotenv_problems),
        sources.from_toml(file),
    ]
    problems = [problem for _, found in layers for problem in found]
    values = sources.merged(*(values for values, _ in layers))
    settings, usable = _settings(values, problems)
    if to_run and to_send:
        problems += _missing_token(settings)
    if to_run:
        problems += _missing(values, settings)
        if settings is not None and "paths" not in (flags or {}):
            problems += _unknown_paths(settings)
    parts = _parts(usable, problems) if usable is not None else None
    if problems or settings is None or parts is None:
        raise ConfigError(
            _without_secrets(problems, values),
            hint="`logwatchd check` tries a configuration without running it.",
        )
    rules, redactor, fingerprinter = parts
    return Loaded(
        settings=settings,
        rules=rules,
        redactor=redactor,
        fingerprinter=fingerprinter,
        state_dir=settings.state_dir or places.default_state(environ),
        file=file,
        notify_socket=environ.get("NOTIFY_SOCKET", ""),
        journal_stream=environ.get("JOURNAL_STREAM", ""),
        watchdog_usec=_watchdog(environ),
    )


def _settings(values: Values, problems: list[Problem]) -> tuple[Settings | None, Settings | None]:
    """Return the settings, and what is right of them: then the rest is checked all the same."""
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems += [
            (_dotted(each["loc"]), _reason(each))
            for each in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        return None, _without_wrong(values, error)
    return settings, settings


def _without_wrong(values: Values, error: ValidationError) -> Settings | None:
    left = copy.deepcopy(values)
    wrong = [_entry(each["loc"]) for each in error.errors(include_url=False)]
    for place in reversed(list(dict.fromkeys(wrong))):
        _drop(left, place)
    try:
        return Settings(**left)
    except ValidationError:
        return None


def _entry(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return the place of what must go: of a list, the whole entry."""
    numbers = [at for at, part in enumerate(location) if isinstance(part, int)]
    return location[: numbers[0] + 1] if numbers else location


def _drop(values: Any, location: tuple[int | str, ...]) -> None:
    """Remove a nested value, if it is there."""
    first, *rest = location
    try:
        inner = values[first]
    except (KeyError, IndexError, TypeError):
        return
    if rest and isinstance(inner, dict | list):
        _drop(inner, tuple(rest))
    else:
        del values[first]


def _dotted(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "settings"


def _reason(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown setting"
    text = str(error["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _without_secrets(problems: Sequence[Problem], values: Values) -> list[Problem]:
    """Redact problems: a secret may have been put where a name or a path belongs."""
    given = [url for each in sources.secret_values(values) for url in secrets_of_url(each)]
    redact = Redactor(own_secrets=given).text
    return [(redact(name), redact(reason)) for name, reason in problems]


def _missing(values: Values, settings: Settings | None) -> list[Problem]:
    """Say what a daemon cannot do without, also when other settings are wrong."""
    problems: list[Problem] = []
    paths = settings.paths if settings else listed(values.get("paths") or ())
    if not paths:
        problems.append(
            ("paths", "no log is named; set LOGWATCHD_PATHS or paths in logwatchd.toml")
        )
    problems += [
        ("paths", f"{path}: permission denied")
        for path in paths
        if isinstance(path, str) and _is_closed(path)
    ]
    wanted = values.get("sinks", [SinkName.DISCORD])
    section = values.get("discord")
    given = isinstance(section, dict) and section.get("webhook_url")
    if isinstance(wanted, list | tuple) and SinkName.DISCORD in wanted and not given:
        problems.append(
            ("discord.webhook_url", "the sink discord needs it; set DISCORD_WEBHOOK_URL")
        )
    if not wanted:
        problems.append(("sinks", "no sink is named: nobody would be told"))
    return problems


def _missing_token(settings: Settings | None) -> list[Problem]:
    """Say that issues cannot be filed without a token."""
    if settings is None or settings.issue_policy() is None or settings.github.token is not None:
        return []
    return [
        (
            "github.token",
            "github.repository needs it; set GITHUB_TOKEN, or LOGWATCHD_ISSUES__ENABLED=false",
        )
    ]


def _unknown_paths(settings: Settings) -> list[Problem]:
    """Name limits of silence for paths that are not followed: a slip would go unnoticed."""
    return [
        ("source.silent_after_for", f"{path}: is not one of paths")
        for path in settings.source.silent_after_for
        if path not in settings.paths
    ]


def _is_closed(path: str) -> bool:
    """Say whether a path exists and may not be read. One that is missing is waited for."""
    if has_magic(path):
        return False
    found = Path(path)
    try:
        mode = os.R_OK | os.X_OK if found.is_dir() else os.R_OK
        return found.exists() and not os.access(found, mode)
    except PermissionError:
        return True


def _parts(
    settings: Settings, problems: list[Problem]
) -> tuple[RuleSet, Redactor, Fingerprinter] | None:
    shipped = SHIPPED if settings.shipped_rules else ()
    specs = [*(each.spec() for each in settings.rules), *shipped]
    wrong = [(f"rules.{each.rule}.{each.field}", each.reason) for each in problems_of(specs)]
    grouping = settings.grouping()
    wrong += [(each.where, each.reason) for each in flaws_of(grouping)]
    problems += wrong
    redactor = None
    try:
        redactor = Redactor(
            own_secrets=settings.secrets(),
            extra_keys=settings.redaction.keys,
            extra_patterns=settings.redaction.patterns,
            exempt_patterns=settings.redaction.exempt,
            hide_ip_addresses=settings.redaction.ip_addresses,
        )
    except PatternProblem as error:
        problems.append((f"redaction.{error.setting}", str(error)))
    if wrong or redactor is None:
        return None
    return RuleSet(specs), redactor, Fingerprinter(Overrides(grouping))


def _watchdog(environ: Mapping[str, str]) -> int:
    """Return the watchdog's time, if it is meant for this process (sd_watchdog_enabled(3))."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0
    text = environ.get("WATCHDOG_USEC", "")
    return int(text) if text.isascii() and text.isdigit() else 0
