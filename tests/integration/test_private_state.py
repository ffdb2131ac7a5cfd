"""The state is ours alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwatchd.domain.policy import Policy
from logwatchd.store.private import exposure_of, make_private
from logwatchd.store.sqlite import Limits, open_store
from tests.fakes.clock import NOON


@pytest.fixture(params=[0o000, 0o022, 0o277])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Work under one umask after the other, also one that takes too much."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("_umask")
async def test_a_new_state_is_private_whatever_the_umask(tmp_path: Path) -> None:
    """It holds what the application logged."""
    state = tmp_path / "state"
    async with open_store(state, Policy(), limits=Limits(), now=NOON):
        assert mode(state) == 0o700
        assert {each.name: mode(each) for each in state.iterdir()} == {
            "lock": 0o600,
            "logwatchd.db": 0o600,
            "logwatchd.db-wal": 0o600,
            "logwatchd.db-shm": 0o600,
        }
        assert exposure_of(state) == ""


@pytest.mark.usefixtures("_umask")
def test_the_directories_above_a_new_state_are_private_too(tmp_path: Path) -> None:
    """`tail --state DIR` keeps its own in `DIR/tail`, and a daemon may move in beside it."""
    make_private(tmp_path / "state" / "tail")

    assert (mode(tmp_path / "state"), mode(tmp_path / "state" / "tail")) == (0o700, 0o700)


async def test_a_state_that_was_open_is_closed(tmp_path: Path) -> None:
    """An earlier release, a copy or a hand may have left it open."""
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    (state / "tail").mkdir(mode=0o700)
    for name in ("logwatchd.db.damaged-20260101T000000Z", "lock", "source-index.sqlite-wal"):
        (state / name).write_text("")
        (state / name).chmod(0o664)
    assert "chmod" in exposure_of(state)

    async with open_store(state, Policy(), limits=Limits(), now=NOON):
        assert mode(state) == 0o700
        assert {mode(each) for each in state.iterdir() if each.is_file()} == {0o600}


def test_a_directory_of_others_is_left_as_it_is_and_said_to_be_open(tmp_path: Path) -> None:
    """Whoever names `/tmp` by mistake must not find it closed to everyone."""
    tmp_path.chmod(0o1777)
    (tmp_path / "somebody.else").write_text("")
    (tmp_path / "somebody.else").chmod(0o644)
    (tmp_path / "logwatchd.db").write_text("")
    (tmp_path / "logwatchd.db").chmod(0o644)

    make_private(tmp_path)

    assert (mode(tmp_path), mode(tmp_path / "somebody.else")) == (0o1777, 0o644)
    assert mode(tmp_path / "logwatchd.db") == 0o600
    assert str(tmp_path) in exposure_of(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Its target is not ours to close."""
    other = tmp_path / "other"
    other.write_text("")
    other.chmod(0o644)
    state = tmp_path / "state"
    state.mkdir()
    (state / "logwatchd.db").symlink_to(other)

    make_private(state)

    assert mode(other) == 0o644


def test_no_state_is_not_exposed(tmp_path: Path) -> None:
    """`check` may come before the first start."""
    assert exposure_of(tmp_path / "nowhere") == ""


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """With the error of the system, which names what is wrong."""
    (tmp_path / "state").write_text("")
    with pytest.raises(FileExistsError):
        make_private(tmp_path / "state")
