"""Old logs, plain and compressed, whole and damaged."""

import bz2
import gzip
import lzma
import resource
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from logwatchd.errors import DamagedLogError, SourceError
from logwatchd.sources.archives import Archive, Lines
from logwatchd.sources.old_logs import find_old
from logwatchd.sources.packing import Packing, can_unpack, packing_of

LIMIT = 1_000
TEXT = b"".join(b"line %d\n" % number for number in range(50_000))


def zstd_of(data: bytes) -> bytes:
    """Compress with the package that reads it."""
    zstd = pytest.importorskip(
        "backports.zstd" if sys.version_info < (3, 14) else "compression.zstd"
    )
    packed: bytes = zstd.compress(data)
    return packed


PACKINGS: list[tuple[str, Packing, Callable[[bytes], bytes]]] = [
    ("app.log", Packing.PLAIN, lambda data: data),
    ("app.log.1.gz", Packing.GZIP, gzip.compress),
    ("app.log.1.bz2", Packing.BZIP2, bz2.compress),
    ("app.log.1.xz", Packing.XZ, lzma.compress),
    ("app.log.1.zst", Packing.ZSTD, zstd_of),
]
PACKED = PACKINGS[1:]


def read(path: Path) -> tuple[list[Lines], str]:
    """Read a file to its end; return what came, and the damage."""
    found = []
    with closing(Archive(str(path), packing_of(str(path)))) as archive:
        try:
            for lines in archive.lines(max_line_bytes=LIMIT):
                found.append(lines)  # noqa: PERF402 -- what came before the damage counts
        except DamagedLogError as error:
            return found, str(error)
    return found, ""


@pytest.mark.parametrize(("name", "packing", "pack"), PACKINGS)
def test_the_text_comes_back_in_whole_lines(
    tmp_path: Path, name: str, packing: Packing, pack: Callable[[bytes], bytes]
) -> None:
    """Two streams behind each other are one text, as `cat a.gz b.gz` makes them."""
    path = tmp_path / name
    path.write_bytes(pack(TEXT) + pack(b"more\n\nand the last"))
    found, damage = read(path)

    assert packing_of(str(path)) is packing
    assert not damage
    assert b"".join(each.data for each in found) == TEXT + b"more\n\nand the last"
    assert all(each.data.endswith(b"\n") for each in found[:-1])
    places = [(each.base, each.end) for each in found]
    assert [base for base, _ in places] == [0, *(end for _, end in places[:-1])]


