"""What a team says about grouping, as it stands in `logwatchd.toml`."""

from pydantic import BaseModel, ConfigDict, Field

from logwatchd.domain.overrides import FingerprintSpec
from logwatchd.settings.rules import Texts


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FingerprintSettings(_Table):
    """One `[[fingerprint]]` table; all conditions must hold, the first table that fits decides."""

    when: dict[str, str] = Field(description="Globs by name: target, code, error, fields.NAME, …")
    parts: Texts = Field(description="What counts; {{ default }} for what counts anyway.")
    title: str = Field(default="", description="What people see; the masked message by default.")

    def spec(self) -> FingerprintSpec:
        """Return the rule as the domain knows it."""
        return FingerprintSpec(when=self.when, parts=self.parts, title=self.title)


class PatternSettings(_Table):
    """One `[[mask]]` or `[[keep]]` table."""

    pattern: str = Field(description="A regular expression (RE2) of what is masked, or kept.")
