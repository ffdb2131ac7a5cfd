"""For each site of the service, the record that the running program would log.

Errors of handlers are logged by the generic mapper: its target says nothing of their origin.
"""

from typing import Any, Final

Record = dict[str, Any]

MAPPER: Final = "api::utils::error"
_AT: Final = "2026-11-20T02:11:09.482113Z"


def logged(
    target: str, message: str, *, level: str = "ERROR", span: str = "", **fields: Any
) -> Record:
    """Return a record as `tracing-subscriber` writes it."""
    record: Record = {
        "timestamp": _AT,
        "level": level,
        "fields": {"message": message, **fields},
        "target": target,
    }
    if span:
        record["span"] = {"name": span}
        record["spans"] = [{"name": "request", "request_id": "01JD"}, {"name": span}]
    return record


def mapped(message: str, code: str = "COMMON500", **more: Any) -> Record:
    """Return what the mapper logs of a server error."""
    return logged(MAPPER, message, error_code=code, status=500, **more)


def refused(message: str, code: str = "COMMON400", **more: Any) -> Record:
    """Return what the mapper logs of a client error."""
    return logged(MAPPER, f"request refused: {message}", level="WARN", error_code=code, **more)


def panicked(message: str, place: str = "") -> Record:
    """Return what a panic hook logs."""
    fields = {"location": place} if place else {}
    return logged("panic", f"panicked: {message}", **fields)


POOL: Final = "pool timed out while waiting for an open connection"
REDIS: Final = "Connection refused (os error 111)"
ROW: Final = "no rows returned by a query that expected to return at least one row"

