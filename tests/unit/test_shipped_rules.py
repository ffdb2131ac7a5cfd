"""What the rules a team starts with make of believable lines of a Rust backend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from logwatchd.domain.event import Category, Event, Level, Severity, Tell
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED

_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_RULES = RuleSet(SHIPPED)
_API = "server::api::retrospects"
_MAPPER = "server::error"


def _line(message: str, /, target: str = _API, code: str = "", **parts: Any) -> Event:
    whole = {"level": Level.ERROR, "message": message, "target": target, "code": code, **parts}
    return Event(at=_NOON, **whole)


def _cause(text: str, /, **parts: Any) -> Event:
    return _line("request failed", causes=(text,), **parts)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Lines that a rule takes, and near misses with the rule that takes them instead."""

    takes: tuple[Event, ...]
    misses: Mapping[str, Event] = field(default_factory=dict)


_CASES: Final[Mapping[str, Shown]] = {
    "panic": Shown(
        takes=(
            _line("index out of bounds: the len is 3 but the index is 7", "", panic=True),
            _line("401 from the database", code="AUTH401", panic=True),
        ),
        misses={"error": _line("index out of bounds", panic=False)},
    ),
    "panic-code": Shown(
        takes=(_line("handler died", code="E_PANIC"), _line("died", code="HANDLER_PANIC")),
        misses={"error": _line("handler died", code="E_PANI")},
    ),
    "panic-text": Shown(
        takes=(
            _line("thread 'tokio-runtime-worker' panicked at src/api/chat.rs:142:18: boom"),
            _cause("called `Option::unwrap()` on a `None` value"),
        ),
        misses={"error": _line("the panic button of team 7 was pressed")},
    ),
    "crash": Shown(
        takes=(
            _line("thread 'main' has overflowed its stack", ""),
            _line("memory allocation of 4294967296 bytes failed"),
            _line("worker 3 died: Out of memory"),
            _cause("out of memory (os error 12)"),
        ),
        misses={"error": _line("feedback refused: I am out of memory today")},
    ),
    "llm-key-refused-by-code": Shown(
        takes=(
            _line("AI 호출 실패", _MAPPER, "AI5001", causes=("HTTP status: 401 Unauthorized",)),
            _line("LLM request failed", _MAPPER, "E_LLM_AUTH", causes=("invalid_api_key",)),
            _line("provider said no", _MAPPER, "AI4011", causes=("invalid x-api-key",)),
        ),
        misses={
            "llm-code": _line("AI 호출 실패", _MAPPER, "AI5001", causes=("retrospect 401",)),
            "auth-code": _line("요청 권한이 없습니다", _MAPPER, "AI4031"),
        },
    ),
    "llm-limit-code": Shown(
        takes=(
            _line("호출 한도", _MAPPER, "AI4291", causes=("rate_limit_error",)),
            _line("openai: too many requests", _MAPPER, "AI4291"),
        ),
        misses={"client-error-code": _line("하루 3번까지 사용할 수 있습니다", _MAPPER, "AI4291")},
    ),
    "llm-code": Shown(
        takes=(
            _line("AI 응답 생성에 실패했습니다", _MAPPER, "AI5003"),
            _line("LLM request failed", _MAPPER, "E_LLM_TIMEOUT"),
            _line("upstream overloaded_error (529) after 3 attempts", _MAPPER, "LLM-4291"),
        ),
        misses={"client-error-code": _line("회고 내용이 비어 있습니다", _MAPPER, "AI4001")},
    ),
    "database-lost-by-code": Shown(
        takes=(
            _line("database error", _MAPPER, "E_DB_CONN"),
            _line("gone", _MAPPER, "DB_POOL_EXHAUSTED"),
            _line("terminating", _MAPPER, "57P01"),
        ),
        misses={"database-code": _line("database error", _MAPPER, "DB_ROW_MISSING")},
    ),
    "database-lost-by-code-and-text": Shown(
        takes=(
            _line("query failed", _MAPPER, "DB5001", causes=("Connection refused (os error 111)",)),
            _line("query failed", _MAPPER, "DB_QUERY", causes=("PoolTimedOut",)),
        ),
        misses={
            "database-deadlock": _line(
                "canceling statement due to statement timeout", _MAPPER, "DB5002"
            ),
            "error": _line("query failed: connection refused", _MAPPER, "DBX"),
        },
    ),
    "auth-code": Shown(
        takes=(
            _line("로그인이 필요합니다", "server::auth", "AUTH4011"),
            _line("authentication failed", "server::auth", "E_AUTH_INVALID"),
            _line("접근 권한이 없습니다", _MAPPER, "MEMBER4031"),
            _line("nope", _MAPPER, "TOKEN_EXPIRED"),
        ),
        misses={
            "client-error-code": _line("작성자를 찾을 수 없습니다", _MAPPER, "AUTHOR4041"),
            "error": _line("cut short", _MAPPER, "TOKEN_LIMIT_EXCEEDED"),
            "auth-fault": _line("토큰을 만들지 못했습니다", _MAPPER, "AUTH5001"),
        },
    ),
    "client-error-code": Shown(
        takes=(
            _line("잘못된 요청입니다", _MAPPER, "COMMON400"),
            _line("회원을 찾을 수 없습니다", _MAPPER, "MEMBER4041"),
            _line("회고 내용이 비어 있습니다", _MAPPER, "AI4001"),
            _line("connection refused", _MAPPER, "COMMON404"),
            _line("pool timed out, typed a user", _MAPPER, "COMMON400"),
            _line("bad e-mail", _MAPPER, "VALIDATION_ERROR"),
        ),
        misses={
            "server-error-code": _line("주문 실패", _MAPPER, "ORDER5401"),
            "error": _line("version 4 is unknown", _MAPPER, "V4"),
        },
    ),
    "llm-key-refused": Shown(
        takes=(
            _cause("authentication_error: invalid x-api-key"),
            _cause("Your credit balance is too low to access the API"),
            _line("Incorrect API key provided: [REDACTED:openai_key]"),
        ),
        misses={"error": _line("your credit balance is fine")},
    ),
    "llm-key-refused-by-name": Shown(
        takes=(
            _cause("HTTP status client error (401 Unauthorized) for url (https://api.openai.com/)"),
            _line("anthropic: permission_error"),
            _line("LLM 호출 실패", causes=("responded with 403",)),
        ),
        misses={
            "llm-failure": _line("openai call failed for retrospect 401"),
            "auth-failure": _line("401: unauthorized"),
        },
    ),
    "llm-key-refused-by-target": Shown(
        takes=(
            _line("call failed: unauthorized", "server::llm::client"),
            _line("call failed", "server::ai::feedback", causes=("status: 401",)),
        ),
        misses={
            "auth-failure": _line("unauthorized", "server::fulfillment"),
            "llm-module": _line("no answer in 401 ms", "server::llm::client"),
        },
    ),
    "llm-unauthorized-status": Shown(
        takes=(
            _line("call failed", "server::llm::client", fields={"status": "401"}),
            _line("no", "anthropic_client", fields={"http.response.status_code": "401"}),
        ),
        misses={"auth-status-401": _line("no", "server::auth", fields={"status": "401"})},
    ),
    "llm-forbidden-status": Shown(
        takes=(
            _line("call failed", "server::llm::client", fields={"status": "403"}),
            _line("no", "server::openai", fields={"status_code": "403"}),
        ),
        misses={"llm-module": _line("no", "server::openai", fields={"status_code": "418"})},
    ),
    "llm-failure": Shown(
        takes=(
            _cause("error sending request for url (https://api.anthropic.com/v1/messages)"),
            _cause('{"type":"overloaded_error","message":"Overloaded"}'),
            _line("Claude 응답 시간 초과"),
        ),
        misses={
            "outgoing-call": _cause("error sending request for url (https://api.example.com/v1)"),
            "error": _line("fulfillment failed for order 529"),
        },
    ),
    "database-lost": Shown(
        takes=(
            _line("회고 조회 실패", _API, "COMMON500", causes=("PoolTimedOut",)),
            _cause("error communicating with database: Connection reset by peer (os error 104)"),
            _cause("FATAL: sorry, too many clients already"),
            _cause('password authentication failed for user "app"'),
            _line("DB 연결이 끊어졌습니다"),
        ),
        misses={
            "error": _line("swimming pool closing time unknown"),
            "client-error-code": _line("pool timed out", _MAPPER, "COMMON404"),
        },
    ),
    "database-lost-by-target": Shown(
        takes=(
            _line("Connection refused (os error 111)", "sqlx::pool"),
            _line("save failed", "server::db::members", causes=("broken pipe",)),
        ),
        misses={"error": _line("Connection refused (os error 111)", "server::mail")},
    ),
    "database-deadlock": Shown(
        takes=(
            _line("저장 실패", _API, "COMMON500", causes=("deadlock detected",)),
            _cause("could not serialize access due to concurrent update"),
        ),
        misses={"error": _line("talks between teams are in a dead lock")},
    ),
    "database-constraint": Shown(
        takes=(
            _cause('duplicate key value violates unique constraint "members_email_key"'),
            _cause('insert on table "a" violates foreign key constraint "a_b_fkey"'),
        ),
        misses={"error": _line("duplicate key on the keyboard")},
    ),
    "database-query": Shown(
        takes=(
            _cause('error returned from database: relation "members" does not exist'),
            _cause("no rows returned by a query that expected to return at least one row"),
        ),
        misses={"error": _line('relation "friend" does not exist')},
    ),
    "auth-fault": Shown(
        takes=(
            _line("토큰 서명 실패", "server::auth", "AUTH5001"),
            _line("key store is empty", "server::auth", "AUTH_500"),
        ),
        misses={"auth-code": _line("토큰 만료", "server::auth", "AUTH4001")},
    ),
    "database-code-5xx": Shown(
        takes=(
            _line("조회 실패", _MAPPER, "DB5003"),
            _line("조회 실패", _MAPPER, "DB_500"),
        ),
        misses={"client-error-code": _line("no such row", _MAPPER, "DB4041")},
    ),
    "database-code": Shown(
        takes=(_line("lost row", _MAPPER, "DB_ROW"), _line("bad", _MAPPER, "E_DB_QUERY")),
        misses={"error": _line("bad", _MAPPER, "STANDBY_MODE")},
    ),
    "external-service-code": Shown(
        takes=(
            _line("결제사 응답 없음", _MAPPER, "EXT5001"),
            _line("mail service refused", _MAPPER, "EXT_MAIL"),
        ),
        misses={"error": _line("unknown file extension", _MAPPER, "EXTENSION")},
    ),
    "llm-slow": Shown(
        takes=(
            _line("answered", "server::llm::client", level=Level.WARN, duration_ms=8123.0),
            _line("answered", "server::ai::feedback", duration_ms=5000.5),
        ),
        misses={"": _line("answered", "server::llm::client", level=Level.INFO, duration_ms=9e3)},
    ),
    "llm-slow-model": Shown(
        takes=(
            _line("slow call", level=Level.WARN, duration_ms=9e3, fields={"model": "claude-x"}),
            _line("응답 지연", level=Level.WARN, duration_ms=6e3, fields={"model": "gpt-x"}),
        ),
        misses={
            "": _line("slow call", level=Level.WARN, duration_ms=4e3, fields={"model": "claude-x"})
        },
    ),
    "llm-slow-text": Shown(
        takes=(
            _line("LLM call slow", level=Level.WARN),
            _line("Claude 응답 지연 12.4s", level=Level.WARN),
        ),
        misses={"": _line("slow statement: SELECT 1", "sqlx::query", level=Level.WARN)},
    ),
    "llm-module": Shown(
        takes=(
            _line("cannot parse the answer: missing field `score`", "server::llm::parse"),
            _line("답변이 비어 있습니다", "server::ai"),
        ),
        misses={"error": _line("cannot parse the answer", "server::fulfillment")},
    ),
    "database-module": Shown(
        takes=(_line("row is odd", "sqlx_core::row"), _line("odd", "server::repository::member")),
        misses={"error": _line("row is odd", "server::sqlxtra")},
    ),
    "server-error-code": Shown(
        takes=(
            _line("서버 내부 오류", _MAPPER, "COMMON500"),
            _line("주문 실패", _MAPPER, "ORDER5401"),
            _line("invalid token", _MAPPER, "COMMON5001"),
        ),
        misses={"error": _line("too old", _MAPPER, "V5")},
    ),
    "auth-status-401": Shown(
        takes=(
            _line("rejected", fields={"status": "401"}),
            _line("rejected", fields={"http.status_code": "401"}),
        ),
        misses={"client-error-status": _line("rejected", fields={"status": "402"})},
    ),
    "auth-status-403": Shown(
        takes=(
            _line("rejected", fields={"status": "403"}),
            _line("rejected", fields={"status_code": "403"}),
        ),
        misses={"error": _line("rejected", fields={"attempt": "403"})},
    ),
    "server-error-status": Shown(
        takes=(
            _line("response failed", "tower_http::trace", fields={"status": "500"}),
            _line("failed to deserialize the json body", fields={"status": "503"}),
        ),
        misses={"error": _line("response failed", fields={"status": "5000"})},
    ),
    "outgoing-call": Shown(
        takes=(
            _cause("HTTP status client error (400 Bad Request) for url (https://mail.example)"),
            _cause("error sending request for url (https://hooks.example): operation timed out"),
        ),
        misses={"client-error": _line("Bad Request: missing field `title`")},
    ),
    "auth-failure": Shown(
        takes=(
            _line("jwt rejected: ExpiredSignature", "server::auth"),
            _line("로그인 실패: 비밀번호가 일치하지 않습니다", "server::auth"),
            _line("upstream returned 401 for tenant 55"),
        ),
        misses={
            "error": _line("Number of request tokens is odd"),
            "database-lost": _cause('FATAL: password authentication failed for user "app"'),
        },
    ),
    "client-error-status": Shown(
        takes=(
            _line("rejected", fields={"status": "404"}),
            _line("rejected", fields={"http_status": "422"}),
        ),
        misses={"error": _line("rejected", fields={"status": "4040"})},
    ),
    "client-error": Shown(
        takes=(
            _line("Failed to deserialize the JSON body into the target type: missing field `a`"),
            _line("유효성 검사 실패: 제목은 필수입니다"),
            _line("validation failed: title is required"),
        ),
        misses={
            "error": _line("the mail gateway says bad request"),
            "server-error-code": _line("validation failed", _MAPPER, "COMMON500"),
        },
    ),
    "fatal": Shown(
        takes=(
            _line("cannot bind 0.0.0.0:8080", level=Level.FATAL),
            _line("giving up", "", level=Level.FATAL),
        ),
        misses={"error": _line("cannot bind 0.0.0.0:8080")},
    ),
    "error": Shown(
        takes=(_line("불가능한 상태입니다"), _line("queue is full", "server::jobs")),
        misses={"": _line("queue is full", level=Level.WARN)},
    ),
    "error-without-a-module": Shown(
        takes=(_line("queue is full", ""), _line("nginx: bind failed", "", dialect="nginx")),
        misses={"": _line("ERROR in the text", "", level=Level.INFO)},
    ),
}


