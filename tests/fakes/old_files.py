"""What rotations do to old files: shift their numbers, pack them."""

import gzip
import os
from pathlib import Path


def shift(log: Path, *, kept: int, place: str = "") -> None:
    """Make room for a new `.1`: `.1` becomes `.2` and so on, packed or not; the oldest goes."""
    directory = log.parent / place
    for ending in ("", ".gz"):
        (directory / f"{log.name}.{kept}{ending}").unlink(missing_ok=True)
        for number in range(kept - 1, 0, -1):
            old = directory / f"{log.name}.{number}{ending}"
            if old.exists():
                old.rename(directory / f"{log.name}.{number + 1}{ending}")


def pack(path: Path) -> None:
    """Compress as `gzip` does: the time stays."""
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    times = path.stat()
    os.utime(packed, ns=(times.st_atime_ns, times.st_mtime_ns))
    path.unlink()
