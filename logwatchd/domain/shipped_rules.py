"""The rules a team has before it writes one: the four targets, client errors, and the rest.

The order is the point; first match wins:

    1. a crash or a panic, whatever else it says
    2. what the application's own error code says, for a code is written by a programmer and a
       text may hold what a user typed: a lost connection told under `COMMON404` is a client error
    3. what the text says: the model provider before the database, the database before
       authentication, for `401` from the provider is no user's login and `password authentication
       failed for user "app"` is the database's word
    4. where it comes from, such as any error of the module that calls the provider
    5. any other error

Levels below ERROR are not errors by default; a slow call to the model is told from WARN on.
`critical` is kept for what a person must act on now: a crash, a lost database, a refused key, and
a code of a 5xx class that names its part (`AI5…`, `DB5…`, `AUTH5…`). Codes are matched with care:
`AUTHOR4041` is an author that was not found and `ORDER5401` is no client's fault.
"""

from typing import Final

from logwatchd.domain.event import Category, Level, Severity, Tell
from logwatchd.domain.rules import RuleSpec
from logwatchd.domain.shipped_words import (
    AUTH_CODE,
    AUTH_WORDS,
    CLIENT_CODE,
    CLIENT_WORDS,
    CONNECTION_LOST,
    CONSTRAINT_WORDS,
    CRASH_WORDS,
    DATABASE_CODES,
    DATABASE_GONE,
    DATABASE_TARGETS,
    DEADLOCK_WORDS,
    LLM_CODES,
    LLM_FAILED,
    LLM_KEY_REFUSED,
    LLM_NAMES,
    LLM_REFUSED,
    LLM_SLOW,
    LLM_TARGETS,
    OUTGOING_WORDS,
    PANIC_WORDS,
    QUERY_WORDS,
    SERVER_CODE,
    SLOW_MS,
)


def _rule(
    name: str,
    severity: Severity,
    category: Category,
    *,
    level: Level = Level.ERROR,
    target: tuple[str, ...] = (),
    code: tuple[str, ...] = (),
    code_regex: str = "",
    fields: dict[str, str] | None = None,
    message: tuple[str, ...] = (),
    message_regex: str = "",
    duration_over_ms: float | None = None,
) -> RuleSpec:
    return RuleSpec(
        name=name,
        severity=severity,
        category=category,
        tell=Tell.COUNT if severity is Severity.INFO else Tell.AT_ONCE,
        level=level,
        target=target,
        code=code,
        code_regex=code_regex,
        fields=fields or {},
        message=message,
        message_regex=message_regex,
        duration_over_ms=duration_over_ms,
    )


_CRITICAL: Final = Severity.CRITICAL
_WARNING: Final = Severity.WARNING
_INFO: Final = Severity.INFO
_LLM: Final = Category.LLM
_AUTH: Final = Category.AUTH
_DATABASE: Final = Category.DATABASE
_APPLICATION: Final = Category.APPLICATION

_CRASHES: Final = (
    _rule("panic", _CRITICAL, _APPLICATION, fields={"panic": "true"}),
    _rule("panic-code", _CRITICAL, _APPLICATION, code=("*PANIC*",)),
    _rule("panic-text", _CRITICAL, _APPLICATION, message=PANIC_WORDS),
    _rule("crash", _CRITICAL, _APPLICATION, message_regex=CRASH_WORDS),
)

_CODES: Final = (
    _rule(
        "llm-key-refused-by-code",
        _CRITICAL,
        _LLM,
        code=(*LLM_CODES, "AI401*", "AI403*"),
        message_regex=LLM_REFUSED,
    ),
    _rule("llm-limit-code", _WARNING, _LLM, code=("AI429*",), message=LLM_NAMES),
    _rule("llm-code", _CRITICAL, _LLM, code=LLM_CODES),
    _rule(
        "database-lost-by-code",
        _CRITICAL,
        _DATABASE,
        code=("*DB_CONN*", "*DB_POOL*", "*DB_TIMEOUT*", "57P0?", "53300", "08???", "28P01"),
    ),
    _rule(
        "database-lost-by-code-and-text",
        _CRITICAL,
        _DATABASE,
        code=DATABASE_CODES,
        message_regex=f"{DATABASE_GONE}|{CONNECTION_LOST}",
    ),
    _rule("auth-code", _WARNING, _AUTH, code_regex=AUTH_CODE),
    _rule("client-error-code", _INFO, _APPLICATION, code_regex=CLIENT_CODE),
)