def _rule_for(event: Event) -> str:
    verdict = _RULES.judge(event)
    return "" if verdict is None else verdict.rule


def test_every_shipped_rule_is_shown_with_two_lines_and_a_near_miss() -> None:
    """A rule nobody has seen at work is a guess."""
    assert list(_CASES) == [rule.name for rule in SHIPPED]
    for name, shown in _CASES.items():
        assert len(shown.takes) >= 2, name
        assert shown.misses, name


@pytest.mark.parametrize("name", _CASES)
def test_a_rule_takes_its_lines(name: str) -> None:
    """By the name of the rule, which is stored with the incident and shown by `why`."""
    assert [_rule_for(event) for event in _CASES[name].takes] == [name] * len(_CASES[name].takes)


@pytest.mark.parametrize("name", _CASES)
def test_a_near_miss_goes_to_another_rule(name: str) -> None:
    """A rule that takes too much hides what it takes under a wrong name."""
    for other, event in _CASES[name].misses.items():
        assert _rule_for(event) == other


def test_nothing_below_warn_is_an_error_by_default() -> None:
    """The reader may then skip INFO and DEBUG lines unparsed, which are nearly all of a log."""
    assert _RULES.floor is Level.WARN
    for shown in _CASES.values():
        for event in shown.takes:
            calm = _line(event.message, event.target, event.code, level=Level.INFO, panic=True)
            assert _rule_for(calm) == ""


