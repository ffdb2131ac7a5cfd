import pytest

from logwatchd.domain.hosts import (
    LINK_LOCAL,
    NOT_A_URL,
    NOT_SECURE,
    WITH_USER,
    why_no_proxy,
    why_not_asked,
)

HOSTS = ("discord.com",)
NOT_OURS = "must be an address of discord.com"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://discord.com/api/webhooks/1/x", ""),
        ("https://DISCORD.com/x", ""),
        ("http://127.0.0.1:8080/x", ""),
        ("http://127.9.9.9/x", ""),
        ("http://[::1]/x", ""),
        ("http://[::ffff:127.0.0.1]/x", ""),
        ("http://localhost/x", ""),
        ("", NOT_A_URL),
        ("discord.com/x", NOT_A_URL),
        ("https://discord.com:port/x", NOT_A_URL),
        ("https://discord.com /x", NOT_A_URL),
        ("https://discord.com\u200b/x", NOT_A_URL),
        ("http://discord.com/x", NOT_SECURE),
        ("file://localhost/etc/passwd", NOT_SECURE),
        ("https://me:pw@discord.com/x", WITH_USER),
        ("https://discord.com@evil.example/x", WITH_USER),
        ("https://evil.example/discord.com", NOT_OURS),
        ("https://discord.com.evil.example/x", NOT_OURS),
        ("https://discord.com./x", NOT_OURS),
        ("https://xdiscord.com/x", NOT_OURS),
        ("https://169.254.169.254/latest", NOT_OURS),
        ("https://[fe80::1%25eth0]/x", NOT_OURS),
        ("https://10.0.0.1/x", NOT_OURS),
        ("http://2130706433/x", NOT_SECURE),
        ("http://localhost.evil.example/x", NOT_SECURE),
    ],
)
def test_only_known_hosts_and_this_machine_are_asked(url: str, why: str) -> None:
    """Neither a slip in the settings nor a trick in a URL leads anywhere else."""
    assert why_not_asked(url, HOSTS) == why


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://proxy.example:3128", ""),
        ("https://me:pw@10.0.0.1:3128", ""),
        ("gopher://proxy.example", "is not a URL of a proxy"),
        ("proxy.example:3128", "is not a URL of a proxy"),
        ("http://169.254.169.254:80", LINK_LOCAL),
        ("http://[::ffff:169.254.169.254]", LINK_LOCAL),
        ("http://2852039166", "is not a URL of a proxy"),
        ("http://0xA9FEA9FE", "is not a URL of a proxy"),
        ("http://169.254.43518", "is not a URL of a proxy"),
        ("http://169.254.169.254.", "is not a URL of a proxy"),
        ("http://0251.0376.0251.0376", "is not a URL of a proxy"),
        ("http://proxy1.example:3128", ""),
    ],
)
def test_a_proxy_is_named_by_the_settings_and_is_never_link_local(url: str, why: str) -> None:
    """Each request goes through it, with the secrets of none but its own in the clear."""
    assert why_no_proxy(url) == why
