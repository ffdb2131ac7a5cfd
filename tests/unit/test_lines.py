"""A file's lines become records and counts, each exactly once, whatever happens in between."""

import json
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.blocks import BLOCK_SILENCE
from logwatchd.domain.event import Level, ParsedLine, Unparsed
from logwatchd.domain.held import HELD_LIMIT
from logwatchd.domain.lines import LineReader
from logwatchd.domain.position import Tally
from logwatchd.domain.waiting import PARTIAL_BYTES, PARTIAL_PIECES, PARTIAL_WAIT

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
PANIC = b"thread 'main' panicked at src/a.rs:1:2:\n"
NOTE = b"note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
ENVELOPE_TIME = "2026-02-03T04:05:06.789012345Z"


def record(level: str, message: str = "x", **more: Any) -> bytes:
    """Return a JSON line."""
    return json.dumps({"level": level, "message": message, **more}).encode() + b"\n"


def docker(log: bytes, *, stream: str = "stderr") -> bytes:
    """Return a line in Docker's envelope."""
    members = {"log": log.decode(), "stream": stream, "time": ENVELOPE_TIME}
    return json.dumps(members, separators=(",", ":")).encode() + b"\n"


def cri(log: bytes, *, stream: str = "stderr", tag: str = "F") -> bytes:
    """Return a line in Kubernetes' envelope."""
    return f"{ENVELOPE_TIME} {stream} {tag} ".encode() + log.rstrip(b"\n") + b"\n"


class Feeder:
    """Feeds lines as a file has them, and collects what comes out."""

    def __init__(self, *, floor: Level = Level.WARN) -> None:
        self.reader = LineReader(floor=floor)
        self.offset = 0
        self.now = NOW
        self.found: list[ParsedLine] = []

    def feed(self, *lines: bytes, cut: bool = False) -> list[str]:
        """Feed lines; return the messages that came out."""
        before = len(self.found)
        for line in lines:
            end = self.offset + len(line)
            self.found += self.reader.feed(line, start=self.offset, end=end, now=self.now, cut=cut)
            self.offset = end
        return [parsed.message for parsed in self.found[before:]]

    def flush(self, *, force: bool = False) -> list[str]:
        """Flush; return the messages that came out."""
        found = self.reader.flush(now=self.now, force=force)
        self.found += found
        return [parsed.message for parsed in found]


@pytest.fixture
def feeder() -> Feeder:
    """Return a feeder at the begin of a file."""
    return Feeder()


def test_records_below_the_floor_are_counted_and_dropped(feeder: Feeder) -> None:
    """Most of a log is of no interest; it must cost nearly nothing, and be counted all the same."""
    assert feeder.feed(record("INFO"), record("ERROR", "boom"), record("debug")) == ["boom"]
    assert feeder.reader.pending_since_offset is None
    assert feeder.reader.take_tally() == Tally(lines=3, bytes=feeder.offset, below=2)
    assert feeder.reader.take_tally() == Tally()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\n", Unparsed.EMPTY),
        (b"plain text\n", Unparsed.NOT_JSON),
        (b"[1,2]\n", Unparsed.NOT_AN_OBJECT),
        (b'{"a":\n', Unparsed.BROKEN_JSON),
        (b'{"a":' * 1000 + b"\n", Unparsed.TOO_DEEP),
        (b'{"a":1}\n', Unparsed.NO_LEVEL),
        (docker(b"plain text\n"), Unparsed.NOT_JSON),
        (cri(b""), Unparsed.EMPTY),
    ],
)
def test_a_line_that_is_no_record_is_counted_by_its_reason(
    feeder: Feeder, line: bytes, reason: Unparsed
) -> None:
    """Somebody must be able to see that their log format is not understood."""
    assert feeder.feed(line) == []
    tally = feeder.reader.take_tally()
    assert tally == Tally(lines=1, bytes=len(line), unparsed={reason: 1})


@pytest.mark.parametrize("wrap", [docker, cri])
def test_a_record_in_an_envelope_is_read(feeder: Feeder, wrap: Any) -> None:
    """In containers nothing else exists; the envelope's time stands in for a missing one."""
    assert feeder.feed(wrap(record("ERROR", "boom")), wrap(record("INFO"))) == ["boom"]
    assert feeder.found[0].at == NOW.replace(microsecond=789_012)
    assert feeder.reader.take_tally().below == 1


