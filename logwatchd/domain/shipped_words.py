"""The words, codes and modules by which the shipped rules know a kind of trouble.

Substrings are matched in any case. Expressions are RE2 and looked for in the message, in each
cause and in the exception's type.
"""

from typing import Final

SLOW_MS: Final = 5_000.0
"""A call to a model that takes longer is slow."""

LLM_TARGETS: Final = (
    "llm",
    "llm::*",
    "*::llm",
    "*::llm::*",
    "*::llm_*",
    "*_llm",
    "*_llm::*",
    "*anthropic*",
    "*openai*",
    "*claude*",
    "*gemini*",
    "*bedrock*",
    "ai::*",
    "*::ai",
    "*::ai::*",
    "*::ai_*",
)
"""Modules that call a model; not `*llm*`, for that is in `fulfillment`."""

LLM_CODES: Final = ("AI5*", "AI_*", "LLM*", "E_LLM*", "*_LLM_*")

LLM_NAMES: Final = (
    "anthropic",
    "openai",
    "claude",
    "chatgpt",
    "gpt-",
    "gemini",
    "bedrock",
    "generativelanguage",
    "overloaded_error",
    "rate_limit_error",
    "llm ",
    "llm_",
    "llm-",
    "llm:",
    "llm/",
)
"""Who answers for a model; `llm` needs a sign behind it, for it is in `fulfillment`, too."""

LLM_KEY_REFUSED: Final = (
    "invalid x-api-key",
    "incorrect api key provided",
    "your api key does not have permission",
    "this organization has been disabled",
    "credit balance is too low",
    "insufficient_quota",
    "you exceeded your current quota",
    "billing_hard_limit_reached",
)
"""What only a provider says; without credit nothing works until a person acts, as without a key."""

LLM_REFUSED: Final = (
    r"(?i)(?:status|http|code|error|returned|responded)\D{0,10}40[13]\b|\b40[13]:|\bunauthori[sz]ed\b|\bforbidden\b|authentication_error|permission_error"
    r"|permission_denied|invalid_api_key|(?:invalid|expired|revoked|missing|wrong) (?:x-)?api[ _-]?key"
    r"|api[ _-]?key (?:is )?(?:not valid|invalid|expired|revoked|disabled)"
)

LLM_FAILED: Final = (
    r"(?i)overloaded|rate[ _-]?limit|too many requests|\b(?:429|5[0-9][0-9])\b|time[ds]? ?-?out"
    r"|connection (?:refused|reset|closed|aborted)|error sending request|dns error|unreachable"
    r"|unavailable|fail(?:ed|ure)|api_error|stream (?:ended|closed|error)|\brefus(?:ed|al)|gave up"
    r"|prompt is too long|context (?:window|length)|실패|시간 초과|타임아웃|응답 없음|한도 초과"
)

LLM_SLOW: Final = r"(?i)\bslow(?:er|ly)?\b|\blatency\b|지연|느림|느립니다"

DATABASE_TARGETS: Final = (
    "sqlx*",
    "db",
    "db::*",
    "*::db",
    "*::db::*",
    "*::db_*",
    "*_db::*",
    "*::database*",
    "*::repository*",
    "*::repositories*",
    "diesel*",
    "sea_orm*",
    "tokio_postgres*",
    "deadpool_postgres*",
    "bb8*",
)

DATABASE_CODES: Final = ("DB5*", "DB_*", "DB-*", "E_DB*", "*_DB_*")

DATABASE_GONE: Final = (
    r"(?i)\bpool ?timed ?out\b|\bpool ?closed\b|on a closed pool|\bpool (?:is )?exhausted"
    r"|server closed the connection|too many (?:connections|clients)|remaining connection slots"
    r"|terminating connection due to|the database system is (?:starting|shutting|in recovery)"
    r"|error communicating with database|lost connection to mysql|mysql server has gone away"
    r"|(?:connect\w*|connection) to (?:the )?(?:database|postgres\w*|mysql|db)\b"
    r"|(?:database|postgres\w*|mysql|\bdb) connection (?:was |is |has been )?"
    r"(?:refused|reset|closed|lost|timed out|failed|dropped)"
    r"|(?:database|postgres\w*|mysql) (?:is )?(?:unavailable|unreachable|down)\b"
    r"|password authentication failed for user|no pg_hba\.conf entry"
    r"|(?:데이터베이스|\bDB) ?연결[^.]*(?:실패|끊|거부|초과)"
)
"""The text itself names the database or its pool."""

CONNECTION_LOST: Final = (
    r"(?i)connection (?:was )?(?:refused|reset|closed|aborted|lost|timed out)|broken pipe"
    r"|closed (?:pool|connection)|timed out while (?:waiting|connecting)|connect(?:ion)? timeout"
    r"|os error (?:32|103|104|110|111|113)\b|dns error|failed to lookup address|unexpected eof"
    r"|expected to read \d+ bytes, got 0"
)
"""Says that a connection is lost, but not to what: needs a database's module or code."""

