"""The words of issues, by language."""

from typing import Final, assert_never

from logwatchd.domain.issue_texts_schema import IssueTexts
from logwatchd.domain.texts import Language

_ENGLISH: Final = IssueTexts(
    untitled=lambda ident: f"Problem {ident}",
    happened="What happened",
    causes="Causes",
    stack="Stack trace",
    where="Where",
    fields="Fields of the latest event",
    by_hour="Events by hour (UTC), last 24 hours",
    hour="Hour",
    number="Events",
    source="Source",
    diagnosis="Diagnosis by a model, as far as it could be checked",
    events=lambda total, episode: (
        f"{total:,}" if total == episode else f"{total:,} in all, {episode:,} in this episode"
    ),
    episode=lambda number: f"episode {number:,}, came back after it was resolved",
    regressed=lambda at: f"Seen again at {at} after it was resolved. Reopened.",
    escalated=lambda count: f"This became critical. {count:,} events so far.",
    quiet=lambda at: f"Quiet since {at}. Closed; it is reopened when it comes back.",
    merged="Merged into this one",
    withheld="Details are withheld. On the host: `logwatchd show`",
    machine="For programs",
    footer="Kept up to date by logwatchd, which writes this text anew: please write in comments. "
    "Closing the issue resolves the problem; the labels `logwatchd:mute` and "
    "`logwatchd:mute-7d` silence it.",
)

_KOREAN: Final = IssueTexts(
    untitled=lambda ident: f"문제 {ident}",
    happened="발생 내용",
    causes="원인",
    stack="스택 트레이스",
    where="위치",
    fields="최근 이벤트의 필드",
    by_hour="시간대별 발생 횟수 (UTC, 최근 24시간)",
    hour="시각",
    number="횟수",
    source="소스",
    diagnosis="모델의 진단 (확인된 범위)",
    events=lambda total, episode: (
        f"{total:,}" if total == episode else f"총 {total:,}, 재발 후 {episode:,}"
    ),
    episode=lambda number: f"{number:,}번째 발생, 해결 후 재발",
    regressed=lambda at: f"해결된 뒤 {at}에 재발함. 이슈를 다시 엶.",
    escalated=lambda count: f"심각 단계로 격상됨. 지금까지 {count:,}회 발생.",
    quiet=lambda at: f"{at} 이후 발생 없음. 이슈를 닫음. 재발하면 다시 엶.",
    merged="이 문제로 병합됨",
    withheld="세부 내용은 싣지 않음. 호스트에서 `logwatchd show`로 확인할 것.",
    machine="프로그램용",
    footer="logwatchd가 이 본문을 갱신하며 새로 씀. 의견은 댓글로 남길 것. 이슈를 닫으면 문제가 "
    "해결 처리되고, `logwatchd:mute` 또는 `logwatchd:mute-7d` 라벨을 붙이면 알림이 꺼짐.",
)


def issue_texts_of(language: Language) -> IssueTexts:
    """Return the words of a language."""
    match language:
        case Language.EN:
            return _ENGLISH
        case Language.KO:
            return _KOREAN
        case _:
            assert_never(language)
