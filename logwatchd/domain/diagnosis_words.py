"""The words around a diagnosis, in each language."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from logwatchd.domain.diagnosis import CauseKind, DiagnosisWhy, Effort
from logwatchd.domain.diagnosis_context import Lack


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisWords:
    """All words of one language.

    Attributes:
        likely: Above a cause with evidence, from percent and kind.
        hypothesis: The same for one without.
        not_diagnosed: Before the reason.
        reasons: Why there is none; one for each `DiagnosisWhy` but `DIAGNOSED`.
        quotes: How many quotes were found, from found and given.
        capped: What confidence the model had claimed, in percent.
        dropped: How many claims were left out.
        lacks: What it had to do without.
        reused: That it was made for another problem, by its short id.
    """

    likely: Callable[[int, str], str]
    hypothesis: Callable[[int, str], str]
    kinds: dict[CauseKind, str]
    impact: str
    suspect: str
    false_suspect: str
    recommended: str
    efforts: dict[Effort, str]
    code_change: str
    unknown: str
    not_diagnosed: str
    reasons: dict[DiagnosisWhy, str]
    quotes: Callable[[int, int], str]
    capped: Callable[[int], str]
    dropped: Callable[[int], str]
    without: str
    lacks: dict[Lack, str]
    reused: Callable[[str], str]
    unverified: str


ENGLISH: Final = DiagnosisWords(
    likely=lambda percent, kind: f"Likely cause ({kind}, {percent} %)",
    hypothesis=lambda percent, kind: f"Hypothesis without evidence ({kind}, {percent} %)",
    kinds={
        CauseKind.DEFECT: "defect",
        CauseKind.DEPENDENCY: "dependency",
        CauseKind.CONFIGURATION: "configuration",
        CauseKind.CAPACITY: "capacity",
        CauseKind.UPSTREAM: "upstream",
        CauseKind.CLIENT: "client",
        CauseKind.UNKNOWN: "unknown kind",
    },
    impact="Impact",
    suspect="Suspect commit",
    false_suspect="It named a commit that was not among those offered; left out.",
    recommended="Recommended",
    efforts={Effort.MINUTES: "minutes", Effort.HOURS: "hours", Effort.DAYS: "days"},
    code_change="A fix would change",
    unknown="Not known",
    not_diagnosed="Not diagnosed",
    reasons={
        DiagnosisWhy.SKIPPED_HOUR: "the calls of this hour are used up",
        DiagnosisWhy.SKIPPED_DAY: "the money of this day is used up",
        DiagnosisWhy.SKIPPED_MONTH: "the money of this month is used up",
        DiagnosisWhy.SKIPPED_PROBLEM: "this problem has had its calls of the day",
        DiagnosisWhy.KEY_REFUSED: "the model's key, name or address is refused",
        DiagnosisWhy.OVERLOADED: "the model's provider is overloaded",
        DiagnosisWhy.UNREACHABLE: "the model's provider gave no usable reply",
        DiagnosisWhy.REQUEST_REFUSED: "the model's provider refused the question",
        DiagnosisWhy.MODEL_REFUSED: "the model declined to answer",
        DiagnosisWhy.TRUNCATED: "the answer was cut off",
        DiagnosisWhy.INVALID: "the answer was not in the form asked for",
        DiagnosisWhy.CHILD_FAILED: "the process that asks the model failed",
        DiagnosisWhy.INTERRUPTED: "logwatchd ended while the model was asked",
    },
    quotes=lambda found, given: f"{found} of {given} quotes verified",
    capped=lambda percent: f"the model claimed {percent} %",
    dropped=lambda count: f"{count} unproven {'claim' if count == 1 else 'claims'} left out",
    without="without",
    lacks={
        Lack.REPOSITORY: "a repository",
        Lack.SOURCE: "source that could be read",
        Lack.SITE: "a known place in the source",
        Lack.HISTORY: "the history of the lines",
        Lack.ROOM: "some material, for its size",
        Lack.BETTER_MODEL: "the better model, for its price",
    },
    reused=lambda ident: f"made for {ident}, from the same statement",
    unverified="not verified",
)

KOREAN: Final = DiagnosisWords(
    likely=lambda percent, kind: f"추정 원인 ({kind}, {percent}%)",
    hypothesis=lambda percent, kind: f"근거 없는 가설 ({kind}, {percent}%)",
    kinds={
        CauseKind.DEFECT: "코드 결함",
        CauseKind.DEPENDENCY: "의존성",
        CauseKind.CONFIGURATION: "설정",
        CauseKind.CAPACITY: "용량",
        CauseKind.UPSTREAM: "외부 서비스",
        CauseKind.CLIENT: "클라이언트",
        CauseKind.UNKNOWN: "종류 불명",
    },
    impact="영향",
    suspect="의심 커밋",
    false_suspect="제시하지 않은 커밋을 지목하여 제외함.",
    recommended="권장 조치",
    efforts={Effort.MINUTES: "수 분", Effort.HOURS: "수 시간", Effort.DAYS: "수일"},
    code_change="수정 대상",
    unknown="확인하지 못한 것",
    not_diagnosed="진단 없음",
    reasons={
        DiagnosisWhy.SKIPPED_HOUR: "시간당 호출 한도 소진",
        DiagnosisWhy.SKIPPED_DAY: "일일 예산 소진",
        DiagnosisWhy.SKIPPED_MONTH: "월 예산 소진",
        DiagnosisWhy.SKIPPED_PROBLEM: "이 문제의 일일 호출 한도 소진",
        DiagnosisWhy.KEY_REFUSED: "모델의 키, 이름 또는 주소가 거부됨",
        DiagnosisWhy.OVERLOADED: "모델 제공자 과부하",
        DiagnosisWhy.UNREACHABLE: "모델 제공자에게서 쓸 수 있는 응답이 없음",
        DiagnosisWhy.REQUEST_REFUSED: "모델 제공자가 요청을 거부함",
        DiagnosisWhy.MODEL_REFUSED: "모델이 답변을 거부함",
        DiagnosisWhy.TRUNCATED: "답변이 중간에 잘림",
        DiagnosisWhy.INVALID: "답변이 요구한 형식이 아님",
        DiagnosisWhy.CHILD_FAILED: "모델에 묻는 프로세스 실패",
        DiagnosisWhy.INTERRUPTED: "모델에 묻는 동안 logwatchd 종료됨",
    },
    quotes=lambda found, given: f"인용 {given}건 중 {found}건 확인됨",
    capped=lambda percent: f"모델의 주장은 {percent}%",
    dropped=lambda count: f"근거 없는 주장 {count}건 제외",
    without="없이 진단한 것:",
    lacks={
        Lack.REPOSITORY: "저장소",
        Lack.SOURCE: "읽을 수 있는 소스",
        Lack.SITE: "소스 내 위치",
        Lack.HISTORY: "변경 이력",
        Lack.ROOM: "크기 때문에 뺀 자료",
        Lack.BETTER_MODEL: "상위 모델(예산)",
    },
    reused=lambda ident: f"같은 구문에서 나온 {ident}의 진단",
    unverified="확인되지 않음",
)
