"""Records to sightings, of which a defect of ours costs one record and never the daemon."""

from collections.abc import Callable, Sequence
from datetime import datetime

from logwatchd.domain.event import ParsedLine, Sighting
from logwatchd.domain.interpret import Interpreter


def judged(
    interpreter: Interpreter,
    records: Sequence[tuple[datetime, ParsedLine]],
    *,
    defect: Callable[[Exception, ParsedLine], None],
) -> list[Sighting | None]:
    """Interpret records; without this the daemon would die at one line again at every start.

    Args:
        interpreter: Knows what matters.
        records: Each with the time when it was read (aware, UTC).
        defect: Called with each record that could not be interpreted, and with why.

    Returns:
        As `Interpreter.sightings`; None also stands for a record that could not be interpreted.
    """
    try:
        return interpreter.sightings(records)
    except Exception as error:  # noqa: BLE001 -- the edge between a line and the daemon
        if len(records) == 1:
            defect(error, records[0][1])
            return [None]
    return [found for each in records for found in judged(interpreter, [each], defect=defect)]
