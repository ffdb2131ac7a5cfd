"""What ends tasks that ran together, as `cli.main` expects it."""

import traceback

from logwatchd.errors import LogwatchdError


def raise_expected(group: BaseExceptionGroup[BaseException]) -> None:
    """Raise what is expected to end a command, if it is among these; a defect of ours is not.

    Raises:
        BrokenPipeError: Nobody reads the output any more.
        LogwatchdError: The first of those there are.
    """
    for kind in (BrokenPipeError, LogwatchdError):
        found = group.subgroup(kind)
        if found is not None:
            raise first_of(found) from group


def defect(error: BaseException) -> str:
    """Return where a defect of ours happened, without what the errors say: that may hold anything.

    The command may have failed before it knew which texts are secret.
    """
    lines = ["logwatchd: a defect of ours; please report these lines"]
    known: set[int] = set()
    present: BaseException | None = error
    while present is not None and id(present) not in known:
        known.add(id(present))
        lines += traceback.format_tb(present.__traceback__)
        lines.append(f"{type(present).__module__}.{type(present).__qualname__} (text withheld)")
        present = present.__cause__ or present.__context__
    return "\n".join(line.rstrip("\n") for line in lines)


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first exception that is none of a group."""
    first = group.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
