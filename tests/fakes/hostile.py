"""Strategies of text that attacks whoever shows it."""

from hypothesis import strategies as st

PIECES = (
    *"`*_~|>#-[]()<@:/!&\\.;+ \n\r\t\x00\x1b\x7f\x85\x9b\x9d\u200b\u200d\u202e\ufeff\ud800가😀a1",
    "```", "https://", "http:/", "javascript:", "](", "[x]: ", "![", "<img", "</close:1>", "<@&12>",
    "<#12>", "<t:1:R>", "<:a:1>", "<a:b:2>", "@everyone", "@here", "discord.gg/", "discord.com/invite",
    "\x1b[31m", "\x1b]8;;x\x07", "\U000e0041", "\ufff9", "``", "1.", "\u2028", "\ufe0f", "\u3164",
    "#12", "GH-7", "acme/api#3", "deadbeef01", "fixes ", "www.", "<!--", "-->", "&#64;", "/close",
    "@claude", "~~~", "[REDACTED:token]", ":shipit:",
)  # fmt: skip

HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=40).map(
    "".join
)
LIMITS = st.integers(min_value=0, max_value=120)
