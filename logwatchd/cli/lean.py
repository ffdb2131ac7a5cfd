"""Import a module without what it would load only because it is there."""

import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Generator[None]:
    """Make `import name` fail inside the context; outside it works as usual.

    structlog prepares pretty tracebacks when it finds rich, and httpx a command line of its own
    when it finds click, Pygments and rich: 5 MiB that the daemon has no use for (measured in
    `docs/decisions/0002-dependencies.md`). Both are made to do without them.
    """
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