def test_only_slowness_of_a_model_is_told_from_warn_on() -> None:
    """A backend warns of much that passes by itself."""
    assert {rule.name for rule in SHIPPED if rule.level is Level.WARN} == {
        "llm-slow",
        "llm-slow-model",
        "llm-slow-text",
    }


def test_severity_decides_how_people_hear_of_it() -> None:
    """Client errors are counted, everything else is told at first sight."""
    for rule in SHIPPED:
        assert (rule.tell is Tell.COUNT) == (rule.severity is Severity.INFO), rule.name
        assert rule.tell is not Tell.DIGEST, rule.name


def test_each_of_the_four_targets_has_rules() -> None:
    """LLM, authentication, database, application: the promise of the design."""
    assert {rule.category for rule in SHIPPED} == set(Category)


@pytest.mark.parametrize(
    ("event", "severity", "category"),
    [
        (_line("PoolTimedOut", _MAPPER, "COMMON500"), Severity.CRITICAL, Category.DATABASE),
        (_line("deadlock detected", _MAPPER, "COMMON500"), Severity.WARNING, Category.DATABASE),
        (_line("invalid x-api-key", "server::llm"), Severity.CRITICAL, Category.LLM),
        (_line("nope", "server::auth", "AUTH401"), Severity.WARNING, Category.AUTH),
        (_line("boom", panic=True), Severity.CRITICAL, Category.APPLICATION),
        (_line("boom"), Severity.WARNING, Category.APPLICATION),
        (_line("boom", ""), Severity.WARNING, Category.OTHER),
        (_line("boom", level=Level.FATAL), Severity.CRITICAL, Category.APPLICATION),
        (_line("잘못된 요청", _MAPPER, "COMMON400"), Severity.INFO, Category.APPLICATION),
    ],
)
def test_the_policy_table_holds(event: Event, severity: Severity, category: Category) -> None:
    """Section 5 of the design, read aloud."""
    verdict = _RULES.judge(event)

    assert verdict is not None
    assert (verdict.severity, verdict.category) == (severity, category)
