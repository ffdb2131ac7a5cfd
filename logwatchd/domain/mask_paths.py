"""Paths and URLs, and what stands for the parts of them that name one of many.

Of a file's path little says what went wrong: a place in the source, a configuration file. Of a
route and of a URL all parts do that are not ids.
"""

import re
from typing import Final

from logwatchd.domain.mask_words import SOURCE

_SOURCE_FILE: Final = re.compile(rf".*\.{SOURCE}")
_CONFIGURATION: Final = re.compile(
    r"/etc/[^<]*[^/<]|[^<]*\.(?:toml|ya?ml|ini|conf|cfg|env|properties|pem|crt|cer|key|jks|p12|sock|service)"
)
_FILES: Final = re.compile(
    r"(?:/(?:tmp|var|home|user|usr|opt|mnt|data|root|proc|sys|dev|run|lib|lib64|bin|sbin|srv|boot|media|etc"
    r"|app|apps|Users|Library|System|Volumes|Applications|private|projects?|scratch|hadoop|nfs|rustc)"
    r"|~|\.{1,2})/.*"
)
"""Paths in a file system, by where they begin; others may be routes."""

_FILE_ENDING: Final = re.compile(r".*\.[A-Za-z][A-Za-z0-9]{0,9}")
_WORDS: Final = re.compile(
    r"[^\W\d_]{1,24}(?:/[^\W\d_]{1,24}){1,2}"
    r"|(?:application|audio|font|image|message|multipart|text|video)/[\w.+\-]{1,80}"
)
"""Words with a slash between them, as in `read/write`, and media types."""
_LINES: Final = re.compile(r"(?::<n>){1,2}\Z")
_QUERY: Final = re.compile("[?#]")
_ENDS: Final = ".,:;!"


def masked_url(token: str) -> tuple[str, str]:
    """Return a URL without its query and ids, and the part of the token that was the URL.

    The host stays, for another upstream is another problem; not so a host with a number.
    """
    url = token.rstrip(_ENDS)
    scheme, _, rest = url.partition("://")
    host, slash, path = _QUERY.split(rest, maxsplit=1)[0].partition("/")
    host = host.rpartition("@")[2].removesuffix(":<n>")
    if "<" in host:
        host = "<host>"
    return f"{scheme}://{host}{slash}{_without_values(path)}", url


def masked_path(token: str, *, route: bool) -> tuple[str, str]:
    """Return what stands for a path, and the part of the token that was the path.

    Args:
        token: The path, maybe with a full stop behind it.
        route: Whether a word in front of it says that it is a route of a server.
    """
    path = token.rstrip(".:") or token
    bare = _LINES.sub("", path)
    if _SOURCE_FILE.fullmatch(bare):
        return "/".join(bare.split("/")[-2:]), path
    if _WORDS.fullmatch(bare):
        return bare, path
    if route:
        return _without_values(bare), path
    if _CONFIGURATION.fullmatch(bare):
        return bare, path
    if not bare.startswith("/") or _FILES.fullmatch(bare) or _FILE_ENDING.fullmatch(bare):
        return "<path>", path
    return _without_values(bare), path


def _without_values(path: str) -> str:
    """Return a route whose parts that hold a value are ids."""
    return "/".join("<id>" if "<" in part else part for part in path.split("/"))
