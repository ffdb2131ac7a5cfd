"""The composition root: the one place where parts are chosen and joined."""

import ctypes
import resource
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from glob import has_magic
from pathlib import Path
from secrets import token_hex
from time import monotonic_ns
from typing import TYPE_CHECKING, Final, TextIO

import structlog

from logwatchd import __version__
from logwatchd.domain.condition import Condition, Phase
from logwatchd.domain.identity import VERSION
from logwatchd.domain.notice import TextKind, TextNotice
from logwatchd.domain.texts import texts_of
from logwatchd.errors import ConfigError
from logwatchd.pipeline.anchor import Anchorer
from logwatchd.pipeline.channel import Channel
from logwatchd.pipeline.deliver import Courier
from logwatchd.pipeline.dispatch import Dispatch
from logwatchd.pipeline.follow import Follow
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.ingest import Ingest
from logwatchd.pipeline.listen import Listener, Patience, Voice
from logwatchd.pipeline.supervisor import Hooks, Parts, Supervisor
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import (
    Batch,
    Clock,
    Diagnoser,
    Display,
    IssueTracker,
    Sink,
    SourceFinder,
    Worker,
)
from logwatchd.settings import Loaded, LogFormat, Settings, SinkName
from logwatchd.settings.diagnosis import Effort
from logwatchd.sources.descriptors import RESERVED_FILES
from logwatchd.sources.files import FileSource
from logwatchd.sources.tracker import FileTracker
from logwatchd.store.private import SOURCE_INDEX_NAME, exposure_of
from logwatchd.store.queries import Standing
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from logwatchd.telemetry import logs
from logwatchd.telemetry.heartbeat import Heartbeat
from logwatchd.telemetry.systemd import Notifier
from logwatchd.wiring import SystemClock, SystemUptime, interpreter_of

if TYPE_CHECKING:
    from logwatchd.domain.replay_report import ReplayReport
    from logwatchd.pipeline.diagnose import DiagnosisWorker, Plan
    from logwatchd.pipeline.issues import Issues
    from logwatchd.sources.old_logs import OldLog
    from logwatchd.transport import HttpClient

USER_AGENT: Final = f"DiscordBot (https://github.com/logwatchd/logwatchd, {__version__})"
"""The form that Discord documents; other forms may be blocked before they reach it."""

_MOST_FILES: Final = 65_536
_PR_SET_DUMPABLE: Final = 4

_CLOCKS_DIFFER: Final = timedelta(days=1)
"""How far ahead of ours the time of an old event may be: clocks and zones differ."""

_log = structlog.stdlib.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """How to run.

    Attributes:
        keep_state: Whether anything is remembered after the end.
        once: Whether to end at the end of the files.
        out: Where the console sink writes.
        plain: Whether it writes plain text; None leaves it to the stream.
        as_json: Whether it writes JSON lines instead.
    """

    keep_state: bool = True
    once: bool = False
    out: TextIO
    plain: bool | None = None
    as_json: bool = False


def replay_logs(
    loaded: Loaded,
    logs: "Sequence[OldLog]",
    *,
    read: Callable[[int, int], None],
    stopped: Callable[[], bool],
    since: datetime | None = None,
) -> "ReplayReport":
    """Read old logs with a configuration on a virtual clock; nothing is sent or kept.

    Args:
        loaded: The configuration.
        logs: The files.
        read: Called with the bytes of a file and the events consumed since the last call.
        stopped: Says whether to end now, with what there is.
        since: Events before it are passed over (aware, UTC); None takes all.
    """
    # The daemon has no use for archives: their modules stay out of its memory.
    from logwatchd.pipeline.replay import Run, replay

    settings = loaded.settings
    run = Run(
        interpreter=interpreter_of(loaded),
        policy=settings.policy(),
        limits=_limits(loaded),
        max_line_bytes=settings.source.max_line_bytes,
        latest=SystemClock().now() + _CLOCKS_DIFFER,
        read=read,
        stopped=stopped,
        since=since,
    )
    return replay(logs, run)


def configure_logs(loaded: Loaded) -> None:
    """Set up the daemon's own log as the settings say."""
    form = loaded.settings.log.format
    logs.configure(
        level=loaded.settings.log.level.value,
        json_lines=None if form is LogFormat.AUTO else form is LogFormat.JSON,
        redact=loaded.redactor.text,
        journal_stream=loaded.journal_stream,
    )


