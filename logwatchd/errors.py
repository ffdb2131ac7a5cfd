"""Everything logwatchd raises on purpose.

    LogwatchdError
    |-- ConfigError               the process exits with status 78, every problem at once
    |-- StateHeldError            another instance has the state directory; exit status 3
    |-- MergeRefusedError         two problems cannot be merged or split; nothing was changed
    |-- SourceError               one source cannot be read; the others go on
    |   |-- DamagedLogError       the rest of one old log cannot be read; what came before counts
    |   `-- TooManyFilesError     nor can any other be opened; give some descriptors back
    |-- RepositoryError           the monitored repository cannot be read; what needs it does without
    |-- DiagnoserError            the process that asks a model failed; it is not tried again
    |-- StoreError                state cannot be read or written now; the caller tries again
    |   `-- StateUnusableError    nor will it be later; the process ends with 78
    |       `-- StateDamagedError it is damaged; a restart moves it aside, so the process ends with 1
    `-- DeliveryError             one destination did not take one notice
        |-- TransientError        try again after our own delay
        |   `-- ThrottledError    try again, but not before `retry_after`
        |-- MessageGoneError      the message to edit is gone or closed; post a new one
        |-- RejectedError         will never be taken as it is; bury it
        `-- UnauthorizedError     nor will any other; stop using the destination, keep the outbox

A name is caught where something different is done about it, and nowhere else.
"""

from collections.abc import Sequence
from datetime import timedelta


class LogwatchdError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        hint: What an operator can do about it; shown with the message, never with a secret.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(LogwatchdError):
    """The configuration cannot be used.

    Attributes:
        problems: Every problem found, as `(field, reason)`; holds no value, so no secret.
    """

    def __init__(self, problems: Sequence[tuple[str, str]], *, hint: str = "") -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in problems), hint=hint)
        self.problems = tuple(problems)


class StateHeldError(LogwatchdError):
    """Another instance holds the state directory."""


class MergeRefusedError(LogwatchdError):
    """Problems cannot be merged or split as asked; nothing was changed."""


class SourceError(LogwatchdError):
    """A source cannot be read."""


class TooManyFilesError(SourceError):
    """The process, or the whole system, may open no more files at the moment."""


class DamagedLogError(SourceError):
    """An old log cannot be read to its end."""


class RepositoryError(LogwatchdError):
    """The monitored repository cannot be read, or not in the time that it may take."""


class DiagnoserError(LogwatchdError):
    """The process that asks a model ended without a word, was killed, or printed rubbish."""


class StoreError(LogwatchdError):
    """State cannot be read or written at the moment."""


class StateUnusableError(StoreError):
    """State cannot be used by this program at all, such as one written by a newer release."""


class StateDamagedError(StateUnusableError):
    """State was found damaged while it was in use; the next start moves it aside."""


class DeliveryError(LogwatchdError):
    """A destination did not take a notice.

    Attributes:
        destination: The name of the sink; safe to log.
    """

    def __init__(self, message: str, *, destination: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.destination = destination


class TransientError(DeliveryError):
    """The destination may take the same notice later.

    Attributes:
        outcome_unknown: Whether it may have taken it all the same: the request went out and no
            whole reply came back. The next attempt is then marked as a possible repeat.
    """

    def __init__(
        self, message: str, *, destination: str, hint: str = "", outcome_unknown: bool = False
    ) -> None:
        super().__init__(message, destination=destination, hint=hint)
        self.outcome_unknown = outcome_unknown


class ThrottledError(TransientError):
    """The destination asked for a pause, for this and every other notice.

    Attributes:
        retry_after: The pause it asked for, from the moment of the reply.
    """

    def __init__(self, message: str, *, destination: str, retry_after: timedelta) -> None:
        super().__init__(message, destination=destination)
        self.retry_after = retry_after


class MessageGoneError(DeliveryError):
    """The message that was to be edited was deleted, or takes no more edits."""


class RejectedError(DeliveryError):
    """The destination will never take this notice."""


class UnauthorizedError(DeliveryError):
    """The destination does not know our credentials, or does not exist any more."""
