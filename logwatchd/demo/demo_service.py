"""A day of the service: requests, client errors, tokens that expire, a model in trouble."""

from collections.abc import Iterator
from typing import Any

from logwatchd.demo.demo_lines import (
    AUTH,
    LLM,
    MAPPER,
    RETROSPECTS,
    Moment,
    line,
    number,
    request_id,
    span_of,
    spread,
)


def calm() -> Iterator[Moment]:
    """Yield what goes well, with words in it that only look like trouble."""
    yield line(0.0, "INFO", "server", "listening on 0.0.0.0:8080", version="2.14.1")
    for at, now in spread(0.5, 299, 150, "requests"):
        retrospect = 4000 + number("retrospect", at, below=900)
        span = span_of("GET", f"/api/v1/retrospects/{retrospect}", at)
        yield line(
            now,
            "INFO",
            "tower_http::trace::on_response",
            "finished processing request",
            span=span,
            latency=f"{3 + number('latency', at, below=90)} ms",
            status=200,
        )
        if at % 3 == 0:
            yield line(
                now - 0.001,
                "DEBUG",
                "sqlx::query",
                "SELECT id, title FROM retrospects",
                span=span,
                rows_returned=1,
                elapsed="1.204ms",
            )
    for at, now in spread(5, 295, 14, "noise"):
        yield line(
            now, "INFO", "server::jobs::digest", "retrying: upstream said ERROR (attempt 1)", job=at
        )
        yield line(
            now + 0.2,
            "INFO",
            RETROSPECTS,
            "회고가 저장되었습니다",
            span=span_of("POST", "/api/v1/retrospects", at),
            payload='{"level":"ERROR","message":"client text"}',
        )
        yield line(now + 0.4, "DEBUG", AUTH, "token accepted", level="ERROR")
    for at, now in spread(10, 290, 6, "warnings"):
        yield line(
            now,
            "WARN",
            "sqlx::query",
            "slow statement: execution time exceeded alert threshold",
            db__statement="SELECT id FROM retrospects WHERE team_id = $1",
            elapsed_secs=1.2 + at / 10,
        )


def client_errors() -> Iterator[Moment]:
    """Yield what the service logs as ERROR and what is the client's fault."""
    cases = (
        ("COMMON400", "잘못된 요청입니다: title은 필수입니다", "/api/v1/retrospects"),
        ("MEMBER4041", "회원을 찾을 수 없습니다: {}", "/api/v1/members"),
        ("AI4001", "분석할 회고 내용이 비어 있습니다", "/api/v1/retrospects/feedback"),
        ("RETRO4042", "회고 {}를 찾을 수 없습니다", "/api/v1/retrospects"),
    )
    for at, now in spread(4, 297, 36, "client"):
        code, message, uri = cases[at % len(cases)]
        text = message.format(100 + number("member", at, below=9000))
        yield line(now, "ERROR", MAPPER, text, span=span_of("POST", uri, at), error_code=code)
    body = "Failed to deserialize the JSON body into the target type: missing field `title` at line 1 column {}"
    for at, now in spread(30, 280, 4, "axum"):
        span = span_of("PUT", "/api/v1/retrospects", at)
        yield line(now, "ERROR", MAPPER, body.format(17 + at * 9), span=span, status=422)


def auth() -> Iterator[Moment]:
    """Yield tokens that expire, are forged or cannot be signed."""
    for at, now in spread(35, 120, 14, "expired"):
        span = span_of("GET", "/api/v1/members/me", at)
        member = 300 + number("expired", at, below=500)
        yield line(
            now,
            "ERROR",
            AUTH,
            f"토큰이 만료되었습니다 (member={member})",
            span=span,
            error_code="AUTH4011",
            error="ExpiredSignature",
        )
    for at, now in spread(140, 260, 6, "forged"):
        yield line(
            now,
            "ERROR",
            AUTH,
            "jwt rejected: InvalidSignature",
            span=span_of("POST", "/api/v1/login", at),
            client_ip=f"203.0.113.{20 + at}",
        )
    for at, now in spread(150, 250, 3, "forbidden"):
        span = span_of("DELETE", f"/api/v1/teams/{70 + at}", at)
        yield line(
            now, "ERROR", MAPPER, "팀에 대한 권한이 없습니다", span=span, error_code="MEMBER4031"
        )
    yield line(
        171.3,
        "ERROR",
        AUTH,
        "refresh token could not be signed: key store is empty",
        error_code="AUTH5001",
    )


def llm() -> Iterator[Moment]:
    """Yield a model that gets slow, overloaded, silent, and a key that is refused."""

    def call(at: int) -> dict[str, Any]:
        return span_of("POST", f"/api/v1/retrospects/{4100 + at * 7}/feedback", at)

    for at, now in spread(60, 150, 7, "slow"):
        took = 5200 + number("slow", at, below=9000)
        yield line(
            now,
            "WARN",
            LLM,
            "LLM call slow",
            span=call(at),
            model="claude-sonnet-4-5",
            duration_ms=took,
            input_tokens=1800 + at,
            output_tokens=420,
        )
    overloaded = '{{"type":"error","error":{{"type":"overloaded_error","message":"Overloaded"}},"request_id":"req_{}"}}'
    for at, now in spread(90, 200, 22, "overloaded"):
        error = overloaded.format(request_id("llm", at).replace("-", "")[:24])
        yield line(
            now,
            "ERROR",
            LLM,
            f"Claude 호출 실패 (시도 {1 + at % 3}/3)",
            span=call(at),
            error=error,
            status=529,
            model="claude-sonnet-4-5",
        )
    for at, now in spread(100, 210, 9, "timeout"):
        error = "error sending request for url (https://api.anthropic.com/v1/messages): operation timed out"
        yield line(
            now,
            "ERROR",
            MAPPER,
            f"AI 피드백 생성에 실패했습니다: 회고 {4100 + at * 7}",
            span=call(at),
            error_code="AI5041",
            error=error,
            duration_ms=30000 + at,
        )
    for at, now in spread(212, 224, 3, "key"):
        yield line(
            now, "ERROR", LLM, "authentication_error: invalid x-api-key", span=call(at), status=401
        )
    for at, now in spread(230, 270, 3, "parse"):
        yield line(
            now,
            "ERROR",
            LLM,
            f"cannot read the model's answer: expected value at line {at + 1} column 2",
            span=call(at),
        )
