"""Rows of results, and how they are printed."""

import io

Row = tuple[str, str, str]
"""What was measured, the result, and the target of the design, which may be empty."""


def as_table(rows: list[Row]) -> str:
    """Return rows as text in columns."""
    out = io.StringIO()
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.write("  ".join(cells).rstrip() + "\n")
    return out.getvalue()
