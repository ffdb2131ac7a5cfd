"""A team's rule, as it stands in `logwatchd.toml`."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from logwatchd.domain.event import Category, Level, Severity, Tell
from logwatchd.domain.issue import IssueRoute
from logwatchd.domain.rules import RuleSpec
from logwatchd.settings.units import Duration, Repository


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _level(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return Level[value.strip().upper()]
        except KeyError:
            raise ValueError("must be one of trace, debug, info, warn, error, fatal") from None
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class RuleSettings(BaseModel):
    """One `[[rules]]` table; all conditions given must hold, within one list any."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=80)
    severity: Severity
    category: Category = Category.OTHER
    tell: Tell | None = Field(default=None, description="By severity when not given.")
    level: Annotated[Level | None, BeforeValidator(_level)] = Field(
        default=None, description="At least this level; any level when not given."
    )
    target: Texts = Field(default=(), description="Globs for the module path.")
    code: Texts = Field(default=(), description="Globs for the error code.")
    code_regex: str = Field(default="", description="A regular expression (RE2) for the code.")
    fields: dict[str, str] = Field(default_factory=dict, description="Glob by name of a field.")
    message: Texts = Field(default=(), description="Substrings of the message, in any case.")
    message_regex: str = Field(default="", description="A regular expression (RE2).")
    duration_over: Duration | None = Field(default=None, description="It took longer than this.")
    issue: bool = Field(default=True, description="Whether its problems may get an issue.")
    issue_repository: Repository | None = Field(
        default=None, description="Where their issues belong: owner/name."
    )

    def route(self) -> IssueRoute:
        """Return what the rule says about issues."""
        return IssueRoute(wanted=self.issue, repository=self.issue_repository or "")

    def spec(self) -> RuleSpec:
        """Return the rule as the domain knows it."""
        over = self.duration_over
        default = Tell.COUNT if self.severity is Severity.INFO else Tell.AT_ONCE
        return RuleSpec(
            name=self.name,
            severity=self.severity,
            category=self.category,
            tell=self.tell or default,
            level=self.level,
            target=self.target,
            code=self.code,
            code_regex=self.code_regex,
            fields=self.fields,
            message=self.message,
            message_regex=self.message_regex,
            duration_over_ms=None if over is None else over.total_seconds() * 1000,
        )
