"""What ends tasks that ran together, as `cli.main` expects it."""

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


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first exception that is none of a group."""
    first = group.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
