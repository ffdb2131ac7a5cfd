import re
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.card import card_of, card_to_draw
from logwatchd.domain.card_parts import Block, Code, Field, Line, Moment, Quote, Tone, Words
from logwatchd.domain.event import Category, Severity
from logwatchd.domain.incident import Incident, Reason, State, short_id
from logwatchd.domain.incident_card import duration_words
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.notice import (
    CardNotice,
    DigestLine,
    DigestNotice,
    StormNotice,
    TextKind,
    TextNotice,
)
from logwatchd.domain.policy import Why
from logwatchd.domain.redact import Redactor
from logwatchd.domain.storm import Storm
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import Language, held_back_reason, texts_of
from logwatchd.errors import RejectedError
from logwatchd.outgoing import checked
from logwatchd.sinks.discord_payload import (
    Payload,
    brief_edit_payload,
    brief_payload,
    edit_payload,
    payload,
)
from logwatchd.sinks.discord_structure import DISCORD_MESSAGE
from tests.fakes.discord_rules import limit_breaches, outside_code, promise_breaches
from tests.fakes.notices import MESSAGE, NOON, a_card, a_diagnosis, an_event, an_incident

EN, KO = Language.EN, Language.KO
ROLE = "112233445566778899"
REDACTOR = Redactor(own_secrets=["own-" + "canary-" + "value"])

TEXT = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "@everyone",
            "```\n@here",
            "[a](https://evil.example)",
            "<@&112233445566778899>",
            "x" * 9_000,
            "😀" * 9_000,
            "`" * 9_000,
            "*_~|" * 3_000,
            "\x1b[2J\u202e",
            "가나다 " * 3_000,
        ]
    ),
)


def drawn(notice: Any, language: Language = EN, *, role: str | None = None) -> Payload:
    """Render as a new message."""
    return payload(card_of(notice, language), mention_role=role, username="logwatchd")


def look_at(body: Payload) -> None:
    """Refuse what the transport would not take."""
    checked(body, DISCORD_MESSAGE, redact=str)


def embed_of(body: Payload) -> dict[str, Any]:
    """Return the only embed."""
    embeds: Any = body["embeds"]
    assert len(embeds) == 1
    embed: dict[str, Any] = embeds[0]
    return embed


def values_of(body: Payload) -> dict[str, str]:
    """Return the fields by name."""
    return {field["name"]: field["value"] for field in embed_of(body).get("fields", [])}


def a_full_incident(text: str = "x", **changes: Any) -> Incident:
    """Build an incident in which every text is the same."""
    event = an_event(
        message=text,
        target=text,
        service=text,
        code=text,
        request_id=text,
        trace_id=text,
        duration_ms=5_100.0,
        exception_type=text,
        causes=(text,) * 9,
        stack_trace=text,
        location=text,
        panic=True,
    )
    return an_incident(**({"sample": event, "template": text, "rule": text} | changes))


def a_digest(**changes: Any) -> DigestNotice:
    """Build a digest of one problem."""
    ordinary: dict[str, Any] = {
        "since": NOON - timedelta(hours=1),
        "until": NOON,
        "lines": (DigestLine(incident=view_of(an_incident()), count=17),),
    }
    return DigestNotice(**(ordinary | changes))


def test_the_title_says_how_bad_it_is_and_what_it_is_before_the_log_speaks() -> None:
    """A title that began with log text could claim any severity."""
    assert embed_of(drawn(a_card()))["title"] == f"🔴 critical · database — {MESSAGE}"
    assert embed_of(drawn(a_card(), KO))["title"] == f"🔴 심각 · 데이터베이스 — {MESSAGE}"


def test_a_card_shows_everything_that_is_known() -> None:
    """The reader should not have to open a log."""
    event = an_event(
        service="api",
        code="DB5001",
        request_id="req-7",
        trace_id="4bf9",
        duration_ms=5_100.0,
        exception_type="sqlx::Error",
        causes=("connection refused",),
        stack_trace="0: acquire\n1: create",
        location="src/pool.rs:42",
        panic=True,
    )
    incident = an_incident(sample=event, count=1_234)
    body = drawn(a_card(incident, hourly=(0,) * 23 + (17,)))
    embed = embed_of(body)
    assert values_of(body) == {
        "State": "open",
        "Count": "1,234",
        "Last seen": f"<t:{int(NOON.timestamp())}:R>",
        "First seen": f"<t:{int(NOON.timestamp()) - 1200}:R>",
        "Where": "`backend::db::pool` `src/pool.rs:42`",
        "Code": "`DB5001`",
        "Request": "`req-7`",
        "Service": "`api`",
        "Exception": "`sqlx::Error`",
        "Trace": "`4bf9`",
        "Duration": "5.1 s",
        "Rate, last 24 hours": "`" + "·" * 23 + "█` 17 this hour, peak 17/h",
    }
    assert embed["title"].startswith("🔴 critical · database · panic — ")
    assert f"```\n{MESSAGE}\n```" in embed["description"]
    assert "↳ Cause: `connection refused`" in embed["description"]
    assert "```\n0: acquire\n1: create\n```" in embed["description"]
    assert embed["footer"] == {"text": "5d41402a · rule database-pool"}


