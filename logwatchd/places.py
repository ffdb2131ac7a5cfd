"""Where the file of settings and the state stand, when nobody says so.

Standard library only, and apart from `settings/`: `logwatchd health` runs every few seconds, and
what checks settings costs more than it may take.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CONFIG_NAME: Final = "logwatchd.toml"
HEARTBEAT_NAME: Final = "heartbeat"
"""The daemon's sign of life, in the state directory."""

SYSTEM_CONFIG: Final = Path("/etc/logwatchd") / CONFIG_NAME
STATE_VARIABLES: Final = ("STATE_DIRECTORY", "LOGWATCHD_STATE_DIR")
"""Variables that name the state directory; the first that is set wins."""

_SYSTEM_STATE: Final = Path("/var/lib/logwatchd")


def config_file(environ: Mapping[str, str], directory: Path) -> Path | None:
    """Return the file of settings, or None when there is none."""
    if environ.get("LOGWATCHD_CONFIG"):
        return Path(environ["LOGWATCHD_CONFIG"])
    return next((each for each in (directory / CONFIG_NAME, SYSTEM_CONFIG) if each.is_file()), None)


def default_state(environ: Mapping[str, str]) -> Path:
    """Return the state directory that nobody named."""
    if os.geteuid() == 0:
        return _SYSTEM_STATE
    base = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "logwatchd"


def first_of(text: str) -> str:
    """Return the first of several directories, as systemd gives them: with colons between them."""
    return text.split(":", maxsplit=1)[0]


def state_directory(config: Path | None = None) -> Path:
    """Return the state directory as the settings would name it, with nothing checked.

    Only `.env` and the directory of credentials, which hold other things, are not looked at.

    Args:
        config: The file of settings; found by itself when None.
    """
    environ = os.environ  # noqa: TID251 -- settings/ cannot be imported here: see above
    named = next((environ[name] for name in STATE_VARIABLES if environ.get(name)), "")
    if named:
        return Path(first_of(named)).expanduser().absolute()
    file = config or config_file(environ, Path.cwd())
    try:
        text = tomllib.loads(file.read_text("utf-8")).get("state_dir") if file else None
    except (OSError, ValueError):
        text = None
    return Path(text).expanduser().absolute() if isinstance(text, str) else default_state(environ)