def test_a_panic_between_records_is_one_record(feeder: Feeder) -> None:
    """The lines of a panic are understood, so they are no unparsed lines."""
    lines = [PANIC, b"boom\n", NOTE, record("INFO")]
    assert feeder.feed(*lines) == ["boom"]
    assert feeder.reader.take_tally() == Tally(lines=4, bytes=feeder.offset, below=1)


def test_a_panic_waits_until_a_record_ends_it(feeder: Feeder) -> None:
    """Until then a stop must come back to its first byte."""
    feeder.feed(record("INFO"))
    start = feeder.offset
    assert feeder.feed(PANIC, b"boom\n") == []
    assert feeder.reader.pending_since_offset == start
    assert feeder.reader.take_tally() == Tally(lines=1, bytes=start, below=1)
    assert feeder.feed(record("ERROR", "next")) == ["boom", "next"]
    assert feeder.reader.pending_since_offset is None
    assert feeder.reader.due() is None
    assert feeder.reader.take_tally() == Tally(lines=3, bytes=feeder.offset - start)


def test_a_panic_that_falls_silent_is_given_out_when_it_is_due(feeder: Feeder) -> None:
    """The process is dead: no further line will ever come to end the block."""
    feeder.feed(PANIC, b"boom\n")
    assert feeder.reader.due() == NOW + BLOCK_SILENCE
    assert feeder.flush() == []
    feeder.now += BLOCK_SILENCE
    assert feeder.flush() == ["boom"]
    assert feeder.reader.pending_since_offset is None


def test_a_line_after_the_silence_is_not_of_the_panic(feeder: Feeder) -> None:
    """What the restarted process prints is another story."""
    feeder.feed(PANIC, b"boom\n")
    feeder.now += BLOCK_SILENCE
    assert feeder.feed(b"  starting\n") == ["boom"]
    assert feeder.reader.take_tally().unparsed == {Unparsed.NOT_JSON: 1}


def test_a_clock_that_is_set_back_does_not_hold_a_panic_for_ever(feeder: Feeder) -> None:
    """Clocks of virtual machines jump."""
    feeder.feed(PANIC, b"boom\n")
    feeder.now -= timedelta(hours=1)
    assert feeder.flush() == ["boom"]


def test_a_json_text_without_a_level_can_be_a_panics_message(feeder: Feeder) -> None:
    """`panic!("{json}")` exists; only a logger's record ends the block."""
    assert feeder.feed(PANIC, b'{"why":"boom"}\n', NOTE) == ['{"why":"boom"}']
    assert feeder.reader.take_tally().unparsed == {}


@pytest.mark.parametrize("wrap", [docker, cri])
def test_a_panic_in_an_envelope_is_kept_apart_from_the_other_stream(
    feeder: Feeder, wrap: Any
) -> None:
    """Records on stdout come between the lines of a panic on stderr."""
    assert feeder.feed(wrap(PANIC), wrap(record("ERROR", "other"), stream="stdout")) == []
    assert feeder.reader.pending_since_offset == 0
    assert feeder.reader.take_tally() == Tally()
    assert feeder.feed(wrap(b"boom\n"), wrap(NOTE)) == ["boom", "other"]
    assert feeder.found[0].at == NOW.replace(microsecond=789_012)
    assert feeder.reader.take_tally() == Tally(lines=4, bytes=feeder.offset)


def test_a_traceback_below_the_floor_is_counted_there() -> None:
    """A floor of FATAL means that errors are of no interest."""
    feeder = Feeder(floor=Level.FATAL)
    feeder.feed(b"Traceback (most recent call last):\n", b'  File "a.py", line 1\n', b"E: x\n")
    assert feeder.flush(force=True) == []
    assert feeder.reader.take_tally() == Tally(lines=3, bytes=feeder.offset, below=1)


def test_the_pieces_of_a_line_are_joined_per_stream(feeder: Feeder) -> None:
    """Docker splits long lines, and the streams mix."""
    line = record("ERROR", "boom" * 10)
    pieces = [docker(line[:20]), docker(record("ERROR", "out"), stream="stdout"), docker(line[20:])]
    assert feeder.feed(*pieces[:2]) == []
    assert feeder.reader.pending_since_offset == 0
    assert feeder.reader.due() == NOW + PARTIAL_WAIT
    assert feeder.feed(pieces[2]) == ["boom" * 10, "out"]
    assert feeder.reader.take_tally() == Tally(lines=3, bytes=feeder.offset)