def test_a_card_speaks_korean_when_asked_to() -> None:
    """The team reads Korean; what the log said stays as it was."""
    incident = an_incident(message="주문 처리 실패", regressed=True, episode=2, count=3)
    body = drawn(a_card(incident, reason=Reason.REMINDER, maybe_repeat=True), KO)
    assert list(values_of(body)) == ["상태", "횟수", "최근 발생", "최초 발생", "재발 시각", "위치"]
    assert values_of(body)["상태"] == "재발"
    description = embed_of(body)["description"]
    assert description.startswith(
        "🔁 중복 알림일 수 있음\n**해결 후 재발 (2번째)**\n**다시 알림 1회차"
    )
    assert "**최근 메시지**\n```\n주문 처리 실패\n```" in description


@pytest.mark.parametrize(
    ("changes", "title", "state", "tone"),
    [
        ({}, "🔴 critical", "open", Tone.CRITICAL),
        ({"severity": Severity.WARNING}, "🟠 warning", "open", Tone.WARNING),
        ({"severity": Severity.INFO}, "🔵 info", "open", Tone.INFO),
        ({"regressed": True, "episode": 2}, "🔴 critical", "regressed", Tone.CRITICAL),
        ({"state": State.ACKNOWLEDGED}, "👀 acknowledged", "acknowledged", Tone.CRITICAL),
        ({"state": State.MUTED}, "🔕 muted", "muted", Tone.QUIET),
        (
            {"state": State.MUTED, "muted_until": NOON},
            "🔕 muted",
            f"muted until <t:{int(NOON.timestamp())}:f>",
            Tone.QUIET,
        ),
        (
            {"state": State.MUTED, "mute_until_count": 100},
            "🔕",
            "muted until count 100",
            Tone.QUIET,
        ),
        ({"state": State.RESOLVED}, "✅ resolved", "resolved", Tone.GOOD),
    ],
)
def test_the_state_shows_in_the_title_the_field_and_the_colour(
    changes: dict[str, Any], title: str, state: str, tone: Tone
) -> None:
    """One glance tells whether anyone still has to act."""
    notice = a_card(an_incident(**changes))
    assert card_of(notice, EN).tone is tone
    assert embed_of(drawn(notice))["title"].startswith(title)
    assert values_of(drawn(notice))["State"] == state


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("state", list(State))
def test_only_new_messages_about_open_critical_problems_call_the_role(
    reason: Reason, severity: Severity, state: State
) -> None:
    """A role that is called for everything is soon muted by everyone."""
    notice = a_card(an_incident(severity=severity, state=state), reason=reason)
    calls = (
        severity is Severity.CRITICAL
        and state is State.OPEN
        and reason in (Reason.FIRST, Reason.REGRESSED, Reason.REMINDER)
    )
    body = drawn(notice, role=ROLE)
    assert body.get("content") == (f"<@&{ROLE}>" if calls else None)
    expected = {"parse": [], "roles": [ROLE]} if calls else {"parse": []}
    assert body["allowed_mentions"] == expected
    assert drawn(notice)["allowed_mentions"] == {"parse": []}
    edit = edit_payload(card_of(notice, EN))
    assert edit.keys() == {"embeds", "allowed_mentions"}
    assert edit["allowed_mentions"] == {"parse": []}


def test_the_stack_trace_is_cut_before_anything_else() -> None:
    """Count, state and place say more than frame 300."""
    incident = an_incident(
        sample=an_event(message="m" * 8_000, stack_trace="frame\n" * 2_700), count=77
    )
    body = drawn(a_card(incident))
    embed = embed_of(body)
    assert embed["title"].endswith("open connection")
    assert values_of(body)["Count"] == "77"
    assert "m" * 1_400 in embed["description"]
    assert "\n…\n" in embed["description"]
    assert embed["description"].endswith("frame\n```")


