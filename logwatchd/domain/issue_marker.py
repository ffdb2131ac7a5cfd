"""The hidden first line of an issue or a comment of ours, by which it is found again.

It names the problem, whose fingerprint comes from the content alone: a daemon that lost its state,
or another one on another host, makes the same marker. It is no secret, so it proves nothing by
itself: it is believed at the very first character of what our own login wrote, where log text never
stands, and GitHub vouches for the login. See decision 11.
"""

import re
from typing import Final

_ISSUE: Final = re.compile(r"<!-- logwatchd:issue (v[0-9]{1,9}:[0-9a-f]{4,64}) -->")
_SAFE: Final = re.compile(r"v[0-9]{1,9}:[0-9a-f]{4,64}")
_COMMENT_NAME: Final = re.compile(r"[a-z]{1,20} [0-9A-Za-z:-]{1,40}")


def issue_marker(fingerprint: str) -> str:
    """Return the first line of the issue of a problem.

    Raises:
        ValueError: It is no fingerprint.
    """
    if not _SAFE.fullmatch(fingerprint):
        raise ValueError("not a fingerprint")
    return f"<!-- logwatchd:issue {fingerprint} -->"


def marked_problem(body: str) -> str:
    """Return the problem that the first line of a body names, or ""."""
    found = _ISSUE.match(body)
    return found[1] if found else ""


def comment_marker(name: str) -> str:
    """Return the first line of the comment of this name; see `issue_steps`.

    Raises:
        ValueError: It is no name of a comment.
    """
    if not _COMMENT_NAME.fullmatch(name):
        raise ValueError("not a name of a comment")
    return f"<!-- logwatchd:comment {name} -->"
