"""A commit that changed a comment is no suspect; one that changed a number is."""

import pytest

from logwatchd.domain.cosmetic import is_cosmetic


@pytest.mark.parametrize(
    ("removed", "added"),
    [
        ([], ["    // Errors are told apart below."]),
        ([], ["", "    /// What it does."]),
        (["let a = f(b, c);"], ["let a = f(", "    b,", "    c);"]),
        (["use a::b;"], ["use a::b; // sorted"]),
        (["# old words"], ["# new words"]),
    ],
)
def test_comments_and_layout_are_cosmetic(removed: list[str], added: list[str]) -> None:
    """They stand in the history of every function, often the last."""
    assert is_cosmetic(removed, added)


@pytest.mark.parametrize(
    ("removed", "added"),
    [
        (["Err(_) => 10,"], ["Err(_) => 2,"]),
        ([], ["#[inline(never)]"]),
        (['let url = "http://a"; '], ['let url = "http://b"; ']),
        (['f("a // b")'], ['f("a // c")']),
        (["a();", "b();"], ["b();", "a();"]),
    ],
)
def test_what_runs_otherwise_is_not_cosmetic(removed: list[str], added: list[str]) -> None:
    """The guilty commit may be one sign long; it must not be taken for layout."""
    assert not is_cosmetic(removed, added)