@asynccontextmanager
async def open_sinks(
    loaded: Loaded, mode: Mode, clock: Clock
) -> AsyncGenerator[Callable[[Loaded], Mapping[str, Sink]]]:
    """Open what the sinks need; the result builds the sinks of a configuration.

    Registration of a sink is one branch of `_sink`.
    """
    from logwatchd.sinks.discord_address import HOSTS  # most commands send nothing
    from logwatchd.transport import http_client

    async with AsyncExitStack() as stack:
        discord = loaded.settings.discord
        client = await stack.enter_async_context(
            http_client(
                user_agent=USER_AGENT,
                hosts=HOSTS,
                proxy=discord.proxy,
                ca_file=None if discord.ca_file is None else str(discord.ca_file),
            )
        )

        def build(present: Loaded) -> Mapping[str, Sink]:
            return {
                name.value: _sink(name, present, client, mode, clock)
                for name in present.settings.sinks
            }

        yield build


@asynccontextmanager
async def open_tracker(
    loaded: Loaded, mode: Mode, clock: Clock, *, holder: str
) -> AsyncGenerator[Callable[[Loaded], IssueTracker] | None]:
    """Open what issues need; the result builds the tracker of a configuration.

    It is None where no issues are configured: then their modules stay out of memory.

    Args:
        loaded: The configuration.
        mode: How to run.
        clock: The time.
        holder: Who we are to other daemons: letters and digits.
    """
    if loaded.settings.issue_policy() is None:
        yield None
        return
    if not mode.keep_state:
        from logwatchd.github.address import web_url
        from logwatchd.github.console import ConsoleTracker

        yield lambda present: ConsoleTracker(
            mode.out,
            web=web_url(present.settings.github.api_url),
            language=present.settings.language,
            redact=present.redactor.text,
            as_json=mode.as_json,
        )
        return
    from logwatchd.github.client import FixedToken
    from logwatchd.github.opening import Identity, github_http, github_tracker

    github = loaded.settings.github

    def build(present: Loaded) -> IssueTracker:
        settings = present.settings.github
        if settings.token is None:
            raise ConfigError([("github.token", "is not set")])
        identity = Identity(
            credentials=FixedToken(settings.token),
            login=settings.login or "",
            trusted=settings.trusted_logins,
            holder=holder,
        )
        return github_tracker(
            http,
            github.api_url,
            identity,
            clock=clock,
            language=present.settings.language,
            redact=present.redactor.text,
        )

    async with github_http(
        github.api_url,
        user_agent=f"logwatchd/{__version__}",
        proxy=github.proxy,
        ca_file=None if github.ca_file is None else str(github.ca_file),
    ) as http:
        yield build


def _sink(name: SinkName, loaded: Loaded, client: "HttpClient", mode: Mode, clock: Clock) -> Sink:
    settings = loaded.settings
    match name:
        case SinkName.DISCORD:
            from logwatchd.sinks.discord import DiscordSink

            url = settings.discord.webhook_url
            if url is None:
                raise ConfigError([("discord.webhook_url", "is not set")])
            return DiscordSink(
                client,
                url,
                clock=clock,
                language=settings.language,
                mention_role=settings.discord.mention_role,
                username=settings.discord.username,
                thread_id=settings.discord.thread_id,
                redact=loaded.redactor.text,
            )
        case SinkName.CONSOLE:
            # rich and its terminal tables stay out of the daemon's memory.
            from logwatchd.sinks.console import ConsoleSink
            from logwatchd.sinks.json_lines import JsonLinesSink

            if mode.as_json:
                return JsonLinesSink(mode.out, clock=clock, redact=loaded.redactor.text)
            return ConsoleSink(
                mode.out,
                language=settings.language,
                clock=clock,
                redact=loaded.redactor.text,
                plain=mode.plain,
            )