_TEXTS: Final = (
    _rule("llm-key-refused", _CRITICAL, _LLM, message=LLM_KEY_REFUSED),
    _rule(
        "llm-key-refused-by-name",
        _CRITICAL,
        _LLM,
        message=LLM_NAMES,
        message_regex=LLM_REFUSED,
    ),
    _rule(
        "llm-key-refused-by-target",
        _CRITICAL,
        _LLM,
        target=LLM_TARGETS,
        message_regex=LLM_REFUSED,
    ),
    _rule("llm-unauthorized-status", _CRITICAL, _LLM, target=LLM_TARGETS, fields={"status": "401"}),
    _rule("llm-forbidden-status", _CRITICAL, _LLM, target=LLM_TARGETS, fields={"status": "403"}),
    _rule("llm-failure", _WARNING, _LLM, message=LLM_NAMES, message_regex=LLM_FAILED),
    _rule("database-lost", _CRITICAL, _DATABASE, message_regex=DATABASE_GONE),
    _rule(
        "database-lost-by-target",
        _CRITICAL,
        _DATABASE,
        target=DATABASE_TARGETS,
        message_regex=CONNECTION_LOST,
    ),
    _rule("database-deadlock", _WARNING, _DATABASE, message=DEADLOCK_WORDS),
    _rule("database-constraint", _WARNING, _DATABASE, message=CONSTRAINT_WORDS),
    _rule("database-query", _WARNING, _DATABASE, message=QUERY_WORDS),
    _rule("auth-fault", _CRITICAL, _AUTH, code=("AUTH5*", "AUTH_5*", "AUTH-5*")),
    _rule("database-code-5xx", _CRITICAL, _DATABASE, code=("DB5*", "DB_5*", "DB-5*")),
    _rule("database-code", _WARNING, _DATABASE, code=DATABASE_CODES),
    _rule("external-service-code", _WARNING, Category.OTHER, code=("EXT5*", "EXT_*")),
)

_PLACES: Final = (
    _rule(
        "llm-slow",
        _WARNING,
        _LLM,
        level=Level.WARN,
        target=LLM_TARGETS,
        duration_over_ms=SLOW_MS,
    ),
    _rule(
        "llm-slow-model",
        _WARNING,
        _LLM,
        level=Level.WARN,
        fields={"model": "*"},
        message_regex=LLM_SLOW,
        duration_over_ms=SLOW_MS,
    ),
    _rule(
        "llm-slow-text",
        _WARNING,
        _LLM,
        level=Level.WARN,
        message=LLM_NAMES,
        message_regex=LLM_SLOW,
    ),
    _rule("llm-module", _WARNING, _LLM, target=LLM_TARGETS),
    _rule("database-module", _WARNING, _DATABASE, target=DATABASE_TARGETS),
    _rule("server-error-code", _WARNING, _APPLICATION, code_regex=SERVER_CODE),
    _rule("auth-status-401", _WARNING, _AUTH, fields={"status": "401"}),
    _rule("auth-status-403", _WARNING, _AUTH, fields={"status": "403"}),
    _rule("server-error-status", _WARNING, _APPLICATION, fields={"status": "5??"}),
    _rule("outgoing-call", _WARNING, Category.OTHER, message=OUTGOING_WORDS),
    _rule("auth-failure", _WARNING, _AUTH, message_regex=AUTH_WORDS),
    _rule("client-error-status", _INFO, _APPLICATION, fields={"status": "4??"}),
    _rule("client-error", _INFO, _APPLICATION, message_regex=CLIENT_WORDS),
)

_REST: Final = (
    _rule("fatal", _CRITICAL, _APPLICATION, level=Level.FATAL),
    _rule("error", _WARNING, _APPLICATION, target=("*",)),
    _rule("error-without-a-module", _WARNING, Category.OTHER),
)

SHIPPED: Final[tuple[RuleSpec, ...]] = (*_CRASHES, *_CODES, *_TEXTS, *_PLACES, *_REST)
"""The rules that are used when a team has written none; names are stable."""
