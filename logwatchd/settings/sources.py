"""Where settings stand: environment, credentials, `.env`, TOML file. Each becomes nested values."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values

from logwatchd.places import first_of

PREFIX: Final = "LOGWATCHD_"
_CREDENTIAL_BYTES: Final = 64 * 1024

_FIELD_NAMES: Final = {
    "DISCORD_WEBHOOK_URL": ("discord", "webhook_url"),
    "GITHUB_API_URL": ("github", "api_url"),
    "GITHUB_REPOSITORY": ("github", "repository"),
    "GITHUB_TOKEN": ("github", "token"),
    "STATE_DIRECTORY": ("state_dir",),
    "ANTHROPIC_API_KEY": ("diagnosis", "api_key"),
    "ANTHROPIC_BASE_URL": ("diagnosis", "base_url"),
}
"""Names that the field already uses, taken as they are."""

_SECRET_SETTINGS: Final = (
    ("discord", "webhook_url"),
    ("discord", "proxy"),
    ("diagnosis", "api_key"),
    ("github", "token"),
    ("github", "proxy"),
)

_NOT_SETTINGS: Final = frozenset({"LOGWATCHD_CONFIG"})

Values = dict[str, Any]
Problem = tuple[str, str]


def from_environment(environ: Mapping[str, str]) -> tuple[Values, list[Problem]]:
    """Read `LOGWATCHD_*` variables, names that the field uses, and `…_FILE` for secrets."""
    values: Values = {}
    problems: list[Problem] = []
    for name, text in sorted(environ.items()):
        if name in _NOT_SETTINGS or not text:
            continue
        place = _place(name)
        if place is not None:
            put(values, place, _value(place, text))
        elif (secret := _secret_file(name)) is not None:
            try:
                put(values, secret, _read(Path(text)))
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or "not a text file"
                problems.append((name, f"the file it names cannot be read: {reason}"))
    return values, problems


def from_credentials(directory: Path) -> tuple[Values, list[Problem]]:
    """Read a directory of secrets (systemd credentials, Docker and ECS secrets).

    A file is named like the variable, in any case: `discord_webhook_url` or
    `logwatchd_discord__webhook_url`. Files with other names are none of our business.
    """
    values: Values = {}
    problems: list[Problem] = []
    try:
        files = sorted(directory.iterdir())
    except OSError:
        return values, problems
    for file in files:
        place = _place(file.name.upper())
        if place is None or not file.is_file():
            continue
        try:
            put(values, place, _value(place, _read(file)))
        except (OSError, ValueError):
            problems.append((f"credential {file.name}", "cannot be read"))
    return values, problems


def read_dotenv(path: Path | None) -> tuple[dict[str, str], list[Problem]]:
    """Read a `.env` file, to be taken as if it were the environment."""
    try:
        if path is None or not path.is_file():
            return {}, []
        found = dotenv_values(path, interpolate=False)
    except OSError as error:
        return {}, [(str(path), f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return {}, [(str(path), "is not UTF-8")]
    return {name: text for name, text in found.items() if text is not None}, []


def from_toml(path: Path | None) -> tuple[Values, list[Problem]]:
    """Read the TOML file."""
    if path is None:
        return {}, []
    try:
        return tomllib.loads(path.read_text("utf-8")), []
    except OSError as error:
        return {}, [(str(path), f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return {}, [(str(path), "is not UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return {}, [(str(path), f"is not TOML: {error}")]


def secret_values(values: Values) -> Iterator[str]:
    """Yield the texts that stand where a secret belongs, whether they are right or not."""
    for section, name in _SECRET_SETTINGS:
        inner = values.get(section)
        if isinstance(inner, dict) and isinstance(inner.get(name), str):
            yield inner[name]


def put(values: Values, place: tuple[str, ...], value: Any) -> None:
    """Set a nested value."""
    *path, last = place
    for name in path:
        inner = values.setdefault(name, {})
        if not isinstance(inner, dict):
            return  # a plain value stands where a section is meant; the model says so
        values = inner
    values[last] = value


def merged(*layers: Values) -> Values:
    """Merge nested values; the first layer wins."""
    result: Values = {}
    for layer in reversed(layers):
        _merge(result, layer)
    return result


def _merge(into: Values, layer: Values) -> None:
    for name, value in layer.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = dict(value) if isinstance(value, dict) else value


def _place(name: str) -> tuple[str, ...] | None:
    if name in _FIELD_NAMES:
        return _FIELD_NAMES[name]
    if not name.startswith(PREFIX) or _secret_file(name) is not None:
        return None
    return tuple(name.removeprefix(PREFIX).lower().split("__"))


def _secret_file(name: str) -> tuple[str, ...] | None:
    if not name.endswith("_FILE"):
        return None
    base = name.removesuffix("_FILE")
    if base in _FIELD_NAMES:
        place = _FIELD_NAMES[base]
    else:
        place = tuple(base.removeprefix(PREFIX).lower().split("__"))
    return place if place in _SECRET_SETTINGS else None


def _value(place: tuple[str, ...], text: str) -> Any:
    if place == ("state_dir",):
        return first_of(text)
    if place == ("paths",) and not text.lstrip().startswith("["):
        return [part.strip() for part in text.replace(":", ",").split(",") if part.strip()]
    if place == ("sinks",) and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if text.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_CREDENTIAL_BYTES).decode("utf-8").strip()
