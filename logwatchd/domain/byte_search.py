"""Many expressions looked for in bytes at once, without regard to case. Imports Hyperscan alone.

Hyperscan stands behind these two functions, so that what one process compiles is what another
would have.
"""

from collections.abc import Sequence

import hyperscan


def compiled(expressions: Sequence[str]) -> hyperscan.Database:
    """Compile; an expression is known by its place. Some milliseconds and four megabytes."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[each.encode() for each in expressions],
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(expressions),
    )
    return database


def loaded(data: bytes) -> hyperscan.Database:
    """Take over what this version of Hyperscan compiled and `hyperscan.dumpb` wrote."""
    database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
    database.scratch = hyperscan.Scratch(database)
    return database
