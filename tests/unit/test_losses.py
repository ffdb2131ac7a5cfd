"""When people are told of lost bytes, and which file is furthest behind."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.lag import WatchedFile, behind
from logwatchd.domain.losses import FILES_TOLD, Loss, to_tell
from logwatchd.domain.position import FileState, Position
from tests.fakes.clock import NOON

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def a_loss(path: str = "/a.log", untold: int = 5, since: datetime = NOON, **rest: object) -> Loss:
    """Return the loss of a file."""
    return Loss(path=path, bytes=untold, untold=untold, since=since, **rest)  # type: ignore[arg-type]


def test_a_copy_is_waited_for_before_anyone_is_told() -> None:
    """`copytruncate`: what the copy holds is not lost."""
    losses = [a_loss()]

    assert to_tell(losses, last_notice_at=None, now=NOON + 9 * SECOND) == ()
    assert to_tell(losses, last_notice_at=None, now=NOON + 10 * SECOND) == tuple(losses)


def test_a_file_is_told_once_an_hour_and_all_files_ten_times() -> None:
    """A script that empties a log each minute must not fill the channel."""
    told = a_loss(since=NOON + MINUTE, told_at=NOON)
    other = a_loss("/b.log", since=NOON + MINUTE)

    assert to_tell([told, other], last_notice_at=NOON, now=NOON + 5 * MINUTE) == ()
    assert to_tell([told, other], last_notice_at=NOON, now=NOON + 6 * MINUTE) == (other,)
    assert to_tell([told], last_notice_at=NOON, now=NOON + 59 * MINUTE) == ()
    assert to_tell([told], last_notice_at=NOON, now=NOON + 60 * MINUTE) == (told,)


def test_a_notice_has_room_for_the_largest_and_the_others_wait() -> None:
    """Nothing is left out for good: they are the largest of the next one."""
    losses = [a_loss(f"/{n}.log", untold=n) for n in range(1, 15)]
    now = NOON + MINUTE

    assert [each.untold for each in to_tell(losses, last_notice_at=None, now=now)] == list(
        range(14, 4, -1)
    )
    assert FILES_TOLD == 10


def test_a_clock_set_back_does_not_silence_it() -> None:
    """A time in the future is no reason to wait for it."""
    late = NOON + timedelta(days=365)

    assert to_tell([a_loss(since=late, told_at=late)], last_notice_at=late, now=NOON) != ()
    assert to_tell([a_loss(untold=0)], last_notice_at=None, now=NOON + MINUTE) == ()


@given(
    size=st.integers(0, 10_000),
    offset=st.integers(0, 10_000),
    copy=st.integers(0, 10_000),
)
def test_what_is_lost_is_what_was_seen_and_stands_nowhere(
    size: int, offset: int, copy: int
) -> None:
    """Byte for byte; and a second look at the same copy changes nothing."""
    position = Position(key="k", path="/a", device=1, inode=1, offset=offset, size=size)
    ended = position.cut_short()
    assert ended.lost == len(range(offset, size))
    assert ended.state is FileState.ROTATED
    assert ended.cut_short() == ended

    left = ended.continued_in(copy)
    assert left.lost == len(range(max(offset, copy), size))
    assert left.continued_in(copy) == left


def a_file(key: str, size: int, read: int, caught_up_at: datetime | None) -> WatchedFile:
    """Return a file read up to somewhere."""
    return WatchedFile(
        key=key,
        path=f"/{key}.log",
        first_path=f"/{key}.log",
        size_bytes=size,
        offset_bytes=max(0, read - 3),
        read_bytes=read,
        state=FileState.LIVE,
        caught_up_at=caught_up_at,
    )


def test_the_file_that_waits_longest_comes_first() -> None:
    """A file that was never read to its end waits at least since the start."""
    files = [
        a_file("few", 110, 100, NOON + 50 * SECOND),
        a_file("done", 100, 100, NOON),
        a_file("emptied", 10, 100, NOON),
        a_file("never", 200, 100, None),
        a_file("many", 900, 100, NOON + 50 * SECOND),
    ]
    found = behind(files, now=NOON + MINUTE, since=NOON + 5 * SECOND)

    assert [(each.file.key, each.lag / SECOND) for each in found] == [
        ("never", 55.0),
        ("many", 10.0),
        ("few", 10.0),
    ]
    assert (files[0].lag_bytes, files[0].unfinished_bytes) == (10, 3)
