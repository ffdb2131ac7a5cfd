"""Which addresses may be asked at all.

No address ever comes out of a log or an answer: they stand in the settings, and even there a slip
or a redirect must not lead a secret, or a request, to a host that is not meant.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

NOT_A_URL: Final = "is not a URL"
NOT_SECURE: Final = "must begin with https:// (http:// is taken for loopback addresses only)"
WITH_USER: Final = "must not hold a user name or a password"
LINK_LOCAL: Final = "must not be a link-local address"


def why_not_asked(url: str, hosts: Collection[str]) -> str:
    """Return why a URL must not be asked, or "" when it may be; never repeats any part of it.

    Args:
        url: The whole URL.
        hosts: The hosts that may be asked, in lower case; loopback is always allowed.
    """
    parts = _parts_of(url)
    if parts is None or parts.scheme not in ("https", "http"):
        return NOT_A_URL if parts is None else NOT_SECURE
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None:
        return WITH_USER
    if is_loopback(host):
        return ""
    if parts.scheme != "https":
        return NOT_SECURE
    return "" if host in hosts else f"must be an address of {', '.join(sorted(hosts))}"


def why_no_proxy(url: str) -> str:
    """Return why a URL is not one of a proxy, or ""; never repeats any part of it."""
    parts = _parts_of(url)
    if (
        parts is None
        or parts.scheme not in ("https", "http")
        or is_odd_number(parts.hostname or "")
    ):
        return "is not a URL of a proxy"
    return LINK_LOCAL if is_link_local(parts.hostname or "") else ""


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its very name."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def is_odd_number(host: str) -> bool:
    """Say whether a host is an address in no usual form: `2852039166` is 169.254.169.254, too.

    The system's resolver takes such forms, so nothing could be said about where they lead. A host
    whose last part begins with a digit is never a name (WHATWG URL, "ends in a number").
    """
    last = host.rstrip(".").rpartition(".")[2]
    return last[:1].isdigit() and _address(host) is None


def is_link_local(host: str) -> bool:
    """Say whether a host is an address that only this network segment knows.

    Behind 169.254.169.254 a cloud hands out the machine's credentials.
    """
    address = _address(host)
    return address is not None and address.is_link_local


def _parts_of(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    blank = any(each.isspace() or not each.isprintable() for each in url)
    return None if blank or not parts.hostname else parts


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
