"""English."""

from typing import Final

from logwatchd.domain import diagnosis_words
from logwatchd.domain.spans import in_units
from logwatchd.domain.texts_schema import (
    CategoryWords,
    Labels,
    SelfText,
    SelfTexts,
    SeverityWords,
    StateWords,
    StormWords,
    Texts,
)


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


ENGLISH: Final = Texts(
    severity=SeverityWords(critical="critical", warning="warning", info="info"),
    category=CategoryWords(
        llm="LLM",
        auth="authentication",
        database="database",
        application="application",
        other="other",
    ),
    state=StateWords(
        open="open",
        acknowledged="acknowledged",
        muted="muted",
        resolved="resolved",
        regressed="regressed",
    ),
    label=Labels(
        state="State",
        count="Count",
        first_seen="First seen",
        last_seen="Last seen",
        where="Where",
        source="Source",
        code="Code",
        request="Request",
        trace="Trace",
        service="Service",
        duration="Duration",
        exception="Exception",
        problem="Problem",
        message="Latest message",
        cause="Cause",
        stack="Stack trace",
        rule="rule",
        since="Since",
        rate="Rate, last 24 hours",
    ),
    self_text=SelfTexts(
        test=SelfText(
            "Test notice",
            "logwatchd can reach this place. Nothing is wrong; no one needs to do anything.",
        ),
        state_damaged=SelfText(
            "The state file was damaged",
            "It was set aside, and logwatchd began with an empty one. Problems that were known "
            "before are announced again as new; older messages are no longer kept up to date.",
        ),
        state_failing=SelfText(
            "State cannot be written",
            "logwatchd has stopped reading until it can be written again. Nothing is lost while "
            "the log files stay where they are, but alerts come late.",
        ),
        state_recovered=SelfText(
            "State can be written again",
            "logwatchd reads on from where it stopped; late alerts follow now.",
        ),
        notice_refused=SelfText(
            "A message could not be shown here",
            "It was refused and is not sent again. The problem it was about is known all the "
            "same: `logwatchd show` has it. Please report this as a defect of logwatchd.",
        ),
        bytes_lost=SelfText(
            "Part of a log was lost",
            "These files were emptied or deleted before they had been read to their end. What "
            "was in the missing part is not known; problems in it were not reported.",
        ),
        diagnosis_stopped=SelfText(
            "Problems are not diagnosed any more",
            "The model's provider refuses the key, the model or the address. Alerts go on as ever; "
            "diagnoses begin again once the settings are mended and logwatchd is reloaded.",
        ),
        issues_held=SelfText(
            "No more issues for now",
            "The ceiling of issues is reached. Problems are told here as ever; one that occurs "
            "again when there is room gets its issue then. `logwatchd why ID` says which waited.",
        ),
        issue_refused=SelfText(
            "An issue could not be filed",
            "It is not tried again. The problem is known all the same: `logwatchd show` has it.",
        ),
    ),
    panic="panic",
    regressed=lambda episode: f"Regressed after being resolved (episode {episode:,})",
    reminder=lambda number: f"Reminder {number:,}: still not resolved",
    maybe_repeat="may be a repeat",
    muted_until="until",
    muted_until_count=lambda count: f"until count {count:,}",
    this_episode=lambda count: f"{count:,} in this episode",
    per_hour=lambda count: f"{count:,} this hour",
    peak=lambda count: f"peak {count:,}/h",
    more_causes=lambda count: f"and {_number(count, 'more cause', 'more causes')}",
    details_withheld="Discord refused the full text. On the host: `logwatchd show {ident}`",
    digest_title=lambda problems, events: (
        f"Digest: {_number(problems, 'problem', 'problems')}, {_number(events, 'event', 'events')}"
    ),
    digest_empty="No other problems in this time.",
    digest_more=lambda problems, events: (
        f"and {_number(problems, 'more problem', 'more problems')} "
        f"with {_number(events, 'event', 'events')}"
    ),
    held_back=lambda count, reasons: (
        f"Held back: {_number(count, 'message', 'messages')} ({reasons})"
    ),
    held_back_reasons={
        "held_hour_ceiling": "hourly ceiling",
        "held_day_ceiling": "daily ceiling",
        "held_muted": "muted",
        "collected": "left to the digest",
        "counted": "only counted",
        "held_storm": "storm of new problems",
    },
    merged=lambda ident: f"merged into {ident}: its events count there",
    merged_standing="merged",
    storm=StormWords(
        lead="storm of new problems",
        lead_ended="storm of new problems, ended",
        title=lambda problems, events: (
            f"{_number(problems, 'new problem', 'new problems')}, "
            f"{_number(events, 'event', 'events')}"
        ),
        explained="New problems of this target are told here while it lasts; critical ones also "
        "by a message of their own.",
        explained_ended="`logwatchd incidents` lists them. One that occurs again is told like any "
        "other.",
        goes_on="going on",
        ended="ended",
        problems="New problems",
        events="Events",
        since="Since",
        ended_at="Ended",
    ),
    diagnosis=diagnosis_words.ENGLISH,
    log_silent=lambda pattern: f"no log from {pattern}",
    log_silent_for=lambda pattern, span: f"no log from {pattern} for {span}",
    span=lambda seconds: in_units(seconds, ("d", "h", "min", "s"), " "),
)
