"""Which frame of a stack trace is the application's own: Rust, Python, Java, JavaScript."""

import re
from typing import Final

_FRAMES_LIMIT: Final = 128

_RUST: Final = re.compile(r"\s{0,8}[0-9]{1,4}: (?:0x[0-9a-f]{1,16} - )?+([\w<][^\n]{0,400})")
_PYTHON: Final = re.compile(r"\s{1,8}File \"([^\"\n]{1,300})\", line [0-9]{1,9}, in (\S{1,200})")
_AT: Final = re.compile(
    r"\s{0,8}at (?:async )?+(?:new )?+([\w$.<>/]{1,300})\s?\(([^()\n]{0,300})\)"
)

_RUST_LIBRARIES: Final = re.compile(
    r"<?(?:&?(?:mut |dyn )?)*(?:std|core|alloc|tokio|tokio_\w+|hyper|hyper_util|tower|tower_\w+|axum|axum_\w+"
    r"|futures|futures_\w+|tracing|tracing_\w+|sqlx|sqlx_\w+|reqwest|anyhow|eyre|color_eyre|backtrace"
    r"|rayon|rayon_core|rust_begin_unwind|rust_panic|__rust\w*|__libc\w*|_start|start_thread|clone3?"
    r"|main|__pthread\w*)(?:::|\b)"
)
_PYTHON_LIBRARIES: Final = ("/site-packages/", "/dist-packages/", "/lib/python", "<frozen ")
_OTHER_LIBRARIES: Final = re.compile(
    r"(?:java|javax|jdk|sun|com\.sun|kotlin|scala|org\.springframework|org\.apache|io\.netty|reactor)\."
)
_OTHER_PLACES: Final = ("node_modules/", "node:", "internal/")

_SYMBOL_HASH: Final = re.compile(r"::h[0-9a-f]{16}\b")
_CLOSURE: Final = re.compile(r"::\{\{?[\w#: ]{1,40}\}\}?")
_GENERIC: Final = re.compile(r"::<[^\n]{0,300}>\Z")


def top_frame(stack: str) -> str:
    """Return the function that the application was in, "" when no frame is known for its own.

    Never a line's number, an address or a symbol's hash: they move with every build.

    Args:
        stack: A stack trace or a backtrace.
    """
    lines = stack.split("\n", _FRAMES_LIMIT * 2)[: _FRAMES_LIMIT * 2]
    if any(line.startswith("Traceback ") for line in lines):
        return next((found for line in reversed(lines) if (found := _python(line))), "")
    return next((found for line in lines if (found := _rust(line) or _at(line))), "")


def _rust(line: str) -> str:
    found = _RUST.match(line)
    if found is None or _RUST_LIBRARIES.match(found[1]):
        return ""
    return _GENERIC.sub("", _CLOSURE.sub("", _SYMBOL_HASH.sub("", found[1].strip())))


def _python(line: str) -> str:
    found = _PYTHON.match(line)
    if found is None or any(part in found[1] for part in _PYTHON_LIBRARIES):
        return ""
    return f"{found[1].rpartition('/')[2]}:{found[2]}"


def _at(line: str) -> str:
    found = _AT.match(line)
    if found is None or _OTHER_LIBRARIES.match(found[1]):
        return ""
    return "" if any(part in found[2] for part in _OTHER_PLACES) else found[1]
