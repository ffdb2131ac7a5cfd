"""Text that somebody else wrote: a log, a model, a server that answered.

Whoever can make the application log a string speaks through it to a terminal, to Discord, to
GitHub's bots and to a model. `Tainted` therefore has no way into other text by accident: it cannot
be formatted, joined or printed, and its `repr` shows nothing. Only the renderers (`safe_*`,
`prompt`) open it, each for one kind of place; a test holds them to it.

The way of a line from its bytes to the state is plain `str`, for speed: nothing there is shown to
anyone. What a sink is asked to tell is tainted (`incident_view`).
"""

from typing import Final, NoReturn, final

_REFUSED: Final = "tainted text: only a renderer may show it, see logwatchd.domain.safe_text"


@final
class Tainted:
    """Text from outside. It can be compared, measured and handed on, and nothing else."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text: Final = text

    def untainted(self) -> str:
        """Return the text. For renderers alone."""
        return self.__text

    def __bool__(self) -> bool:
        """Say whether there is more in it than white space."""
        return bool(self.__text.strip())

    def __len__(self) -> int:
        """Return the number of code points."""
        return len(self.__text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tainted) and other.__text == self.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __repr__(self) -> str:
        return f"Tainted({len(self.__text)} characters)"

    def __str__(self) -> NoReturn:
        raise TypeError(_REFUSED)

    def __format__(self, _spec: str) -> NoReturn:
        raise TypeError(_REFUSED)
