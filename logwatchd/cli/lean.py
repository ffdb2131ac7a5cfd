"""Import a module without what it would load only because it is there."""

import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without(name: str) -> Generator[None]:
    """Make `import name` fail inside the context; outside it works as usual.

    structlog prepares pretty tracebacks and httpx a command line of its own when they find rich:
    9 MiB and a tenth of a second that the daemon has no use for (measured in
    `docs/decisions/0002-dependencies.md`). Both are made to do without it.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
