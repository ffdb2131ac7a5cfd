"""Words that say what went wrong, and are never taken for a value of a message."""

import re
from typing import Final

from logwatchd.domain.mask_words import SOURCE

FIRM: Final = "="
"""Stands before such a word in a skeleton."""

_LOOKS_FIRM: Final = re.compile(
    r"\d|::|[a-z][A-Z]|[A-Z]_|_[A-Z]|(?:Error|Exception)\Z|\AE[A-Z]{3,}|\ASIG[A-Z]{2,}"
    rf"|\.{SOURCE}\Z"
)
"""Codes, modules, names of classes, constants and source files."""

_BEFORE_NAMES: Final = (
    "relation table column constraint field index function type key schema database role trait "
    "method variant module crate header kind code status state reason signal error "
    "테이블 컬럼 필드 사유 원인 코드 상태"
)
_OPPOSITES: Final = (
    "not no never without un non cannot can failed succeeded failure success successful "
    "successfully unsuccessful ok error open opened opening close closed closing start started "
    "starting stop stopped stopping begin end ended up down on off in out lost won acquired "
    "released expired valid invalid enabled disabled connected disconnected connect disconnect "
    "add added remove removed create created delete deleted insert update select read write "
    "reading writing send sent receive received accept accepted reject rejected refused granted "
    "denied allow allowed present missing full empty before after true false active inactive "
    "available unavailable login logout lock unlock locked unlocked timeout overloaded healthy "
    "unhealthy primary replica master slave leader follower client server increase decrease min "
    "max above below null none nil undefined first last warning fatal critical panic aborted "
    "committed 성공 실패 시작 종료 연결 해제 없음 있음 만료 거부 허용"
)

NAMES_FOLLOW: Final = frozenset(
    mark + word for mark in ("", FIRM) for word in _BEFORE_NAMES.split()
)
"""Words in front of the name of a thing that a program is made of, or of a reason."""

OPPOSITES: Final = frozenset(_OPPOSITES.split())
"""Words that turn what is said into something else; one in the place of another is no value."""


def is_firm(word: str) -> bool:
    """Say whether a word, in its own case, says what went wrong."""
    return word.lower() in OPPOSITES or _LOOKS_FIRM.search(word) is not None