def test_what_is_least_important_is_left_out_when_there_is_no_room() -> None:
    """Five identifiers of the greatest length leave no room for a sixth, but for the state."""
    names = values_of(drawn(a_card(a_full_incident("x" * 9_000)))).keys()
    assert {"State", "Count", "Last seen", "First seen", "Where"} <= names


def test_a_long_problem_is_told_in_full_below_the_title() -> None:
    """The title takes 256 characters, which may end before the point."""
    template = "w" * 300
    description = embed_of(drawn(a_card(an_incident(template=template))))["description"]
    assert description.startswith(f"**Problem:** {template}\n")


def test_more_causes_than_are_shown_are_counted() -> None:
    """What is left out is said."""
    event = an_event(causes=tuple(f"cause {number}" for number in range(7)))
    description = embed_of(drawn(a_card(an_incident(sample=event))))["description"]
    assert "`cause 3`" in description
    assert "`cause 4`" not in description
    assert "↳ and 3 more causes" in description


def test_the_brief_form_holds_no_text_of_the_log() -> None:
    """It is sent when Discord refused that text."""
    card = card_of(a_card(a_full_incident("secretive", count=17)), EN)
    for body in (
        brief_payload(card, mention_role=ROLE, username="logwatchd"),
        brief_edit_payload(card),
    ):
        look_at(body)
        assert "secretive" not in str(body)
        embed = embed_of(body)
        assert embed["title"] == "🔴 critical · database · panic"
        assert embed["description"].startswith("×17 · open · 5d41402a\n")
        assert "`logwatchd show 5d41402a`" in embed["description"]


def test_a_digest_names_the_problems_and_counts_the_rest() -> None:
    """Nothing that was held back is silent."""
    notice = a_digest(
        more_problems=4, more_events=31, held_back={"held_hour_ceiling": 5, "new_reason": 1}
    )
    embed = embed_of(drawn(notice))
    assert embed["title"] == "📋 logwatchd — Digest: 5 problems, 48 events"
    assert embed["description"].splitlines()[1:] == [
        f"🔴 **×17** `5d41402a` {MESSAGE}",
        "and 4 more problems with 31 events",
        "Held back: 6 messages (hourly ceiling: 5, new reason: 1)",
    ]
    korean = embed_of(drawn(notice, KO))
    assert korean["title"] == "📋 logwatchd — 요약: 문제 5건, 이벤트 48건"
    assert "보류된 알림 6건 (시간당 상한: 5, new reason: 1)" in korean["description"]


def test_a_digest_without_problems_says_so() -> None:
    """An empty list would look like a fault."""
    assert "No other problems" in embed_of(drawn(a_digest(lines=())))["description"]


def test_a_digest_with_too_many_lines_counts_those_left_out() -> None:
    """The numbers of the title and of the lines agree, whatever the caller sends."""
    line = DigestLine(incident=view_of(an_incident(message="`*" * 400)), count=2)
    embed = embed_of(drawn(a_digest(lines=(line,) * 13, more_problems=1, more_events=1)))
    assert "14 problems, 27 events" in embed["title"]
    assert "and 4 more problems with 7 events" in embed["description"]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", list(TextKind))
def test_the_daemon_speaks_of_itself_in_every_language(kind: TextKind, language: Language) -> None:
    """A missing text would be an empty message, which Discord refuses."""
    notice = TextNotice(kind=kind, at=NOON, details=(("path", "/var/lib/x`y"),), maybe_repeat=True)
    body = drawn(notice, language, role=ROLE)
    look_at(body)
    assert "content" not in body
    assert values_of(body) == {"path": "`/var/lib/x'y`"}
    own = texts_of(language)
    assert embed_of(body)["description"].startswith(f"🔁 {own.maybe_repeat}\n")
    assert own.self_text.of(kind).title in embed_of(body)["title"]


def test_both_languages_have_words_of_their_own() -> None:
    """An entry copied from English and forgotten would show."""
    shared = {"LLM"}
    english, korean = _words(texts_of(EN)), _words(texts_of(KO))
    assert english.keys() == korean.keys()
    assert [name for name in english if english[name] == korean[name]] == ["category.llm"]
    assert english["category.llm"] in shared
    assert all(re.search("[가-힣]", korean[name]) for name in korean if name != "category.llm")