async def run(loaded: Loaded, mode: Mode, *, reload: Callable[[], Loaded]) -> Standing:
    """Open everything, work until stopped, close it in reverse order.

    Args:
        loaded: The configuration.
        mode: How to run.
        reload: Reads the configuration again, for SIGHUP.

    Returns:
        How things stood at the end.

    Raises:
        StateHeldError: Another instance holds the state directory.
        StateUnusableError: The state cannot be used.
    """
    _refuse_core_dumps()
    clock = SystemClock()
    settings = loaded.settings
    limits = _limits(loaded)
    directory = loaded.state_dir if mode.keep_state else None
    async with (
        open_store(directory, settings.policy(), limits=limits, now=clock.now()) as store,
        open_sinks(loaded, mode, clock) as sinks,
        open_tracker(loaded, mode, clock, holder=await _name_of(store, clock)) as tracker,
    ):
        heart = Heartbeat(directory)
        heart.beat(Condition(Phase.STARTING))
        await _say_damage(store, clock)
        if directory is not None and (exposed := exposure_of(directory)):
            _log.warning("state_exposed", error=exposed)
        since = await store.named_since(VERSION, now=clock.now())
        daemon = _Daemon(loaded, mode, store, sinks(loaded), clock, named_since=since)
        if tracker is not None:
            daemon.keep_issues(tracker(loaded))
        notifier = Notifier(loaded.notify_socket, loaded.watchdog_usec)

        def reload_now() -> None:
            notifier.reloading(monotonic_ns() // 1000)
            try:
                daemon.reload(reload, sinks, tracker)
            finally:
                notifier.ready()  # or systemd would wait for it for ever

        hooks = Hooks(
            ready=lambda: _ready(notifier, settings.paths),
            alive=notifier.alive,
            alive_seconds=notifier.watchdog_seconds,
            status=notifier.status,
            beat=heart.beat,
            stopping=notifier.stopping,
            reload=reload_now,
        )
        await Supervisor(daemon.parts, hooks, grace=settings.pipeline.grace, once=mode.once).run()
        return await store.standing()


async def tail(
    loaded: Loaded,
    display: Display,
    *,
    keep_in: Path | None,
    once: bool = False,
    errors_only: bool = False,
) -> None:
    """Show every line of the files as it comes, until stopped.

    Args:
        loaded: The configuration; its `paths` are followed.
        display: Where the lines are seen.
        keep_in: The directory in which the positions are kept, or None to keep none.
        once: Whether to end at the end of the files.
        errors_only: Whether only events that a rule matches are shown.

    Raises:
        StateHeldError: Another instance holds the directory.
        ExceptionGroup: As `Follow.run` says.
    """
    clock, settings = SystemClock(), loaded.settings
    source = _source(loaded, clock, once=once, follow_symlinks=_names_files(settings.paths))
    async with AsyncExitStack() as stack:
        store = None
        if keep_in is not None:
            opening = open_store(keep_in, settings.policy(), limits=Limits(), now=clock.now())
            store = await stack.enter_async_context(opening)
            if store.damaged:
                _log.error("state_damaged", moved_to=store.damaged)
        await Follow(
            source,
            display,
            clock,
            interpreter_of(loaded, every_line=True),
            store=store,
            max_line_bytes=settings.source.max_line_bytes,
            errors_only=errors_only,
        ).run()


def _names_files(paths: tuple[str, ...]) -> bool:
    """Say whether every path is a file's own name.

    Whoever names a link means what it leads to; what a pattern or a directory finds may be
    anybody's.
    """
    return not any(has_magic(each) or Path(each).is_dir() for each in paths)


def _source(
    loaded: Loaded, clock: Clock, *, once: bool, follow_symlinks: bool = False
) -> FileSource:
    settings = loaded.settings.source
    tracker = FileTracker(
        patterns=loaded.settings.paths,
        start_at=settings.start_at,
        max_line_bytes=settings.max_line_bytes,
        follow_symlinks=settings.follow_symlinks or follow_symlinks,
        max_open_files=_open_files_limit() - RESERVED_FILES,
    )
    return FileSource(tracker, clock, look_every=settings.look_every, once=once)


class _Daemon:
    """The running parts, and how they take another configuration."""

    def __init__(
        self,
        loaded: Loaded,
        mode: Mode,
        store: SqliteStore,
        sinks: Mapping[str, Sink],
        clock: Clock,
        *,
        named_since: datetime | None,
    ) -> None:
        settings = loaded.settings
        self._started_with = loaded
        self._issues: Issues | None = None
        self._store = store
        self._named_since = named_since
        self._source = _source(loaded, clock, once=mode.once)
        channel: Channel[Batch] = Channel(settings.pipeline.buffer)
        health, wakes = Health(clock), Wakes()
        self._ingest = Ingest(
            self._source,
            channel,
            clock,
            interpreter_of(loaded, named_since=named_since),
            max_line_bytes=settings.source.max_line_bytes,
        )
        self._couriers = {
            name: Courier(sink, store, clock, health, wakes.bell()) for name, sink in sinks.items()
        }
        self._listener = Listener(
            self._source,
            store,
            clock,
            health,
            wakes,
            patience=Patience(
                default=settings.source.silent_after,
                by_pattern=settings.source.silent_after_for,
                look_every=settings.source.look_every,
            ),
            voice=_voice(loaded),
        )
        finder = _finder(loaded) if mode.keep_state else None
        keep = mode.keep_state
        self._diagnosis = _diagnosis(loaded, store, clock, health, wakes) if keep else None
        self.parts = Parts(
            source=self._source,
            followed=self._source,
            channel=channel,
            ingest=self._ingest,
            dispatch=Dispatch(channel, store, clock, health, wakes),
            couriers=tuple(self._couriers.values()),
            listener=self._listener,
            observer=self._observer(loaded, channel, store, clock, health),
            anchorer=None if finder is None else Anchorer(finder, store, clock, health, wakes),
            diagnosis=self._diagnosis,
            issues=None,
            store=store,
            clock=clock,
            health=health,
            wakes=wakes,
        )

    def keep_issues(self, tracker: IssueTracker) -> None:
        """Keep issues, too; to be called before the parts run."""
        from logwatchd.pipeline.issues import Issues  # where none are kept it stays out of memory

        parts, settings = self.parts, self._started_with.settings
        self._issues = Issues(
            tracker,
            self._store,
            parts.clock,
            parts.health,
            parts.wakes,
            repositories=settings.repositories(),
            poll_every=settings.issues.poll_every,
            close_when_quiet=settings.issues.close_when_quiet,
        )
        self.parts = replace(parts, issues=self._issues)

    def reload(
        self,
        read: Callable[[], Loaded],
        build: Callable[[Loaded], Mapping[str, Sink]],
        build_tracker: Callable[[Loaded], IssueTracker] | None,
    ) -> None:
        """Take another configuration; a bad one is refused, and the present one stays."""
        try:
            loaded = read()
        except ConfigError as error:
            _log.error("reload_refused", problems=[list(each) for each in error.problems])
            return
        configure_logs(loaded)
        fixed = self._unchangeable(loaded)
        if fixed:
            _log.warning("restart_needed", settings=fixed, hint="The rest is in use now.")
        self._ingest.interpreter = interpreter_of(loaded, named_since=self._named_since)
        self._ingest.reset_readers()
        self._listener.voice = _voice(loaded)
        # Only what runs can tell: a sink that is new in the settings has no courier yet.
        running = tuple(self._couriers)
        self._store.policy = replace(loaded.settings.policy(), sinks=running)
        self._source.configure(loaded.settings.paths)
        for name, sink in build(loaded).items():
            if name in self._couriers:
                self._couriers[name].replace(sink)
        if self._diagnosis is not None and loaded.settings.diagnosis.is_on:
            self._diagnosis.replace(*diagnosis_parts(loaded))
        if self._issues is not None and build_tracker is not None:
            self._issues.replace(build_tracker(loaded))
        _log.info("reloaded", file=str(loaded.file or ""), rules=len(loaded.rules.rules))

    def _observer(
        self,
        loaded: Loaded,
        channel: Channel[Batch],
        store: SqliteStore,
        clock: Clock,
        health: Health,
    ) -> Worker | None:
        address = loaded.settings.endpoint.listen
        if address is None:
            return None
        # Where nobody asks, what makes the metrics stays out of memory.
        from logwatchd.pipeline.observe import Observer

        return Observer(
            address,
            source=self._source,
            channel=channel,
            ingest=self._ingest,
            couriers=tuple(self._couriers.values()),
            store=store,
            clock=clock,
            uptime=SystemUptime(),
            health=health,
            redact=loaded.redactor.text,
        )

    def _unchangeable(self, loaded: Loaded) -> list[str]:
        before, after = self._started_with, loaded
        pairs = {
            "state_dir": (before.state_dir, after.state_dir),
            "sinks": (before.settings.sinks, after.settings.sinks),
            "source": (before.settings.source, after.settings.source),
            "endpoint": (before.settings.endpoint, after.settings.endpoint),
            "pipeline": (before.settings.pipeline, after.settings.pipeline),
            "repository": (before.settings.repository, after.settings.repository),
            "diagnosis.enabled": (before.settings.diagnosis.is_on, after.settings.diagnosis.is_on),
            "store": (before.settings.store, after.settings.store),
            "discord.proxy": (before.settings.discord.proxy, after.settings.discord.proxy),
            "discord.ca_file": (before.settings.discord.ca_file, after.settings.discord.ca_file),
            "github": (_fixed_of_github(before.settings), _fixed_of_github(after.settings)),
        }
        return [name for name, (old, new) in pairs.items() if old != new]


def _fixed_of_github(settings: Settings) -> tuple[object, ...]:
    """Return what of issues needs a restart: the token and all that decides what is filed do not."""
    github, issues = settings.github, settings.issues
    fixed = (settings.repositories(), issues.poll_every, issues.close_when_quiet)
    return (*fixed, github.api_url, github.proxy, github.ca_file)


async def _name_of(store: SqliteStore, clock: Clock) -> str:
    """Return by which name other daemons know this state."""
    return await store.own_name(token_hex(4), now=clock.now())


def _refuse_core_dumps() -> None:
    """Keep our memory, in which secrets stand, out of files and from other processes.

    The limit alone does not hold where the kernel pipes dumps to a program (core(5)); a process
    that is not dumpable has none, and its environment is not readable in `/proc` for its own user
    either (prctl(2), PR_SET_DUMPABLE).
    """
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, AttributeError):  # not Linux
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _open_files_limit() -> int:
    """Allow ourselves as many open files as we may, and return how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _finder(loaded: Loaded) -> SourceFinder | None:
    settings = loaded.settings.repository
    if settings.path is None:
        return None
    # Where none is configured, it stays out of memory.
    from logwatchd.repo.source import SourceRepository

    index = loaded.state_dir / SOURCE_INDEX_NAME
    return SourceRepository(settings.path, index, ref=settings.commit)


def _diagnosis(
    loaded: Loaded, store: SqliteStore, clock: Clock, health: Health, wakes: Wakes
) -> "DiagnosisWorker | None":
    if not loaded.settings.diagnosis.is_on:
        return None
    # Without a key it stays out of memory.
    from logwatchd.pipeline.diagnose import DiagnosisWorker
    from logwatchd.repo.collect import RepositoryContext

    diagnoser, plan = diagnosis_parts(loaded)
    path = loaded.settings.repository.path
    finder = None if path is None else RepositoryContext(path, loaded.state_dir / SOURCE_INDEX_NAME)
    return DiagnosisWorker(diagnoser, finder, store, clock, SystemUptime(), health, wakes, plan)


def diagnosis_parts(loaded: Loaded) -> "tuple[Diagnoser, Plan]":
    """Return who is asked for diagnoses, and how they are made.

    Raises:
        ConfigError: No key is set.
    """
    from logwatchd.diagnosers.child import ClaudeDiagnoser, ClaudeOptions

    settings = loaded.settings.diagnosis
    if settings.api_key is None:
        raise ConfigError([("diagnosis.api_key", "is not set; set ANTHROPIC_API_KEY")])
    options = ClaudeOptions(
        key=settings.api_key,
        base_url=settings.base_url,
        effort="" if settings.effort is Effort.DEFAULT else settings.effort.value,
        answer_tokens=settings.answer_tokens,
        seconds=settings.time_out.total_seconds(),
    )
    return ClaudeDiagnoser(options), diagnosis_plan(loaded)


def diagnosis_plan(loaded: Loaded) -> "Plan":
    """Return how diagnoses are made; needs no key."""
    from logwatchd.diagnosers.instructions import instructions
    from logwatchd.diagnosers.price_table import price_table
    from logwatchd.domain.prompt import NONCE_BYTES
    from logwatchd.pipeline.diagnose import Plan

    settings = loaded.settings.diagnosis
    return Plan(
        model=settings.model,
        better_model=settings.better_model,
        instructions=instructions(loaded.settings.language, settings.prompt_file),
        tokens=settings.tokens,
        prices=price_table(settings.price_file),
        redact=loaded.redactor.text,
        nonce=lambda: secrets.token_bytes(NONCE_BYTES),
    )


def _limits(loaded: Loaded) -> Limits:
    store = loaded.settings.store
    return Limits(keep=store.keep, max_bytes=store.max_bytes)


def _voice(loaded: Loaded) -> Voice:
    return Voice(service=loaded.settings.service, texts=texts_of(loaded.settings.language))


def _ready(notifier: Notifier, paths: tuple[str, ...]) -> None:
    notifier.ready()
    _log.info("started", version=__version__, paths=list(paths))


async def _say_damage(store: SqliteStore, clock: Clock) -> None:
    if store.damaged:
        _log.error("state_damaged", moved_to=store.damaged, positions_saved=store.salvaged)
        details = (("moved to", store.damaged), ("positions saved", str(store.salvaged)))
        notice = TextNotice(kind=TextKind.STATE_DAMAGED, at=clock.now(), details=details)
        await store.say(notice, about=store.damaged)
