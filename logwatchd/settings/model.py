"""Everything that can be set, with its default and its reason."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from logwatchd.domain.cleaning import visible
from logwatchd.domain.diagnosis_policy import DiagnosisPolicy
from logwatchd.domain.event import Severity
from logwatchd.domain.issue import IssuePolicy
from logwatchd.domain.overrides import GroupingSpec
from logwatchd.domain.policy import Policy
from logwatchd.domain.storm import StormPolicy
from logwatchd.domain.texts import Language
from logwatchd.github.address import API_URL
from logwatchd.settings.diagnosis import DiagnosisSettings
from logwatchd.settings.grouping import FingerprintSettings, PatternSettings
from logwatchd.settings.rules import RuleSettings
from logwatchd.settings.units import (
    Address,
    ApiUrl,
    Duration,
    Login,
    Names,
    Paths,
    Patience,
    ProxyUrl,
    Repository,
    Size,
    WholePath,
    WholePattern,
    address_of,
    secrets_of_url,
)
from logwatchd.sinks.discord_address import HOSTS
from logwatchd.sources.tracker import StartAt

_KIB = 1024

_SOURCE_WAIT = timedelta(minutes=2)
"""How long a diagnosis waits for its problem to be traced: as long as a large repository takes to be
indexed for the first time."""


class SinkName(StrEnum):
    """The sinks there are."""

    DISCORD = "discord"
    CONSOLE = "console"


class LogFormat(StrEnum):
    """How the daemon's own log looks."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """Least level of the daemon's own log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LogSettings(_Section):
    """The daemon's own log, on standard error."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = Field(
        default=LogFormat.AUTO, description="auto: JSON unless on a terminal."
    )


class SourceSettings(_Section):
    """How files are found and read."""

    start_at: StartAt = Field(
        default=StartAt.END,
        description="Where files met at the very first start are read from; later ones always "
        "from their beginning.",
    )
    look_every: Duration = Field(
        default=timedelta(seconds=1),
        description="How often to look without a notification, which can be missed.",
    )
    max_line_bytes: Annotated[Size, Field(ge=_KIB, le=16 * _KIB * _KIB)] = Field(
        default=256 * _KIB, description="A longer line is cut, and counted."
    )
    follow_symlinks: bool = Field(
        default=False,
        description="Whether a link may lead out of the directory that its pattern names.",
    )
    silent_after: Patience = Field(
        default=None,
        description="A path from which nothing comes for that long is a problem; off, or at "
        "least 1s.",
    )
    silent_after_for: dict[WholePattern, Patience] = Field(
        default_factory=dict, description="The same for single paths, by their name in `paths`."
    )


class PipelineSettings(_Section):
    """Sizes and times of the pipeline."""

    buffer: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1,
        description="Chunks of lines (64 KiB) held before the state; then reading waits.",
    )
    grace: Duration = Field(
        default=timedelta(seconds=20),
        description="Time to finish after the first signal; keep it below TimeoutStopSec.",
    )


class EndpointSettings(_Section):
    """Metrics and health over HTTP; anyone who reaches the address may read them."""

    listen: Address = Field(
        default=None,
        description="Address and port of /metrics, /healthz and /readyz, such as 127.0.0.1:9464; "
        "a port alone is one of the loopback address; off.",
    )


class AlertSettings(_Section):
    """When people are told."""

    edit_every: Duration = Field(
        default=timedelta(seconds=30), description="Least time between two edits of one card."
    )
    remind_after: Duration = Field(
        default=timedelta(hours=4), description="First reminder of an open problem; then doubling."
    )
    resolve_after: dict[Severity, Duration] = Field(
        default_factory=dict,
        description="Quiet time after which a problem counts as resolved, by severity; 24h.",
    )
    ceiling_hour: Annotated[int, Field(ge=1)] = Field(
        default=10, description="New messages an hour for warning and below."
    )
    ceiling_day: Annotated[int, Field(ge=1)] = Field(
        default=50, description="New messages a day for warning and below."
    )
    storm_problems: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=10,
        description="More new problems of one target than this within `storm_window` are told "
        "together, as one card.",
    )
    storm_window: Duration = Field(
        default=timedelta(minutes=5), description="The time in which they are counted."
    )
    digest: bool = Field(default=True, description="Whether the hourly digest is sent.")


class StoreSettings(_Section):
    """How much is kept."""

    keep: Duration = Field(
        default=timedelta(days=90), description="How long a resolved problem is remembered."
    )
    max_bytes: Annotated[Size, Field(ge=16 * _KIB * _KIB)] = Field(
        default=256 * _KIB * _KIB,
        description="Size of the state above which the oldest problems are forgotten.",
    )


def _username(value: str) -> str:
    """Refuse what Discord refuses in the name of a webhook, and what nobody sees."""
    if visible(value) != value:
        raise ValueError("must not hold invisible characters")
    if any(each in value.lower() for each in ("discord", "clyde")):
        raise ValueError("must not hold 'discord' or 'clyde'")
    return value


class RepositorySettings(_Section):
    """The source of the service whose log is read."""

    path: WholePath | None = Field(
        default=None,
        description="Its git repository, a checkout or a bare one; read as git objects only.",
    )
    commit: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/@{}^~-]{0,200}$")] = Field(
        default="HEAD", description="The commit that runs: a branch, a tag or an id."
    )


class DiscordSettings(_Section):
    """One Discord channel."""

    webhook_url: Annotated[SecretStr, address_of(HOSTS)] | None = Field(
        default=None, description="The webhook's address; who has it can post."
    )
    mention_role: Annotated[str | None, Field(pattern=r"^\d{15,20}$")] = Field(
        default=None, description="Id of the role mentioned for critical problems."
    )
    thread_id: Annotated[str | None, Field(pattern=r"^\d{15,20}$")] = Field(
        default=None, description="Id of a thread to post into."
    )
    username: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_username)] = (
        "logwatchd"
    )
    proxy: ProxyUrl | None = Field(default=None, description="URL of an HTTP proxy.")
    ca_file: Path | None = Field(
        default=None, description="Certificates to trust instead of the bundled ones (PEM)."
    )


class GithubSettings(_Section):
    """The repository whose issues are kept, and who we are there."""

    repository: Repository | None = Field(
        default=None, description="owner/name; naming it turns issues on."
    )
    token: SecretStr | None = Field(
        default=None, description="A fine-grained token: Issues (write), Metadata (read)."
    )
    api_url: ApiUrl = Field(default=API_URL, description="Of an Enterprise server.")
    login: Login | None = Field(
        default=None, description="Our login, where the token does not say whose it is."
    )
    trusted_logins: tuple[Login, ...] = Field(
        default=(), description="Logins that filed issues for us before, such as an old token's."
    )
    proxy: ProxyUrl | None = Field(default=None, description="URL of an HTTP proxy.")
    ca_file: Path | None = Field(
        default=None, description="Certificates to trust instead of the bundled ones (PEM)."
    )


class IssueSettings(_Section):
    """When a problem gets an issue."""

    enabled: bool = Field(default=True, description="Whether issues are filed and kept at all.")
    often: Annotated[int, Field(ge=2, le=1_000_000)] = Field(
        default=10, description="Events of a warning within an hour that call for an issue."
    )
    recurs_after: Duration = Field(
        default=timedelta(hours=1),
        description="A new warning that comes back this long after its first sight gets one, too.",
    )
    ceiling_hour: Annotated[int, Field(ge=1, le=100)] = Field(
        default=5, description="Issues an hour, of every severity."
    )
    ceiling_day: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=20, description="Issues a day, of every severity."
    )
    close_when_quiet: bool = Field(
        default=False, description="Whether the issue of a problem that became quiet is closed."
    )
    poll_every: Duration = Field(
        default=timedelta(minutes=1), description="How often to look at what people did to issues."
    )


class RedactionSettings(_Section):
    """What is replaced in every text, beyond what is known already."""

    keys: Names = Field(default=(), description="Names of fields whose values are secret.")
    patterns: tuple[str, ...] = Field(
        default=(), description="Regular expressions (RE2) of texts that are secret."
    )
    exempt: tuple[str, ...] = Field(
        default=(),
        description="Regular expressions (RE2); what one matches as a whole is not hidden.",
    )
    ip_addresses: bool = Field(default=False, description="Whether IP addresses are hidden, too.")


class Settings(BaseSettings):
    """The whole configuration, read-only."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    paths: Paths = Field(default=(), description="Log files: paths, globs, directories.")
    service: Annotated[str, Field(max_length=80)] = Field(
        default="", description="Name of the service, for lines that name none."
    )
    language: Language = Field(default=Language.EN, description="Of alerts: en or ko.")
    state_dir: WholePath | None = Field(default=None, description="Where state is kept.")
    sinks: tuple[SinkName, ...] = Field(
        default=(SinkName.DISCORD,), description="Where people are told."
    )
    shipped_rules: bool = Field(
        default=True, description="Whether the rules that ship with logwatchd follow yours."
    )
    rules: tuple[RuleSettings, ...] = Field(default=(), description="Your rules; they come first.")
    fingerprint: tuple[FingerprintSettings, ...] = Field(
        default=(), description="What counts for events of your choice; the first that fits."
    )
    mask: tuple[PatternSettings, ...] = Field(
        default=(), description="What does not count in messages, beyond what is known already."
    )
    keep: tuple[PatternSettings, ...] = Field(
        default=(), description="What counts in messages though it looks like a value."
    )
    log: LogSettings = LogSettings()
    source: SourceSettings = SourceSettings()
    pipeline: PipelineSettings = PipelineSettings()
    endpoint: EndpointSettings = EndpointSettings()
    alerts: AlertSettings = AlertSettings()
    store: StoreSettings = StoreSettings()
    discord: DiscordSettings = DiscordSettings()
    github: GithubSettings = GithubSettings()
    issues: IssueSettings = IssueSettings()
    redaction: RedactionSettings = RedactionSettings()
    repository: RepositorySettings = RepositorySettings()
    diagnosis: DiagnosisSettings = DiagnosisSettings()

    def policy(self) -> Policy:
        """Return the numbers behind the decisions."""
        day = timedelta(hours=24)
        return Policy(
            sinks=tuple(each.value for each in self.sinks),
            remind_after=self.alerts.remind_after,
            resolve_after={each: self.alerts.resolve_after.get(each, day) for each in Severity},
            edit_every=self.alerts.edit_every,
            edit_every_when_old=max(self.alerts.edit_every, Policy().edit_every_when_old),
            ceiling_hour=self.alerts.ceiling_hour,
            ceiling_day=self.alerts.ceiling_day,
            digest=self.alerts.digest,
            storm=StormPolicy(problems=self.alerts.storm_problems, window=self.alerts.storm_window),
            diagnosis=self.diagnosis_policy() if self.diagnosis.is_on else None,
            issues=self.issue_policy(),
        )

    def issue_policy(self) -> IssuePolicy | None:
        """Return when a problem gets an issue, or None where none is ever filed."""
        if self.github.repository is None or not self.issues.enabled:
            return None
        return IssuePolicy(
            repository=self.github.repository,
            routes={each.name: each.route() for each in self.rules},
            often=self.issues.often,
            recurs_after=self.issues.recurs_after,
            ceiling_hour=self.issues.ceiling_hour,
            ceiling_day=self.issues.ceiling_day,
            close_when_quiet=self.issues.close_when_quiet,
        )

    def repositories(self) -> frozenset[str]:
        """Return the repositories in which issues are filed."""
        policy = self.issue_policy()
        if policy is None:
            return frozenset()
        return frozenset(policy.route(name).repository for name in ("", *policy.routes))

    def diagnosis_policy(self) -> DiagnosisPolicy:
        """Return the numbers behind diagnoses; they wait for the source where there is any."""
        wait = _SOURCE_WAIT if self.repository.path is not None else timedelta(0)
        return self.diagnosis.policy(source_wait=wait)

    def grouping(self) -> GroupingSpec:
        """Return what the team says about grouping, as the domain knows it."""
        return GroupingSpec(
            fingerprints=tuple(each.spec() for each in self.fingerprint),
            masks=tuple(each.pattern for each in self.mask),
            keeps=tuple(each.pattern for each in self.keep),
        )

    def secrets(self) -> list[str]:
        """Return every secret value set, to be replaced wherever it turns up."""
        found = (self.discord.webhook_url, self.discord.proxy, self.github.proxy)
        urls = [each.get_secret_value() for each in found if each is not None]
        keys = (self.github.token, self.diagnosis.api_key)
        return [
            *(each.get_secret_value() for each in keys if each is not None),
            *(secret for url in urls for secret in secrets_of_url(url)),
        ]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- pydantic-settings' signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from `load` alone, which knows the order and the names of the field."""
        return (init_settings,)