def test_kubernetes_pieces_are_joined(feeder: Feeder) -> None:
    """CRI marks all pieces but the last with P."""
    line = record("ERROR", "boom").rstrip()
    pieces = [cri(line[:5], tag="P"), cri(line[5:9], tag="P"), cri(line[9:])]
    assert feeder.feed(*pieces) == ["boom"]
    assert feeder.reader.take_tally().lines == 3


def test_a_last_piece_that_never_comes_is_not_waited_for(feeder: Feeder) -> None:
    """The container died in the middle of a line; what is there is read as far as it goes."""
    feeder.feed(docker(b"no end"))
    feeder.now += PARTIAL_WAIT
    feeder.flush()
    assert feeder.reader.pending_since_offset is None
    assert feeder.reader.take_tally() == Tally(
        lines=1, bytes=feeder.offset, unparsed={Unparsed.NOT_JSON: 1}
    )


def test_a_line_of_too_many_pieces_is_cut(feeder: Feeder) -> None:
    """Memory is bounded; the level and the head of the message survive."""
    piece = b"y" * 16_384
    lines = [docker(b'{"level":"ERROR","message":"boom' + piece)]
    lines += [docker(piece) for _ in range(PARTIAL_BYTES // len(piece) + 3)]
    found = feeder.feed(*lines, docker(b'"}\n'))
    assert [message[:5] for message in found] == ["boomy"]
    tally = feeder.reader.take_tally()
    assert (tally.lines, tally.cut, tally.unparsed) == (len(lines) + 1, 1, {})


def test_pieces_without_end_do_not_hold_the_position_for_ever(feeder: Feeder) -> None:
    """A broken writer must not keep us from ever moving on."""
    feeder.feed(*[docker(b"x")] * PARTIAL_PIECES)
    assert feeder.reader.pending_since_offset is None


def test_the_beginning_of_a_line_that_is_too_long_is_read(feeder: Feeder) -> None:
    """A giant line is often the most important one."""
    assert feeder.feed(b'{"level":"ERROR","message":"boom', cut=True) == ["boom"]
    assert feeder.feed(b'{"level":"INFO","message":"boom', cut=True) == []
    wrapped = docker(record("ERROR", "inner"))
    assert feeder.feed(wrapped[: wrapped.index(b"inner") + 3], cut=True) == ["inn"]
    assert feeder.feed(cri(b'{"level":"ERROR","message":"c'), cut=True) == ["c"]
    assert feeder.feed(b"xxxxxxxxxx", b'{"aaaaaaaaa', cut=True) == []
    tally = feeder.reader.take_tally()
    assert (tally.lines, tally.cut, tally.below) == (6, 6, 1)
    assert tally.unparsed == {Unparsed.CUT: 2}


def test_only_so_many_results_wait_for_a_block(feeder: Feeder) -> None:
    """A half panic on one stream must not hold back the alerts of the other."""
    feeder.feed(docker(PANIC), docker(b"boom\n"))
    other = docker(record("ERROR", "other"), stream="stdout")
    assert feeder.feed(*[other] * HELD_LIMIT) == []
    assert feeder.feed(other) == ["boom"] + ["other"] * (HELD_LIMIT + 1)
    assert feeder.reader.pending_since_offset is None


def test_lines_without_a_result_wait_in_no_space(feeder: Feeder) -> None:
    """A thousand quiet lines behind a panic are a single number."""
    feeder.feed(docker(PANIC))
    feeder.feed(*[docker(record("INFO"), stream="stdout")] * 10 * HELD_LIMIT)
    assert feeder.reader.pending_since_offset == 0
    feeder.flush(force=True)
    assert feeder.reader.take_tally().below == 10 * HELD_LIMIT


def test_an_interleaved_line_is_not_repeated_after_a_stop(feeder: Feeder) -> None:
    """Two records that lie across each other are given out together, or not at all."""
    lines = [
        docker(PANIC),
        docker(b'{"level":"ERROR",', stream="stdout"),
        docker(b"boom\n"),
        docker(NOTE),
    ]
    assert feeder.feed(*lines) == []
    assert feeder.reader.pending_since_offset == 0
    assert feeder.feed(docker(b'"message":"out"}\n', stream="stdout")) == ["boom", "out"]


PLAIN = [
    record("INFO"),
    record("ERROR", "boom"),
    record("ERROR", "other"),
    b'{"no":"level"}\n',
    b'{"broken":\n',
    b"plain text\n",
    b"\n",
    PANIC,
    b"thread 'old' panicked at 'x', src/b.rs:3:4\n",
    b"boom\n",
    b"  left: 1\n",
    b"stack backtrace:\n",
    b"   0: frame\n",
    NOTE,
    b"fatal runtime error: stack overflow\n",
    b"Traceback (most recent call last):\n",
    b'  File "/a.py", line 3, in f\n',
    b"ValueError: bad\n",
    b"During handling of the above exception, another exception occurred:\n",
]
WRAPPED = [
    wrapped
    for line in PLAIN
    for stream in ("stdout", "stderr")
    for wrapped in (docker(line, stream=stream), cri(line, stream=stream))
] + [
    piece
    for line in (record("ERROR", "pieces"), PANIC)
    for stream in ("stdout", "stderr")
    for piece in (
        docker(line[:9], stream=stream),
        docker(line[9:], stream=stream),
        cri(line[:9], stream=stream, tag="P"),
        cri(line[9:], stream=stream),
    )
]
# Few lines of two streams that are all of some block or line in pieces: they nearly always overlap.
OVERLAPPING = [
    docker(line, stream=stream)
    for line in (PANIC, b"boom\n", NOTE, b'{"level":"ERROR",', b'"message":"m"}\n', record("ERROR"))
    for stream in ("stdout", "stderr")
]
FILES = (
    st.lists(st.sampled_from(OVERLAPPING), max_size=20)
    | st.lists(st.sampled_from(PLAIN) | st.sampled_from(WRAPPED), max_size=40)
    | st.lists(st.sampled_from(PLAIN), max_size=40)
)


def whole(lines: list[bytes], stops: list[int]) -> tuple[list[ParsedLine], Tally]:
    """Read a file to its end, with a crash after each of the given numbers of feeds."""
    starts = [0, *accumulate(map(len, lines))]
    reader, found, tally, index, fed = LineReader(floor=Level.WARN), [], Tally(), 0, 0
    left = sorted(stops)
    while True:
        if left and fed >= left[0]:
            left.pop(0)
            since = reader.pending_since_offset
            # Everything given out and counted so far is recorded; the rest is forgotten.
            index = index if since is None else starts.index(since)
            reader = LineReader(floor=Level.WARN)
        if index == len(lines):
            break
        found += reader.feed(lines[index], start=starts[index], end=starts[index + 1], now=NOW)
        tally += reader.take_tally()
        index, fed = index + 1, fed + 1
    found += reader.flush(now=NOW, force=True)
    return found, tally + reader.take_tally()


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(OVERLAPPING), max_size=12))
def test_a_crash_between_overlapping_records_repeats_nothing(lines: list[bytes]) -> None:
    """Two streams in one file are the hard case: every single point is tried."""
    expected = whole(lines, [])
    for stop in range(1, len(lines) + 1):
        assert whole(lines, [stop]) == expected