def _words(value: Any, name: str = "") -> dict[str, str]:
    if isinstance(value, str):
        return {name: value}
    found: dict[str, str] = {}
    if is_dataclass(value):
        for one in fields(value):
            inner = f"{name}.{one.name}".strip(".")
            found |= _words(getattr(value, one.name), inner)
    return found


@pytest.mark.parametrize("why", [Why.HELD_MUTED, Why.HELD_HOUR_CEILING, Why.HELD_DAY_CEILING])
@pytest.mark.parametrize("language", list(Language))
def test_every_reason_for_holding_back_has_words(why: Why, language: Language) -> None:
    """The names of reasons are for machines."""
    assert why.value in texts_of(language).held_back_reasons
    assert "_" not in held_back_reason(texts_of(language), "some_new_reason")


@pytest.mark.parametrize(
    ("fingerprint", "shown"),
    [
        ("v1:5d41402abc4b2a76", "5d41402a"),
        ("5d41402abc", "5d41402a"),
        ("v1:ab", "ab"),
        ("v1:@everyone*", "everyone"),
        ("", ""),
    ],
)
def test_people_use_the_first_eight_characters_of_a_fingerprint(
    fingerprint: str, shown: str
) -> None:
    """They type it into `logwatchd show`."""
    assert short_id(fingerprint) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (-1.0, ""),
        (0.4, "0 ms"),
        (850.0, "850 ms"),
        (5_100.0, "5.1 s"),
        (125_000.0, "2 min 5 s"),
    ],
)
def test_a_duration_is_shown_with_the_unit_that_fits(
    milliseconds: float | None, shown: str
) -> None:
    """30012 means nothing to a reader, and a line may hold any number."""
    assert duration_words(milliseconds) == shown


def test_log_text_is_never_marked_as_our_own() -> None:
    """The types decide what a renderer escapes, so they must be right."""
    mark = "MARK"
    text = Tainted(mark * 50)
    incident = a_full_incident(mark * 50, template=mark * 50)
    card = card_of(a_card(incident, reason=Reason.REMINDER), EN)
    parts: list[Any] = [Words(card.lead), Words(card.standing), Words(card.stub), *card.footer]
    for piece in card.body:
        parts += piece.parts if isinstance(piece, Line) else [Words(piece.label)]
    for one in card.fields:
        parts += [Words(one.name), *one.value]
    trusted = [part for part in parts if not isinstance(part, Quote | Code | Moment)]
    assert all(mark not in part.text for part in trusted)
    assert any(isinstance(piece, Block) and piece.text == text for piece in card.body)
    assert any(isinstance(part, Code) for one in card.fields for part in one.value)
    assert all(isinstance(one, Field) for one in card.fields)


@st.composite
def notices(draw: st.DrawFn) -> CardNotice | DigestNotice | TextNotice:
    """Draw a notice with any text in any place."""
    incident = a_full_incident(
        draw(TEXT),
        template=draw(TEXT),
        rule=draw(TEXT),
        severity=draw(st.sampled_from(Severity)),
        category=draw(st.sampled_from(Category)),
        state=draw(st.sampled_from(State)),
        count=draw(st.integers(min_value=1, max_value=10**15)),
        episode=draw(st.integers(min_value=1, max_value=10**6)),
        regressed=draw(st.booleans()),
        fingerprint=draw(TEXT),
    )
    hourly = tuple(draw(st.lists(st.integers(min_value=0, max_value=10**9), max_size=24)))
    if draw(st.booleans()):
        return a_card(incident, hourly=hourly, reason=draw(st.sampled_from(Reason)))
    if draw(st.booleans()):
        lines = (DigestLine(incident=view_of(incident), count=3),) * draw(st.integers(0, 12))
        return a_digest(lines=lines, more_problems=2, held_back={draw(TEXT): 2})
    details = tuple((draw(TEXT), draw(TEXT)) for _ in range(3))
    return TextNotice(kind=TextKind.TEST, at=NOON, details=details)


@given(notices(), st.sampled_from(Language))
@settings(deadline=None, max_examples=300)
def test_every_body_is_within_the_limits_and_nothing_in_it_is_live(
    notice: CardNotice | DigestNotice, language: Language
) -> None:
    """Whatever is logged, and in whatever state the incident is."""
    card = card_of(notice, language)
    for body in (
        payload(card, mention_role=ROLE, username="logwatchd"),
        brief_payload(card, mention_role=None, username="logwatchd"),
    ):
        look_at(body)
        assert limit_breaches(body) == []
        assert promise_breaches("POST", {"wait": "true"}, body) == []
    edit = edit_payload(card)
    look_at(edit)
    assert promise_breaches("PATCH", {}, edit) == []


