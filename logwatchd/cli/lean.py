"""Import a module without what it would load only because it is there."""

import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Generator[None]:
    """Make importing some modules fail inside the context; outside it works as usual.

    structlog prepares pretty tracebacks and httpx a command line of its own when they find rich,
    click and pygments:
    9 MiB and a tenth of a second that the daemon has no use for (measured in
    `docs/decisions/0002-dependencies.md`). Both are made to do without it.
    """
    hidden = [each for each in names if each not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for each in hidden:
            del sys.modules[each]
