"""A commented `logwatchd.toml` for a log that was looked at.

What a log says stands in comments only: it may suggest a rule, and sets none. The paths are the
user's own.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from logwatchd.domain.event import Severity
from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.safe_text import one_line
from logwatchd.domain.survey import Survey
from logwatchd.domain.tainted import Tainted

_SHOWN: Final = 12
"""Values of one kind that are named: the most frequent ones say what kind of log it is."""

_VALUE_LIMIT: Final = 60
_MESSAGE_LIMIT: Final = 120

_NOISY_EVENTS: Final = 20
_NOISY_SHARE: Final = 0.1
"""What came that often, and was that much of all that is told, is asked about. Our judgement."""

_LEAST_WORDS: Final = 8
"""Characters of a message that a rule needs: fewer would match other problems, too."""

_MASK: Final = re.compile(r"<[^<>]*>|…")

_HEAD: Final = """\
# Written by `logwatchd init` on {day}. A setting that does not stand here has its default:
# docs/configuration.md explains all of them, deploy/logwatchd.example.toml has them to copy.
#
# What a sample of the log shows:
"""
_SETTINGS: Final = """
# Log files: paths, globs, directories. Where logrotate uses copytruncate, name the copies too.
paths = [{paths}]

# Name of the service, for lines that name none.
#service = "api"

# Of alerts: en or ko.
#language = "en"

[discord]
# Who has the address can post. It is better in the environment, as DISCORD_WEBHOOK_URL, or in a
# file that DISCORD_WEBHOOK_URL_FILE names.
#webhook_url = "https://discord.com/api/webhooks/…"

# Id of the role mentioned for critical problems.
#mention_role = "123456789012345678"
"""
_NOISE: Final = """
# What came most often in the last day of the log. Where it is noise, take the signs away: then it
# is counted, not told. `logwatchd replay --diff OTHER.toml` shows what that changes.
"""
_NO_NOISE: Final = """
# Rules of yours come before the shipped ones: docs/rules.md. Nothing in the last day of the log
# came so often that it is suggested here.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """What the file is written from.

    Attributes:
        paths: The logs, as they are to be named.
        survey: What was seen in a sample of them.
        unparsed: Lines of the sample that are no records, by reason.
        incidents: The problems of the last day.
        today: The present (aware, UTC).
    """

    paths: Sequence[str]
    survey: Survey
    unparsed: Mapping[str, int]
    incidents: Sequence[Incident]
    today: datetime


def starter_toml(starter: Starter, redact: Callable[[str], str]) -> str:
    """Return the text of the file.

    Args:
        starter: What it is written from.
        redact: Hides secrets once more in what came from the log, as wherever it is shown.
    """
    seen = [f"#   {name}: {what}\n" for name, what in findings(starter, redact)]
    paths = ", ".join(map(_quoted, starter.paths))
    noise = [_rule(each, redact) for each in _noisy(starter.incidents)]
    return "".join(
        [
            _HEAD.format(day=f"{starter.today:%Y-%m-%d}"),
            *seen,
            _SETTINGS.format(paths=paths),
            _NOISE if noise else _NO_NOISE,
            *noise,
        ]
    )


def findings(starter: Starter, redact: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield what was seen, each as a name and one safe line; what was not seen is left out."""
    survey = starter.survey
    counts = {
        "formats": survey.dialects,
        "levels": survey.levels,
        "services": survey.services,
        "error codes": survey.codes,
        "modules with errors": survey.targets,
        "fields": survey.fields,
        "not records": Counter(dict(starter.unparsed)),
    }
    yield "records", str(survey.records)
    for name, counter in counts.items():
        if counter:
            yield name, _most(counter, redact)


def _most(counter: Counter[str], redact: Callable[[str], str]) -> str:
    shown = [f"{_safe(name, redact)} ({n})" for name, n in counter.most_common(_SHOWN)]
    more = len(counter) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _noisy(incidents: Sequence[Incident]) -> list[Incident]:
    told = [each for each in incidents if each.severity is not Severity.INFO]
    least = max(_NOISY_EVENTS, _NOISY_SHARE * sum(each.count for each in told))
    # Nobody should silence by taking signs away what is critical, or more than the problem meant:
    # without words of its message a rule would hold for all of its module.
    noisy = [
        each
        for each in told
        if each.severity is Severity.WARNING and each.count >= least and _words(each)
    ]
    return sorted(noisy, key=lambda each: -each.count)


def _rule(incident: Incident, redact: Callable[[str], str]) -> str:
    """Return a rule for a problem, as a comment."""
    event = incident.sample
    conditions = {"target": event.target, "code": event.code, "message": _words(incident)}
    given = {name: text for name, text in conditions.items() if text}
    lines = [
        f"# {incident.count} events: {_safe(incident.template, redact, _MESSAGE_LIMIT)}",
        "#[[rules]]",
        f'#name = "noise-{short_id(incident.fingerprint)}"',
        '#severity = "info"',
        f'#level = "{event.level.name.lower()}"',
        *(f"#{name} = {_quoted(_safe(t, redact, _MESSAGE_LIMIT))}" for name, t in given.items()),
    ]
    return "\n".join([*lines, "", ""])


def _words(incident: Incident) -> str:
    """Return the longest part of the message that is the same in every event, or ""."""
    message = incident.sample.message.casefold()
    parts = [each.strip() for each in _MASK.split(incident.template)]
    same = [each for each in parts if each.casefold() in message]
    longest = max(same, key=len, default="")[: _MESSAGE_LIMIT - 1].strip()
    return longest if len(longest) >= _LEAST_WORDS else ""


def _safe(text: str, redact: Callable[[str], str], limit: int = _VALUE_LIMIT) -> str:
    return one_line(Tainted(redact(text)), limit)


def _quoted(text: str) -> str:
    """Return a TOML string: JSON's escapes are TOML's, but for DEL, which JSON leaves alone."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
