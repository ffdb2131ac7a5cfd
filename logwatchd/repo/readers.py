"""Which reader reads which language."""

from logwatchd.domain.statement import Statement
from logwatchd.repo.index_writer import ReadFile
from logwatchd.repo.syntax import Blocks

STATEMENTS_LIMIT = 5_000
"""Statements of one file that are kept."""


def read_blob(name: str, source: bytes, language: str) -> ReadFile:
    """Read one file; what is no source of its language gives what a grammar makes of it.

    Args:
        name: The id of the blob.
        source: Its content.
        language: One of `source_paths.LANGUAGES`.
    """
    statements: list[Statement]
    makers: list[Statement]
    blocks: Blocks
    # Each loads a grammar, and most updates need one.
    if language == "rust":
        from logwatchd.repo import rust_source  # noqa: PLC0415

        statements, makers, blocks = rust_source.read(source)
    else:
        from logwatchd.repo import call_source  # noqa: PLC0415

        statements, makers, blocks = call_source.read(source, language)
    return ReadFile(
        name,
        statements[:STATEMENTS_LIMIT],
        makers[:STATEMENTS_LIMIT],
        [(each.start, each.end, each.name) for each in blocks],
    )