EVENTS: Final[dict[str, Record]] = {
    "expect-config": panicked('configuration could not be loaded: Missing("DATABASE_URL")'),
    "panic-address": panicked(
        'listen address "0.0.0.0:80800" is invalid: invalid socket address syntax'
    ),
    "server-stopped": logged(
        "api", "server stopped unexpectedly", error="Address already in use (os error 98)"
    ),
    "slow-request": logged(
        "api", "slow request", level="WARN", path="/api/retrospects/8", elapsed_ms=7211
    ),
    "session-expired": refused(
        "session 0b54c1e2-7f6a-4d0e-9a53-0f1f6f0c6f4e of user 31 has expired"
    ),
    "rate-limit": refused("rate limit of 60 requests per 60s exceeded"),
    "retro-closed": refused("회고 291번은 이미 종료되었습니다"),
    "config-missing": logged("api", "start failed: environment variable DATABASE_URL is not set"),
    "config-invalid": logged(
        "api", 'start failed: value "ten" of setting `POOL_SIZE` cannot be parsed'
    ),
    "config-unreadable": logged(
        "api", "configuration file unreadable: Permission denied (os error 13)"
    ),
    "encode-body": mapped(
        "Internal Server Error: response body of type api::domain::Summary could not be encoded: "
        "key must be a string"
    ),
    "page-size": refused("Bad request: page size 5000 is larger than 100"),
    "page-number": refused("Bad request: page numbers begin at 1"),
    "no-route": refused("Not found: no route for /wp-login.php", "COMMON404"),
    "load-retrospect": mapped(f"Internal Server Error: Failed to load retrospect 17: {POOL}"),
    "retro-missing": refused("Not found: retrospect 404 does not exist", "COMMON404"),
    "may-not-delete": refused("Bad request: user 12 may not delete retrospect 88"),
    "orphaned-answers": logged(
        "api::handlers::retrospects",
        "deleting retrospect 88 left 14 orphaned answers: error returned from database: deadlock detected",
        error_code="RETRO5002",
    ),
    "delete-retrospect": mapped("Internal Server Error: Failed to delete retrospect"),
    "load-answers": mapped(
        "Internal Server Error: Failed to load answers of retrospect 55 for its summary: PoolTimedOut"
    ),
    "no-answers-ko": refused("Bad request: 회고에 작성된 답변이 없어 요약할 수 없습니다"),
    "summary-postponed": logged(
        "api::handlers::retrospects", "summary postponed", level="WARN", retrospect_id=9, attempts=3
    ),
    "team-missing-ko": refused("Not found: 팀을 찾을 수 없습니다", "COMMON404"),
    "team-full-ko": refused("Bad request: 푸른바다팀은 정원 8명이 모두 찼습니다"),
    "mail-refused": logged(
        "api::handlers::members",
        "invitation mail to [REDACTED:email] was not accepted by smtp-3.mail.internal",
        span="invite",
        team_id=3,
        error="Transient(450)",
    ),
    "team-missing-leave-ko": logged(
        MAPPER, "request refused: Not found: 팀을 찾을 수 없습니다", level="WARN", span="leave"
    ),
    "owner-leaves": logged(
        "api::handlers::members",
        "owner tried to leave the team",
        level="WARN",
        team_id=3,
        user_id=4,
    ),
    "owner-leaves-ko": refused("Bad request: 4님은 팀장이므로 팀을 나갈 수 없습니다"),
    "unknown-account": logged(
        "audit", "login for unknown account", level="WARN", email_hash="9f2c"
    ),
    "wrong-password": refused("Bad request: email or password is wrong"),
    "login-lookup": logged("api::handlers::auth", f"login lookup failed: {POOL}"),
    "account-locked": logged("audit", "account locked after 6 failed logins", user_id=77),
    "jwt-sign": mapped(
        'Internal Server Error: JWT could not be signed with key "2026-10": [REDACTED:secret]'
    ),
    "token-ko": logged(
        "api::handlers::auth", "토큰 검증에 실패했습니다", level="WARN", reason="ExpiredSignature"
    ),
    "token-rejected": refused("Bad request: token rejected: InvalidSignature"),
    "signature-const": mapped("webhook signature does not match the body"),
    "no-signature": mapped("webhook without signature header"),
    "body-limit": mapped("webhook body of 1048599 bytes is over the limit of 1048576"),
    "webhook-body": mapped(
        "webhook body is no event (first bytes [3c, 68, 74, 6d, 6c, 3e, 0a, 3c]): expected value at "
        "line 1 column 1"
    ),
    "webhook-kind": mapped('webhook event "ping" is not supported'),
    "answer-long": mapped("answer is 20311 characters long, at most 4000 are kept"),
    "answer-kind": mapped("question 8 of retrospect 17 takes no answers of kind Vote"),
    "assert-deleted": panicked("answer refers to deleted question 18"),
    "assert-merge": panicked(
        "assertion `left == right` failed: answers of different questions cannot be merged\n  left: 3\n right: 4"
    ),
    "unreachable-merge": panicked(
        "internal error: entered unreachable code: merge of Text and Vote was checked before"
    ),
    "no-successor": logged(
        "api::domain::retrospect::state", "phase has no successor", retrospect_id=3, phase="Closed"
    ),
    "open-questions": mapped("Internal Server Error: retrospect 19 still has 4 open questions"),
    "closed-early": logged(
        "api::domain::retrospect",
        "closed before its end date",
        level="WARN",
        retrospect_id=19,
        by=2,
    ),
    "expect-votes": panicked("vote counter overflowed"),
    "todo-export": panicked("not yet implemented: export of retrospect 4 as pdf"),
    "ai-timeout": mapped(
        "AI service error: model sonnet-5.5 did not answer within 30.0s", "AI5001"
    ),
    "ai-request": mapped(
        "AI service error: request to https://api.example.com/v1/messages failed: error sending request: "
        "connection reset by peer",
        "AI5001",
    ),
    "ai-status-log": logged(
        "api::infra::ai",
        "AI provider answered with an error",
        status=529,
        body='{"type":"overloaded_error"}',
    ),
    "ai-status": mapped(
        'AI service error: provider answered 529 <unknown status code>: {"type":"overloaded_error"}',
        "AI5001",
    ),
    "ai-parse-ko": mapped(
        "AI service error: AI 응답을 해석하지 못했습니다: EOF while parsing a value at line 1 column 0",
        "AI5001",
    ),
    "ai-empty": mapped("AI service error: reply holds no choices", "AI5001"),
    "ai-budget": logged(
        "api::infra::ai",
        "token usage of model sonnet-5.5 is over the budget of 8000",
        level="WARN",
        tokens=9120,
    ),
    "cache-read": logged(
        "api::infra::cache", f"cache read of retro:17 failed: {REDIS}", level="WARN"
    ),
    "cache-write": logged(
        "api::infra::cache", f"cache write of retro:17 failed: {REDIS}", level="WARN"
    ),
    "redis-refused": logged(
        "api::infra::cache",
        f"redis at redis://[REDACTED:url_password]@cache:6379 refused the connection: {REDIS}",
        attempt=4,
    ),
    "redis-timeout": mapped("redis did not accept a connection within 2.5s"),
    "db-connect": logged("api::infra::db", "database connection failed", error=REDIS),
    "db-no-connection": mapped('Internal Server Error: no connection to database "retro_prod"'),
    "tx-begin": mapped(f"Internal Server Error: transaction could not begin: {POOL}"),
    "tx-commit": mapped(
        "Internal Server Error: transaction could not be committed: error returned from database: "
        "could not serialize access due to concurrent update"
    ),
    "worker-toml": logged(
        "worker", "Error: worker.toml could not be read: No such file or directory (os error 2)"
    ),
    "job-failed": logged(
        "worker", "job 8121 of kind report failed: The specified bucket does not exist"
    ),
    "queue-closed": logged("worker", "queue closed, 12 jobs left", level="WARN"),
    "unreadable-job": logged(
        "worker::queue",
        "dropping unreadable job (311 bytes): missing field `kind` at line 1 column 311",
    ),
    "job-age": logged("queue::age", "job 71 waited 912s, longer than 600s"),
    "payload-unreadable": logged("worker", "taking a job failed: job payload is unreadable"),
    "lease-lost": logged("worker", "taking a job failed: lease on job 71 was lost to worker w-3"),
    "unknown-kind": logged("worker", "job 9 of kind purge failed: unknown job kind `purge`"),
    "digest-members": logged(
        "worker", f"job 9 of kind digest failed: members of team 3 could not be listed: {POOL}"
    ),
    "digest-bounced": logged(
        "worker::jobs::digest",
        "digest for 김민지 <[REDACTED:email]> bounced with Permanent(550)",
        level="WARN",
    ),
    "digest-all-failed": logged(
        "worker::jobs::digest", "[DIGEST_ALL_FAILED] no digest of team 3 was delivered (5/5)"
    ),
    "digest-next-ko": logged(
        "worker",
        "job 9 of kind digest failed: 다음 다이제스트 시각을 계산하지 못했습니다: out of range",
    ),
    "report-template": logged("worker", "job 3 of kind report failed: report template is missing"),
    "report-rows": logged(
        "worker", f"job 3 of kind report failed: rows of the report could not be fetched: {ROW}"
    ),
    "report-empty": logged(
        "worker", "job 3 of kind report failed: report       31 for 2026-10 has no rows"
    ),
    "report-write": logged(
        "worker::jobs::reports",
        "report 31 could not be written to /var/reports/31.pdf: No space left on device (os error 28)",
    ),
    "report-upload": logged(
        "worker",
        "job 3 of kind report failed: uploading /var/reports/31.pdf to bucket reports-prod: dispatch failure",
    ),
}
