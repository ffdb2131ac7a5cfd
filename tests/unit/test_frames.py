"""Which frame of a trace is the application's own."""

import pytest

from logwatchd.domain.frames import top_frame

_RUST = """\
   0: rust_begin_unwind
             at /rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/std/src/panicking.rs:665:5
   1: core::panicking::panic_fmt
   2: core::option::unwrap_failed
   3: app::db::pool::acquire::{{closure}}::h1a2b3c4d5e6f7a8b
             at ./src/db/pool.rs:88:14
   4: app::main::h0000000000000000
   5: tokio::runtime::task::raw::poll"""

_PYTHON = """\
Traceback (most recent call last):
  File "/app/main.py", line 3, in run
    load()
  File "/app/db.py", line 9, in load
    session.get(1)
  File "/usr/lib/python3.12/site-packages/sqlalchemy/orm.py", line 44, in get
    raise KeyError
KeyError: 1"""

_JAVA = """\
java.lang.IllegalStateException: no
	at java.util.Optional.orElseThrow(Optional.java:403)
	at com.acme.orders.Cart.total(Cart.java:17)"""

_NODE = """\
TypeError: x is undefined
    at Module._compile (node:internal/modules:1:2)
    at async loadNotes (/srv/app/notes.js:10:3)"""


@pytest.mark.parametrize(
    ("stack", "frame"),
    [
        (_RUST, "app::db::pool::acquire"),
        (_PYTHON, "db.py:load"),
        (_JAVA, "com.acme.orders.Cart.total"),
        (_NODE, "loadNotes"),
        ("   0: std::io::read\n   1: core::ops::call", ""),
        ("no trace at all", ""),
        ("", ""),
    ],
)
def test_libraries_and_what_moves_with_a_build_are_passed_over(stack: str, frame: str) -> None:
    """`unwrap` is called everywhere; who called it tells one bug from another."""
    assert top_frame(stack) == frame


def test_lines_and_hashes_do_not_count() -> None:
    """They change with every build, the bug does not."""
    moved = _RUST.replace(":88:14", ":99:1").replace("h1a2b3c4d5e6f7a8b", "hffffffffffffffff")

    assert top_frame(moved) == top_frame(_RUST)
