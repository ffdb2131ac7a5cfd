"""Korean, in the terse style of an operator's screen."""

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

KOREAN: Final = Texts(
    severity=SeverityWords(critical="심각", warning="경고", info="정보"),
    category=CategoryWords(
        llm="LLM",
        auth="인증",
        database="데이터베이스",
        application="애플리케이션",
        other="기타",
    ),
    state=StateWords(
        open="미해결",
        acknowledged="확인됨",
        muted="알림 꺼짐",
        resolved="해결됨",
        regressed="재발",
    ),
    label=Labels(
        state="상태",
        count="횟수",
        first_seen="최초 발생",
        last_seen="최근 발생",
        where="위치",
        source="소스",
        code="코드",
        request="요청",
        trace="트레이스",
        service="서비스",
        duration="소요 시간",
        exception="예외",
        problem="문제",
        message="최근 메시지",
        cause="원인",
        stack="스택 트레이스",
        rule="규칙",
        since="재발 시각",
        rate="빈도 (최근 24시간)",
    ),
    self_text=SelfTexts(
        test=SelfText(
            "테스트 알림",
            "logwatchd의 알림이 이곳에 정상적으로 도착함. 실제 문제가 아니므로 조치 불필요.",
        ),
        state_damaged=SelfText(
            "상태 파일 손상",
            "손상된 파일을 따로 보관하고 빈 상태로 다시 시작함. 이미 알려진 문제도 새 문제로 "
            "다시 알리며, 이전 메시지는 더 이상 갱신되지 않음.",
        ),
        state_failing=SelfText(
            "상태 저장 실패",
            "다시 저장할 수 있을 때까지 로그 읽기를 멈춤. 로그 파일이 남아 있는 한 유실은 없으나 "
            "알림이 늦어짐.",
        ),
        state_recovered=SelfText(
            "상태 저장 복구",
            "멈춘 지점부터 이어서 읽는 중. 늦어진 알림을 지금 보냄.",
        ),
        notice_refused=SelfText(
            "표시하지 못한 메시지 있음",
            "전송이 거부되어 다시 보내지 않음. 해당 문제는 기록되어 있으며 `logwatchd show` 로 볼 수 "
            "있음. logwatchd 의 결함이니 알려 주기 바람.",
        ),
        bytes_lost=SelfText(
            "로그 일부 유실",
            "끝까지 읽기 전에 파일이 비워지거나 삭제됨. 유실된 부분의 내용은 알 수 없으며, 그 안의 "
            "문제는 보고되지 않음.",
        ),
        diagnosis_stopped=SelfText(
            "문제 진단 중단",
            "모델 제공자가 키, 모델 또는 주소를 거부함. 알림은 평소대로 계속되며, 설정을 고치고 "
            "logwatchd 를 다시 읽게 하면 진단을 재개함.",
        ),
        issues_held=SelfText(
            "이슈 등록 상한 도달",
            "이슈를 더 만들지 않음. 문제는 이곳에 계속 알림. 여유가 생긴 뒤 다시 발생하면 그때 "
            "등록함. 보류된 문제는 `logwatchd why ID`로 확인할 것.",
        ),
        issue_refused=SelfText(
            "이슈를 등록하지 못함",
            "다시 시도하지 않음. 문제 자체는 `logwatchd show`로 확인 가능.",
        ),
    ),
    panic="패닉",
    regressed=lambda episode: f"해결 후 재발 ({episode:,}번째)",
    reminder=lambda number: f"다시 알림 {number:,}회차: 아직 해결되지 않음",
    maybe_repeat="중복 알림일 수 있음",
    muted_until="재개:",
    muted_until_count=lambda count: f"누적 {count:,}회까지",
    this_episode=lambda count: f"이번 발생분 {count:,}회",
    per_hour=lambda count: f"이번 시간 {count:,}회",
    peak=lambda count: f"최대 {count:,}회/시간",
    more_causes=lambda count: f"외 원인 {count:,}건",
    details_withheld="Discord가 전체 내용을 거부함. 서버에서 확인: `logwatchd show {ident}`",
    digest_title=lambda problems, events: f"요약: 문제 {problems:,}건, 이벤트 {events:,}건",
    digest_empty="이 기간에 다른 문제 없음.",
    digest_more=lambda problems, events: f"외 문제 {problems:,}건, 이벤트 {events:,}건",
    held_back=lambda count, reasons: f"보류된 알림 {count:,}건 ({reasons})",
    held_back_reasons={
        "held_hour_ceiling": "시간당 상한",
        "held_day_ceiling": "일일 상한",
        "held_muted": "알림 꺼짐",
        "collected": "요약으로 전달",
        "counted": "집계만",
        "held_storm": "신규 문제 폭주",
    },
    merged=lambda ident: f"{ident} 에 병합됨: 이후 이벤트는 그쪽에 집계",
    merged_standing="병합됨",
    storm=StormWords(
        lead="신규 문제 폭주",
        lead_ended="신규 문제 폭주 종료",
        title=lambda problems, events: f"신규 문제 {problems:,}건, 이벤트 {events:,}건",
        explained="폭주가 계속되는 동안 이 대상의 신규 문제는 여기에 모아 알림. 심각한 문제는 개별 "
        "메시지로도 알림.",
        explained_ended="`logwatchd incidents` 로 목록 확인. 다시 발생하는 문제는 평소처럼 알림.",
        goes_on="진행 중",
        ended="종료됨",
        problems="신규 문제",
        events="이벤트",
        since="시작",
        ended_at="종료",
    ),
    diagnosis=diagnosis_words.KOREAN,
    log_silent=lambda pattern: f"로그 끊김: {pattern}",
    log_silent_for=lambda pattern, span: f"{span} 동안 로그 없음: {pattern}",
    span=lambda seconds: in_units(seconds, ("일", "시간", "분", "초"), ""),
)
