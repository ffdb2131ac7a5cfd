"""The metrics of the process itself, by the names that every exporter uses for them.

Ours, because prometheus_client reads `/proc/stat`, which the unit hides (`ProcSubset=pid`), and
then says nothing at all.
"""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

_STAT: Final = Path("/proc/self/stat")
_SIZES: Final = Path("/proc/self/statm")
_FDS: Final = Path("/proc/self/fd")
_START_FIELD: Final = 19
"""Of the fields behind the program's name (proc(5): field 22)."""


def process_families() -> Iterator[Metric]:
    """Yield what can be read of the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield CounterMetricFamily(
        "process_cpu_seconds",
        "User and system CPU time spent.",
        value=used.ru_utime + used.ru_stime,
    )
    with suppress(OSError, ValueError, IndexError):
        resident = int(_SIZES.read_text("ascii").split()[1]) * resource.getpagesize()
        yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory.", value=resident)
    with suppress(OSError, ValueError, IndexError):
        yield GaugeMetricFamily(
            "process_start_time_seconds",
            "When the process started, since 1970.",
            value=_started_at(),
        )
    with suppress(OSError):
        yield GaugeMetricFamily(
            "process_open_fds", "Open file descriptors.", value=len(list(_FDS.iterdir()))
        )
    yield GaugeMetricFamily(
        "process_max_fds",
        "File descriptors that may be open.",
        value=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    )


def _started_at() -> float:
    fields = _STAT.read_text("utf-8", "replace").rpartition(")")[2].split()
    after_boot = int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + after_boot
