"""Where GitHub is: its public address, or that of an Enterprise server."""

from typing import Final
from urllib.parse import quote, urlsplit

API_URL: Final = "https://api.github.com"
HOSTS: Final = frozenset({"api.github.com"})
"""The host that is asked where no other is configured."""

_WEB: Final = "https://github.com"
_ENTERPRISE_PATH: Final = "/api/v3"


def web_url(api_url: str) -> str:
    """Return what the addresses for a browser begin with."""
    parts = urlsplit(api_url)
    if parts.hostname in HOSTS:
        return _WEB
    path = parts.path.rstrip("/").removesuffix(_ENTERPRISE_PATH)
    return f"{parts.scheme}://{parts.netloc}{path}"


def repository_path(repository: str) -> str:
    """Return the path of a repository's API; `owner/name` was looked at by the settings."""
    owner, _, name = repository.partition("/")
    return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"
