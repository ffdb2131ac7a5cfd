"""Which changes of source change nothing that runs: comments, blank lines, layout."""

import re
from collections.abc import Sequence
from typing import Final

_COMMENT: Final = re.compile(r"(?://|#(?![!\[])|\*|/\*).*")
"""A line that is a comment as a whole; `#[derive]` of Rust and `#!` are none."""

_TAIL: Final = re.compile(r"""\s//[^"']*$""")
"""A comment behind code; with a quote in it, it may be part of a text."""

_SPACE: Final = re.compile(r"\s+")


def is_cosmetic(removed: Sequence[str], added: Sequence[str]) -> bool:
    """Say whether the code of some lines stayed the same.

    Args:
        removed: Lines as they were, without a mark of the diff.
        added: Lines as they are.
    """
    return _code(removed) == _code(added)


def _code(lines: Sequence[str]) -> str:
    return "".join(
        _SPACE.sub("", _TAIL.sub("", line))
        for line in lines
        if not _COMMENT.fullmatch(line.strip())
    )