@settings(deadline=None, max_examples=300)
@given(FILES, st.lists(st.integers(0, 60), max_size=4))
def test_a_crash_at_any_point_repeats_nothing_and_loses_nothing(
    lines: list[bytes], stops: list[int]
) -> None:
    """This is the first promise: every complete line is counted exactly once."""
    assert whole(lines, stops) == whole(lines, [])


@settings(deadline=None)
@given(FILES)
def test_every_line_is_counted_once_and_results_stand_in_order(lines: list[bytes]) -> None:
    """Lag, lines and bytes are shown to people; they must add up."""
    found, tally = whole(lines, [])
    assert tally.lines == len(lines)
    assert tally.bytes == sum(map(len, lines))
    assert tally.events == 0
    assert len(found) + tally.below + sum(tally.unparsed.values()) <= len(lines)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [b"", b"{", b'{"log":"', b"2026-02-03T04:05:06Z stdout P ", PANIC[:-1]]
            ),
            st.binary(max_size=60),
            st.booleans(),
            st.integers(-10, 10_000),
        ),
        max_size=30,
    )
)
def test_no_bytes_raise_and_all_are_counted(
    pieces: list[tuple[bytes, bytes, bool, int]],
) -> None:
    """Whatever a file holds and however the clock runs, the daemon goes on."""
    feeder = Feeder()
    total = Tally()
    for head, tail, cut, step in pieces:
        feeder.now += timedelta(milliseconds=step)
        feeder.feed(head + tail, cut=cut)
        since = feeder.reader.pending_since_offset
        total += feeder.reader.take_tally()
        assert total.bytes == (feeder.offset if since is None else since)
        assert (since is None) == (feeder.reader.due() is None)
    feeder.flush(force=True)
    total += feeder.reader.take_tally()
    assert (total.lines, total.bytes) == (len(pieces), feeder.offset)
