"""Types of settings: durations, sizes and addresses as people write them."""

import re
from collections.abc import Collection
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from logwatchd.domain.hosts import LINK_LOCAL, is_link_local, why_no_proxy, why_not_asked

_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_WEBHOOK_TOKEN: Final = re.compile(r"/webhooks/[0-9]+/([^/]+)")
_SIZE: Final = re.compile(r"(\d{1,15})\s*(B|KiB|MiB|GiB)?")
_BYTES: Final = {None: 1, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_LAST_PORT: Final = 65_535
_LONGEST: Final = timedelta(days=3650)


def duration(value: Any) -> Any:
    """Read `30s`, `1h30m` or a number of seconds; anything else is left to pydantic."""
    if isinstance(value, str):
        text = value.strip()
        parts = _DURATION.findall(text)
        try:
            if parts and "".join(_DURATION.split(text)[::3]).strip() == "":
                return timedelta(seconds=sum(float(n) * _SECONDS[unit] for n, unit in parts))
            return timedelta(seconds=float(text))
        except (ValueError, OverflowError):
            raise ValueError("not a duration: write 30s, 10m, 4h or 1d") from None
    return value


def positive(value: timedelta) -> timedelta:
    """Refuse lengths of nothing and of more than ten years."""
    if not timedelta(0) < value <= _LONGEST:
        raise ValueError("must be longer than nothing and at most ten years")
    return value


def off(value: Any) -> Any:
    """Read `off` as no length at all."""
    return None if isinstance(value, str) and value.strip().lower() == "off" else value


def at_least_a_second(value: timedelta | None) -> timedelta | None:
    """Refuse what is shorter than files are looked at."""
    if value is not None and value < timedelta(seconds=1):
        raise ValueError("must be at least 1s, or off")
    return value


def size(value: Any) -> Any:
    """Read `256KiB`, `64 MiB` or a number of bytes."""
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if match is None:
            raise ValueError("not a size: write 65536, 256KiB or 64MiB")
        return int(match[1]) * _BYTES[match[2]]
    return value


def listed(value: Any) -> Any:
    """Read a list from one text: parts between commas or line ends."""
    if isinstance(value, str):
        return [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]
    return value


def address_of(hosts: Collection[str]) -> AfterValidator:
    """Take a URL of one of the hosts, or of a loopback address. Never repeats the value."""

    def validated(value: SecretStr) -> SecretStr:
        if why := why_not_asked(value.get_secret_value(), hosts):
            raise ValueError(why)
        return value

    return AfterValidator(validated)


def proxy_url(value: SecretStr) -> SecretStr:
    """Take the URL of an HTTP proxy. Never repeats the value."""
    if why := why_no_proxy(value.get_secret_value()):
        raise ValueError(why)
    return value


def api_url(value: str) -> str:
    """Take the URL of an API: any host over https, this machine also over http."""
    try:
        host = urlsplit(value).hostname or ""
    except ValueError:
        host = ""
    if why := why_not_asked(value, {host}):
        raise ValueError(why)
    if is_link_local(host):
        raise ValueError(LINK_LOCAL)
    return value.rstrip("/")


def secrets_of_url(url: str) -> list[str]:
    """Return a secret URL and the parts of it that are secret by themselves.

    The rest may stand in a log without them: a path without its host, a password without its user.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return [url]
    tokens = _WEBHOOK_TOKEN.findall(parts.path)
    password = parts.password or ""
    return [url, *tokens, *(each for each in (password, unquote(password)) if each)]


def whole_paths(values: tuple[str, ...]) -> tuple[str, ...]:
    """Make paths whole: `~` is the home, and a relative one begins at the working directory.

    The state remembers patterns by their text, so it must not depend on where we were started.
    """
    return tuple(str(whole_path(Path(each))) for each in values)


def whole_path(value: Path) -> Path:
    """Make a path whole."""
    try:
        return value.expanduser().absolute()
    except (RuntimeError, OSError):
        raise ValueError("names a home or a working directory that is not there") from None


def address(value: Any) -> Any:
    """Read `127.0.0.1:9464`, `[::1]:9464` or a port alone, which is one of the loopback address."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return value
    host, _, port = value.strip().rpartition(":")
    try:
        found = ip_address(host.removeprefix("[").removesuffix("]") if host else "127.0.0.1")
    except ValueError:
        raise ValueError("not an address: write 127.0.0.1:9464 or [::1]:9464") from None
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT):
        raise ValueError("not a port: write 127.0.0.1:9464")
    return str(found), int(port)


Duration = Annotated[timedelta, BeforeValidator(duration), AfterValidator(positive)]
Patience = Annotated[Duration | None, BeforeValidator(off), AfterValidator(at_least_a_second)]
Size = Annotated[int, BeforeValidator(size)]
Address = Annotated[tuple[str, int] | None, BeforeValidator(address), BeforeValidator(off)]
Names = Annotated[tuple[str, ...], BeforeValidator(listed)]
Paths = Annotated[tuple[str, ...], BeforeValidator(listed), AfterValidator(whole_paths)]
WholePath = Annotated[Path, AfterValidator(whole_path)]
WholePattern = Annotated[str, AfterValidator(lambda value: str(whole_path(Path(value))))]
Repository = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$")]
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}(\[bot\])?$")]
ApiUrl = Annotated[str, AfterValidator(api_url)]
ProxyUrl = Annotated[SecretStr, AfterValidator(proxy_url)]
