"""Log shippers, set up as someone would who wants the errors of a JSON log in a file or a number.

Each reads the log from its beginning with its own JSON parser; mtail has none and gets an
expression. Their configurations are written at run time.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.logs import Log

ONE_CORE: Final = ("taskset", "-c", "0") if shutil.which("taskset") else ()

_LOOK_SECONDS: Final = 0.01
_SLOWEST_BYTES_PER_SECOND: Final = 5_000_000
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 20.0

_FLUENT_BIT: Final = """
[SERVICE]
    flush 1
    daemon off
    log_level error
    parsers_file {home}/parsers.conf
[INPUT]
    name tail
    path {log}
    parser line
    read_from_head on
    tag app
[FILTER]
    name grep
    match app
    regex level ^ERROR$
[OUTPUT]
    name file
    match app
    path {home}
    file errors
    format plain
"""
_FLUENT_BIT_PARSERS: Final = """
[PARSER]
    name line
    format json
"""
_RSYSLOG: Final = """
global(workDirectory="{home}" maxMessageSize="64k")
module(load="imfile")
module(load="mmjsonparse")
template(name="line" type="string" string="%msg%\\n")
input(type="imfile" file="{log}" tag="app:" ruleset="errors")
ruleset(name="errors") {{
  action(type="mmjsonparse" cookie="")
  if $!level == "ERROR" then {{
    action(type="omfile" file="{home}/errors" template="line")
  }}
}}
"""
_SYSLOG_NG: Final = """
@version: 3.35
options {{ log-msg-size(64KiB); }};
source s_lines {{ file("{log}" read-old-records(yes) flags(no-parse)); }};
parser p_json {{ json-parser(prefix(".json.")); }};
filter f_errors {{ "${{.json.level}}" eq "ERROR" }};
destination d_errors {{ file("{home}/errors" template("$MSG\\n")); }};
log {{ source(s_lines); parser(p_json); filter(f_errors); destination(d_errors); }};
"""
_MTAIL: Final = """
counter errors
/"level": ?"ERROR"/ {
  errors++
}
"""


@dataclass(frozen=True, slots=True)
class Shipper:
    """A program that reads logs, and how to have it read one."""

    name: str
    program: str
    read: Callable[[Log, Path], float]
    """Read the log, with an empty directory to work in; return the seconds until all was read."""


class UnfinishedError(Exception):
    """A shipper ended by itself, did not find all errors in time, or found too many."""


def _fluent_bit(log: Log, home: Path) -> float:
    (home / "parsers.conf").write_text(_FLUENT_BIT_PARSERS)
    config = home / "fluent-bit.conf"
    config.write_text(_FLUENT_BIT.format(home=home, log=log.path))
    return _follow(("fluent-bit", "-c", str(config)), log, home)


def _rsyslog(log: Log, home: Path) -> float:
    config = home / "rsyslog.conf"
    config.write_text(_RSYSLOG.format(home=home, log=log.path))
    return _follow(("rsyslogd", "-n", "-f", str(config), "-i", str(home / "pid")), log, home)


def _syslog_ng(log: Log, home: Path) -> float:
    config = home / "syslog-ng.conf"
    config.write_text(_SYSLOG_NG.format(home=home, log=log.path).lstrip())
    own = ("-R", str(home / "persist"), "-c", str(home / "control"), "-p", str(home / "pid"))
    return _follow(("syslog-ng", "-F", "--no-caps", "-f", str(config), *own), log, home)


def _mtail(log: Log, home: Path) -> float:
    (home / "errors.mtail").write_text(_MTAIL)
    command = ("mtail", "-one_shot", "-progs", str(home), "-logs", str(log.path))
    begin = time.perf_counter()
    done = subprocess.run((*ONE_CORE, *command), capture_output=True, check=False)
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise _ended(done.returncode, done.stderr)
    [counter] = json.loads(done.stdout)["errors"]
    _compare(counter["LabelValues"][0]["Value"]["Value"], log)
    return seconds


def _follow(command: tuple[str, ...], log: Log, home: Path) -> float:
    """Run a program that never ends by itself, until all errors stand in its file."""
    begin = time.perf_counter()
    deadline = begin + _START_SECONDS + log.size_bytes / _SLOWEST_BYTES_PER_SECOND
    found, read = 0, 0
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(
            (*ONE_CORE, *command), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    try:
        while found < log.errors and time.perf_counter() < deadline:
            if process.poll() is not None:
                raise _ended(process.returncode, (home / "said").read_bytes())
            time.sleep(_LOOK_SECONDS)
            new = _from(home / "errors", read)
            found, read = found + new.count(b"\n"), read + len(new)
        seconds = time.perf_counter() - begin
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _compare(found, log)
    return seconds


def _from(path: Path, offset: int) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read()


def _ended(code: int, said: bytes) -> UnfinishedError:
    first = said.decode("utf-8", "replace").partition("\n")[0]
    return UnfinishedError(f"it ended with {code}: {first}")


def _compare(found: int, log: Log) -> None:
    if found != log.errors:
        raise UnfinishedError(f"found {found:,} errors of {log.errors:,}")


SHIPPERS: Final = (
    Shipper("Fluent Bit", "fluent-bit", _fluent_bit),
    Shipper("mtail", "mtail", _mtail),
    Shipper("rsyslog", "rsyslogd", _rsyslog),
    Shipper("syslog-ng", "syslog-ng", _syslog_ng),
)
