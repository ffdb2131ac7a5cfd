"""Types of settings: durations, sizes and addresses as people write them."""

import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
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


def safe_url(value: SecretStr) -> SecretStr:
    """Take `https`, and plain `http` for loopback addresses only. Never repeats the value."""
    try:
        parts = urlsplit(value.get_secret_value())
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise ValueError("not a URL") from None
    if not host or any(each.isspace() for each in value.get_secret_value()):
        raise ValueError("not a URL")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return value
    raise ValueError("must begin with https:// (http:// is taken for loopback addresses only)")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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
SecretUrl = Annotated[SecretStr, AfterValidator(safe_url)]
