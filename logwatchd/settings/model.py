"""Everything that can be set, with its default and its reason."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from logwatchd.domain.event import Severity
from logwatchd.domain.policy import Policy
from logwatchd.domain.texts import Language
from logwatchd.settings.rules import RuleSettings
from logwatchd.settings.units import (
    Address,
    Duration,
    Names,
    Paths,
    Patience,
    SecretUrl,
    Size,
    WholePath,
    WholePattern,
)
from logwatchd.sources.tracker import StartAt

_KIB = 1024


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
        default=2,
        description="Chunks of lines (128 KiB) held before the state; then reading waits.",
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
    """Refuse what Discord refuses in the name of a webhook."""
    if any(each in value.lower() for each in ("discord", "clyde")):
        raise ValueError("must not hold 'discord' or 'clyde'")
    return value


class DiscordSettings(_Section):
    """One Discord channel."""

    webhook_url: SecretUrl | None = Field(
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
    proxy: SecretStr | None = Field(default=None, description="URL of an HTTP proxy.")
    ca_file: Path | None = Field(
        default=None, description="Certificates to trust instead of the bundled ones (PEM)."
    )


class RedactionSettings(_Section):
    """What is replaced in every text, beyond what is known already."""

    keys: Names = Field(default=(), description="Names of fields whose values are secret.")
    patterns: tuple[str, ...] = Field(
        default=(), description="Regular expressions (RE2) of texts that are secret."
    )


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
    log: LogSettings = LogSettings()
    source: SourceSettings = SourceSettings()
    pipeline: PipelineSettings = PipelineSettings()
    endpoint: EndpointSettings = EndpointSettings()
    alerts: AlertSettings = AlertSettings()
    store: StoreSettings = StoreSettings()
    discord: DiscordSettings = DiscordSettings()
    redaction: RedactionSettings = RedactionSettings()

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
        )

    def secrets(self) -> list[str]:
        """Return every secret value set, to be replaced wherever it turns up."""
        found = (self.discord.webhook_url, self.discord.proxy)
        return [each.get_secret_value() for each in found if each is not None]

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