@pytest.mark.parametrize(("name", "packing", "pack"), PACKED)
def test_a_truncated_archive_gives_what_it_holds_and_says_so(
    tmp_path: Path, name: str, packing: Packing, pack: Callable[[bytes], bytes]
) -> None:
    """A full disk during compression is ordinary."""
    path = tmp_path / name
    packed = pack(b"".join(b"%08x\n" % zlib.crc32(b"%d" % number) for number in range(150_000)))
    path.write_bytes(packed[: len(packed) * 3 // 4])
    found, damage = read(path)

    assert "ends too early" in damage
    assert sum(len(each.data) for each in found) > 500_000


@pytest.mark.parametrize(("name", "packing", "pack"), PACKED)
def test_a_corrupt_archive_is_damage_and_not_a_crash(
    tmp_path: Path, name: str, packing: Packing, pack: Callable[[bytes], bytes]
) -> None:
    """Whichever byte is wrong."""
    packed = bytearray(pack(TEXT))
    for place in range(0, len(packed), max(1, len(packed) // 40)):
        broken = bytearray(packed)
        broken[place] ^= 0x55
        path = tmp_path / name
        path.write_bytes(broken)
        found, damage = read(path)
        # A byte in a header's time may be wrong without loss; zstd writes no checksum by itself.
        whole = b"".join(each.data for each in found) == TEXT
        assert damage or whole or packing is Packing.ZSTD


def test_what_is_named_gz_and_is_none_is_damage(tmp_path: Path) -> None:
    """Not fifty thousand lines that are no records."""
    path = tmp_path / "app.log.gz"
    path.write_bytes(b"GIF89a and so on\n" * 100)

    assert read(path) == ([], f"{path}: is not whole gzip")


def test_garbage_behind_an_archive_is_damage_and_zeros_are_not(tmp_path: Path) -> None:
    """Tapes and some tools pad with zeros."""
    path = tmp_path / "app.log.gz"
    path.write_bytes(gzip.compress(b"a\n") + b"\0" * 40_000)
    assert read(path)[1] == ""
    path.write_bytes(gzip.compress(b"a\n") + b"garbage")
    found, damage = read(path)
    assert [each.data for each in found] == [b"a\n"]
    assert "not whole" in damage


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_fine(tmp_path: Path) -> None:
    """Also when it is longer than a block, and when it is the last one."""
    path = tmp_path / "app.log"
    path.write_bytes(b"before\n" + b"x" * 700_000 + b"\nafter\n" + b"y" * 600_000)
    found, _ = read(path)

    cut = [each for each in found if each.cut]
    assert [(len(each.data), each.end - each.base) for each in cut] == [
        (LIMIT, 700_001),
        (LIMIT, 600_000),
    ]
    assert b"".join(each.data for each in found if not each.cut) == b"before\nafter\n"


@pytest.mark.parametrize(("name", "packing", "pack"), PACKED)
def test_a_decompression_bomb_costs_time_and_no_memory(
    tmp_path: Path, name: str, packing: Packing, pack: Callable[[bytes], bytes]
) -> None:
    """256 MiB of zeros in one line."""
    path = tmp_path / name
    path.write_bytes(pack(bytes(32 * 1024 * 1024)) * 8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found, damage = read(path)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert not damage
    assert [(len(each.data), each.end, each.cut) for each in found] == [(LIMIT, 256 << 20, True)]
    assert grown_kib < 48 * 1024


def test_a_file_that_grows_while_it_is_read_comes_to_an_end(tmp_path: Path) -> None:
    """What is written from now on is not old."""
    path = tmp_path / "app.log"
    path.write_bytes(b"old\n")
    with closing(Archive(str(path), Packing.PLAIN)) as archive:
        with path.open("ab") as log:
            log.write(b"new\n" * 100)
        assert [each.data for each in archive.lines(max_line_bytes=LIMIT)] == [b"old\n"]


def test_zstandard_that_is_not_installed_is_said_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an optional package before Python 3.14."""
    monkeypatch.setitem(sys.modules, "compression", None)
    monkeypatch.setitem(sys.modules, "backports", None)
    (tmp_path / "a.zst").write_bytes(b"\x28\xb5\x2f\xfd")

    assert not can_unpack(Packing.ZSTD)
    with pytest.raises(SourceError) as caught:
        Archive(str(tmp_path / "a.zst"), Packing.ZSTD)
    assert "logwatchd[zstd]" in caught.value.hint


def test_globs_and_names_mean_compressed_files_and_directories_do_not(tmp_path: Path) -> None:
    """`app.log*` is what people type."""
    for name in ("app.log", "app.log.1", ".hidden"):
        (tmp_path / name).write_bytes(b"a\n")
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress(b"a\n"))
    (tmp_path / "link.log").symlink_to(tmp_path / "app.log")

    def names(*given: str) -> list[str]:
        found, problems = find_old([str(tmp_path / each) for each in given])
        assert not problems
        return [Path(each.path).name for each in found]

    assert names("app.log*") == ["app.log", "app.log.1", "app.log.2.gz"]
    assert names("app.log.2.gz", "app.log", "link.log") == ["app.log.2.gz", "app.log"]
    assert names("") == ["app.log", "app.log.1"]


def test_a_name_that_cannot_be_read_is_a_problem_each(tmp_path: Path) -> None:
    """All of them at once, before anything is read."""
    (tmp_path / "a.zip").write_bytes(b"PK")
    (tmp_path / "app[1].log").write_bytes(b"a\n")
    found, problems = find_old(
        [str(tmp_path / each) for each in ("none.log", "none*.log", "a.zip", "app[1].log")]
        + ["/dev/null"]
    )

    assert [Path(each.path).name for each in found] == ["app[1].log"]
    assert [each.rpartition(": ")[2] for each in problems] == [
        "No such file or directory",
        "no such file",
        "this kind of archive is not read; unpack it first",
        "is not a regular file",
    ]
