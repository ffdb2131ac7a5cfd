"""Settings of diagnoses."""

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from logwatchd.diagnosers.instructions import instructions
from logwatchd.diagnosers.price_table import price_table
from logwatchd.domain.budget import Budget
from logwatchd.domain.diagnosis_policy import DiagnosisPolicy
from logwatchd.domain.prices import NANODOLLARS
from logwatchd.domain.texts import Language
from logwatchd.settings.units import Duration, WholePath, api_url

_MODEL: Final = r"^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}$"


class Effort(StrEnum):
    """How much the model may think before it answers."""

    DEFAULT = "default"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def _prices(value: Path) -> Path:
    try:
        price_table(value)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    return value


def _instructions(value: Path) -> Path:
    try:
        instructions(Language.EN, value)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    return value


def _base_url(value: str) -> str:
    return api_url(value) if value else value


class DiagnosisSettings(BaseModel):
    """How problems are diagnosed, and what that may cost."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_key: SecretStr | None = Field(
        default=None, description="Key of the Claude API; without one nothing is diagnosed."
    )
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        default="", description="Where the API is; the provider's own address by default."
    )
    enabled: bool = Field(default=True, description="Whether problems are diagnosed, with a key.")
    model: Annotated[str, Field(pattern=_MODEL)] = Field(
        default="claude-haiku-5-5", description="Who is asked."
    )
    better_model: Annotated[str, Field(pattern=_MODEL)] | None = Field(
        default="claude-sonnet-5-5",
        description="Who is asked about critical problems, while the budget allows.",
    )
    effort: Effort = Field(default=Effort.DEFAULT, description="How much it may think.")
    calls_hour: Annotated[int, Field(ge=0, le=1_000)] = Field(
        default=10, description="Calls an hour."
    )
    dollars_day: Annotated[Decimal, Field(ge=0, le=10_000)] = Field(
        default=Decimal("1.50"), description="Dollars a day."
    )
    dollars_month: Annotated[Decimal, Field(ge=0, le=100_000)] = Field(
        default=Decimal(30), description="Dollars in 31 days."
    )
    kept_for_critical: Annotated[int, Field(ge=0, le=100)] = Field(
        default=20, description="Percent of each limit that only critical problems may use."
    )
    again_after: Duration = Field(
        default=DiagnosisPolicy().again_after,
        description="Least time until a diagnosis that failed is tried once more.",
    )
    tokens: Annotated[int, Field(ge=1_000, le=50_000)] = Field(
        default=8_000, description="About how many tokens of material the model gets."
    )
    answer_tokens: Annotated[int, Field(ge=500, le=20_000)] = Field(
        default=4_000, description="Tokens of an answer at most, thoughts included."
    )
    time_out: Duration = Field(default=timedelta(seconds=120), description="For one call.")
    prompt_file: Annotated[WholePath, AfterValidator(_instructions)] | None = Field(
        default=None, description="Instructions that take the place of those in the package."
    )
    price_file: Annotated[WholePath, AfterValidator(_prices)] | None = Field(
        default=None, description="Prices that take the place of those in the package."
    )

    @property
    def is_on(self) -> bool:
        """Whether problems are diagnosed."""
        return self.enabled and self.api_key is not None

    def policy(self, *, source_wait: timedelta) -> DiagnosisPolicy:
        """Return the numbers behind diagnoses, with how long they wait for the source."""
        return DiagnosisPolicy(
            budget=Budget(
                calls_hour=self.calls_hour,
                day=int(self.dollars_day * NANODOLLARS),
                month=int(self.dollars_month * NANODOLLARS),
                kept=self.kept_for_critical,
            ),
            again_after=self.again_after,
            source_wait=source_wait,
        )