def test_the_role_is_the_only_live_text_of_a_whole_body() -> None:
    """A second look at the rules above, with the attack spelled out."""
    text = f"```\n@everyone <@&{ROLE}> [a](https://evil.example) <t:1:R> ![x](y)"
    embed = embed_of(drawn(a_card(a_full_incident(text)), role=ROLE))
    texts = [embed["title"], embed["description"], embed["footer"]["text"]]
    texts += [one[key] for one in embed["fields"] for key in ("name", "value")]
    read = " ".join(outside_code(one) for one in texts)
    assert f"<@&{ROLE}>" not in read
    assert "@everyone" not in read
    assert "https://" not in read
    assert "<t:1:R>" not in read


@pytest.mark.parametrize(
    ("breach", "change"),
    [
        ("body keys", {"tts": True}),
        ("body keys", {"components": []}),
        ("content", {"content": "hello"}),
        ("content", {"content": "@everyone"}),
        ("allowed mentions", {"allowed_mentions": {"parse": ["everyone"]}}),
        ("allowed mentions", {"allowed_mentions": {"parse": [], "roles": ["1"]}}),
        ("allowed mentions", {"allowed_mentions": None}),
        ("username", {"username": ""}),
        ("username", {"username": "x" * 81}),
        ("embeds", {"embeds": []}),
        ("embed keys", {"image": {"url": "x"}}),
        ("embed keys", {"url": "https://evil.example"}),
        ("title", {"title": "x" * 257}),
        ("title", {"title": " "}),
        ("title", {"title": "a\nb"}),
        ("description", {"description": "x" * 4_097}),
        ("open fence", {"description": "```\nx"}),
        ("colour", {"color": 0x1_000_000}),
        ("colour", {"color": "red"}),
        ("footer", {"footer": {"text": "x", "icon_url": "y"}}),
        ("footer", {"footer": {"text": "x" * 2_049}}),
        ("fields", {"fields": [{"name": "a", "value": "b", "inline": True}] * 26}),
        ("field", {"fields": [{"name": "a", "value": " ", "inline": True}]}),
        ("field", {"fields": [{"name": "a", "value": "b"}]}),
        ("field", {"fields": [{"name": "a", "value": "b" * 1_025, "inline": True}]}),
        ("total", {"fields": [{"name": "a", "value": "b" * 1_000, "inline": True}] * 6}),
    ],
)
def test_the_last_look_refuses_a_body_that_breaks_a_rule(
    breach: str, change: dict[str, Any]
) -> None:
    """It stands between a mistake of ours and the channel."""
    body = drawn(a_card())
    own = {"tts", "components", "content", "allowed_mentions", "username", "embeds"}
    (body if change.keys() <= own else embed_of(body)).update(change)
    with pytest.raises(RejectedError, match=rf"refused: (.+, )?{breach}"):
        look_at(body)


def test_a_role_that_is_no_number_is_refused() -> None:
    """A wrong setting must not become a mention of everyone."""
    with pytest.raises(RejectedError, match="content"):
        look_at(drawn(a_card(), role="everyone"))


SECRETS = st.sampled_from(
    [
        "password=" + "hunter2hunter2",
        "Authorization: Bearer " + "abcdef0123456789",
        "ghp" + "_" + "a1B2" * 9,
        "비밀번호는 " + "s3cret-value",
        "own-" + "canary-" + "value",
        "postgres://app:" + "pa55word" + "@db/app",
        "token: " + "x" * 40,
        "Invalid password:",
        "reset token",
        "card 4111 1111 1111 " + "1111",
    ]
)


@given(
    st.lists(st.one_of(SECRETS, st.text(max_size=6), st.sampled_from("`\n\u3164")), max_size=30),
    st.integers(0, 300),
    st.sampled_from(Language),
)
@settings(deadline=None, max_examples=60)
def test_what_is_redacted_once_more_always_passes_the_last_look(
    pieces: list[str], padding: int, language: Language
) -> None:
    """A cut, an escape or a label beside it must not make a placeholder look like a secret."""
    text = "x" * padding + " ".join(pieces) * 3
    card = card_to_draw(a_card(a_full_incident(text)), language, redact=REDACTOR.text)
    body = payload(card, mention_role=ROLE, username="logwatchd")
    checked(body, DISCORD_MESSAGE, redact=REDACTOR.text)
    assert "own-" + "canary-" + "value" not in str(body)