DEADLOCK_WORDS: Final = (
    "deadlock detected",
    "deadlock found",
    "could not serialize access",
    "lock wait timeout",
    "canceling statement due to lock timeout",
    "canceling statement due to statement timeout",
    "could not obtain lock",
    "교착 상태",
    "데드락",
)

CONSTRAINT_WORDS: Final = (
    "duplicate key value violates",
    "violates unique constraint",
    "violates foreign key constraint",
    "violates not-null constraint",
    "violates check constraint",
    "unique constraint failed",
    "foreign key constraint fails",
    "duplicate entry",
)

QUERY_WORDS: Final = (
    "error returned from database",
    "error occurred while decoding column",
    "no rows returned by a query",
    "no column found for name",
    "pgdatabaseerror",
    "sqlx::error",
    "syntax error at or near",
    "invalid input syntax for type",
    "value too long for type character",
    "sqlstate",
    "쿼리 실패",
    "쿼리 실행",
)

AUTH_CODE: Final = (
    r"(?i)(?:^|[_.\-])(?:AUTH[NZ]?|OAUTH2?|JWT)(?:[_.\-]?[0-46-9][0-9]{2,3}|[_.\-][A-Z]\w*)?$"
    r"|(?i)(?:TOKEN|SESSION|SIGNATURE|CREDENTIALS?)_(?:EXPIRED|INVALID|REVOKED|MISSING|MISMATCH)$"
    r"|(?i)(?:^|_)(?:UNAUTHORI[SZ]ED|UNAUTHENTICATED|FORBIDDEN|ACCESS_DENIED|INVALID_TOKEN)$"
    r"|(?i)(?:^|_)LOGIN_FAILED$|^[A-Za-z_.\-]*40[13][0-9]?$"
)
"""Codes of authentication, and any code of the classes 401 and 403."""

AUTH_WORDS: Final = (
    r"(?i)\b(?:authentication|authorization|login|sign-?in) (?:has )?fail|\bunauthori[sz]ed\b"
    r"|\bunauthenticated\b|\bforbidden\b|\bjwt\b|expired ?signature|invalid ?signature"
    r"|signature verification|invalid ?token|expired ?token|token (?:is |has |was )?(?:been )?"
    r"(?:expired|invalid|revoked|rejected|malformed)|(?:missing|invalid|bad|wrong) credentials?"
    r"|(?:missing|invalid) (?:authorization|bearer)|(?:access|refresh) token\b|csrf token"
    r"|invalid (?:email or )?password|wrong password|not authori[sz]ed|access denied"
    r"|(?:status|http|code|returned|responded)\D{0,8}40[13]\b"
    r"|인증(?:에)? ?실패|인증되지|로그인(?:에)? ?실패|권한이 없|토큰이? ?(?:만료|유효하지)|비밀번호가 일치"
)

CLIENT_CODE: Final = (
    r"^[A-Za-z_.\-]*4[0-9]{2,3}$"
    r"|(?i)^(?:E_|ERR_)?(?:VALIDATION|BAD_REQUEST|UNPROCESSABLE|INVALID_(?:INPUT|REQUEST|PARAM))"
)
"""Codes of a 4xx class: letters, then 4 and two or three digits."""

CLIENT_WORDS: Final = (
    r"(?i)\bvalidation (?:failed|error)|^bad request\b|^invalid request(?: body| parameter|$|:)"
    r"|failed to deserialize (?:the json body|query string|form body|path)"
    r"|failed to parse the request body|expected request with `content-type"
    r"|유효성 검[사증]|잘못된 요청|요청 (?:값|형식|본문)이|입력 ?값이"
)
"""What a service says of a bad request that it got; never of one that it made."""

OUTGOING_WORDS: Final = (
    "http status client error (",
    "http status server error (",
    "error sending request for url",
)
"""How `reqwest` tells of a request that we made: `400` there is no client's fault but ours."""

SERVER_CODE: Final = r"^[A-Za-z_.\-]*5[0-9]{2,3}$|(?i)\bINTERNAL_(?:SERVER_)?ERROR$|_5xx$"

PANIC_WORDS: Final = (
    "panicked at",
    "handler panicked",
    "task panicked",
    "thread panicked",
    "service panicked",
    "called `result::unwrap()` on an `err` value",
    "called `option::unwrap()` on a `none` value",
    "joinerror::panic",
)
"""How a panic reads when a handler or a runtime tells of it."""

CRASH_WORDS: Final = (
    r"(?i)fatal runtime error|has overflowed its stack|memory allocation of \d+ bytes failed"
    r"|(?:^|[:\]] ?)out of memory(?:$|[:.;(\n]| \()|\bOutOfMemoryError\b|\bstd::bad_alloc\b"
    r"|\bsegmentation fault\b|received sig(?:segv|abrt)\b"
)
"""What only a runtime says; `out of memory` must be all it says, for a user may type it, too."""