def test_a_second_redaction_changes_no_card_of_an_ordinary_problem() -> None:
    """Identifiers, templates and our own placeholders stay as they are."""
    event = an_event(
        message="query timed out after 5000 ms, password=[REDACTED:password]",
        request_id="5d3f0a4e-8a51-4a35-b1f6-6a1e4e0a8a11",
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
        code="DB5001",
        location="src/pool.rs:42",
    )
    notice = a_card(an_incident(sample=event, template="query timed out after <num> ms"))
    assert card_to_draw(notice, EN, redact=REDACTOR.text) == card_of(notice, EN)


@pytest.mark.parametrize(
    ("language", "title", "body"),
    [
        (EN, "🔗 merged · critical", "merged into aaaabbbb"),
        (KO, "🔗 병합됨 · 심각", "aaaabbbb 에 병합됨"),
    ],
)
def test_a_merged_problem_says_where_it_counts_and_calls_nobody(
    language: Language, title: str, body: str
) -> None:
    """In either language; a card that was never posted may still be on its way."""
    notice = a_card(merged_into="v1:aaaabbbbcccc")
    embed = embed_of(drawn(notice, language, role=ROLE))

    assert str(embed["title"]).startswith(title)
    assert body in str(embed["description"])
    assert "content" not in drawn(notice, language, role=ROLE)


def a_storm(*, ended: bool = False, **changes: Any) -> StormNotice:
    """Build the notice of a storm."""
    storm = Storm(
        number=3,
        service="api",
        target=changes.pop("target", "app::orders"),
        since=NOON,
        problems=1_234,
        events=5_678,
        ended_at=NOON + timedelta(minutes=9) if ended else None,
    )
    examples = (DigestLine(incident=view_of(an_incident()), count=400),)
    return StormNotice(storm=storm, examples=examples, **changes)


@pytest.mark.parametrize(
    ("language", "ended", "words"),
    [
        (EN, False, ("storm of new problems", "1,234 new problems, 5,678 events", "going on")),
        (EN, True, ("storm of new problems, ended", "logwatchd incidents", "Ended")),
        (KO, False, ("신규 문제 폭주", "신규 문제 1,234건, 이벤트 5,678건", "진행 중")),
        (KO, True, ("신규 문제 폭주 종료", "logwatchd incidents", "종료됨")),
    ],
)
def test_a_storm_is_one_card_with_exact_numbers_and_examples(
    language: Language, ended: bool, words: tuple[str, ...]
) -> None:
    """How many, of which target, since when, the largest, and whether it is over."""
    text = str(drawn(a_storm(ended=ended), language, role=ROLE))

    for word in (*words, "app::orders", MESSAGE, "×400"):
        assert word in text
    assert "1,233" in text  # the others, in a line of their own
    assert ROLE not in text


@given(TEXT, TEXT)
@settings(max_examples=40, deadline=None)
def test_a_storm_of_hostile_names_keeps_every_promise(target: str, message: str) -> None:
    """Target and examples are what any log says."""
    notice = replace(
        a_storm(target=target),
        examples=(DigestLine(incident=view_of(an_incident(message=message)), count=1),) * 5,
    )
    body = drawn(notice)

    assert limit_breaches(body) == []
    assert promise_breaches("POST", {"wait": "true"}, body) == []
    look_at(body)


@given(TEXT)
@settings(deadline=None, max_examples=60)
def test_nothing_that_a_model_says_is_live_on_a_card(text: str) -> None:
    """A model may have been talked into anything by what it read."""
    body = drawn(a_card(diagnosis=a_diagnosis(text)))

    look_at(body)
    assert promise_breaches("POST", {"wait": "true"}, body) == []


def test_a_card_tells_what_was_checked_from_what_was_not() -> None:
    """Whoever reads it at night must see the difference at a glance."""
    known = a_diagnosis().verified
    assert known is not None
    bare = replace(known, cause=replace(known.cause, found=()))
    card, guess = (str(drawn(a_card(diagnosis=a_diagnosis(verified=v)))) for v in (known, bare))

    assert "Likely cause" in card
    assert "Hypothesis without evidence" in guess
    assert "Likely cause" not in guess
