"""What never leaves: secrets and personal data. What must stay: all that a diagnosis needs."""

import json
import string
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.event import Level, ParsedLine
from logwatchd.domain.own_secrets import dresses_of
from logwatchd.domain.redact import Redactor
from logwatchd.domain.team_patterns import EXTRA_LIMIT, PatternProblem

_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_PLAIN = Redactor()
_BODY: Final = "Zq7Rk2Lw9Xv4Tn8Bd3Hs6Jm1Pf5Gc0Ya2We"
_HEX: Final = "9f1c2e7ab04d5e6f8a9b0c1d2e3f4051"
_JWT: Final = "ey" + "JhbGciOiJub25lIn0.ey" + "JzdWIiOiJkZW1vIn0." + _BODY


def _pem(end: str, middle: str = "\n") -> str:
    begin = "-----BEGIN RSA " + "PRIVATE KEY-----"
    return middle.join([begin, _BODY + _BODY[:28], _BODY, end])


# Each secret is put together here, so that no scanner takes this file for a leak.
_VENDORS: Final = {
    "github_token": [
        "gh" + "p_" + _BODY,
        "gh" + "s_1234567_" + _JWT,
        "github" + "_pat_11" + _BODY + "_" + _BODY,
    ],
    "gitlab_token": ["gl" + "pat-" + _BODY[:20]],
    "anthropic_key": ["sk" + "-ant-api03-" + _BODY + "-" + _BODY + "AA"],
    "openai_key": ["sk" + "-proj-" + _BODY, "sk" + "-" + _BODY[:20] + "T3Blbk" + "FJ" + _BODY[:20]],
    "openrouter_key": ["sk" + "-or-v1-" + _HEX + _HEX],
    "llm_key": ["sk" + "-" + _BODY, "xai" + "-" + _BODY],
    "huggingface_token": ["h" + "f_" + _BODY],
    "aws_access_key": ["AK" + "IAZQ7RK2LW9XV4TN8B"],
    "slack_token": ["xo" + "xb-123456789012-" + _BODY],
    "stripe_key": ["sk" + "_live_" + _BODY, "wh" + "sec_" + _BODY],
    "google_key": ["AI" + "za" + _BODY, "GOC" + "SPX-" + _BODY[:28]],
    "discord_token": ["MTE3OTI3NDUxNjU1NTYxMzU0" + ".GFPeA0." + _BODY],
    "telegram_token": ["833209108" + ":AA" + _BODY],
    "package_token": ["np" + "m_" + _BODY],
    "sendgrid_key": ["S" + "G." + _BODY[:22] + "." + _BODY],
    "twilio_key": ["S" + "K" + _HEX],
    "shopify_token": ["shp" + "at_" + _HEX],
    "databricks_token": ["da" + "pi" + _HEX],
    "vault_token": ["hv" + "s." + _BODY],
    "jwt": [_JWT],
    "private_key": [
        _pem("-----END RSA " + "PRIVATE KEY-----"),
        _pem("-----END RSA " + "PRIVATE KEY-----", "\\n"),
        _pem(_BODY[:10]),
    ],
}


@pytest.mark.parametrize(
    ("kind", "secret"), [(kind, secret) for kind, each in _VENDORS.items() for secret in each]
)
@pytest.mark.parametrize("sentence", ["call with {} failed", "key={}", '"{}" rejected'])
def test_a_token_of_a_known_kind_goes_and_its_sentence_stays(
    kind: str, secret: str, sentence: str
) -> None:
    """The placeholder names the kind, so that a person knows what to revoke."""
    before, _, after = sentence.partition("{}")

    shown = _PLAIN.text(before + secret + after)

    assert shown == f"{before}[REDACTED:{kind}]{after}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "postgres://app:hunter2-demo@db.in:5432/x",
            "postgres://app:[REDACTED:url_password]@db.in:5432/x",
        ),
        ("redis://:hunter2@cache", "redis://:[REDACTED:url_password]@cache"),
        ("amqp://app:p@ss:w@rd@mq/v", "amqp://app:[REDACTED:url_password]@mq/v"),
        (
            "dsn=postgres%3A%2F%2Fapp%3Ahunter2%40db&x=1",
            "dsn=postgres%3A%2F%2Fapp%3A[REDACTED:url_password]%40db&x=1",
        ),
        (f"https://{_BODY}@git.example/a", "https://[REDACTED:url_token]@git.example/a"),
        (
            f"https://discord.com/api/webhooks/1179274516555613545/{_BODY}?wait=true",
            "https://discord.com/api/webhooks/1179274516555613545/[REDACTED:discord_webhook]?wait=true",
        ),
        (
            f"https://hooks.slack.com/services/T0AAAAAAA/B0AAAAAAA/{_BODY}",
            "https://hooks.slack.com/services/[REDACTED:slack_webhook]",
        ),
        (f"Authorization: Bearer {_BODY}", "Authorization: [REDACTED:authorization]"),
        (f'{{"authorization": "Basic {_BODY}"}}', '{"authorization": "[REDACTED:authorization]"}'),
        (f"sent Bearer {_BODY} twice", "sent Bearer [REDACTED:authorization] twice"),
        ("cookie: sid=Zq7Rk2Lw9Xv4; lang=ko", "cookie: sid=[REDACTED:cookie]; lang=ko"),
        ('Secret("correct horse")', 'Secret("[REDACTED:secret]")'),
        ("password=hunter2, retry", "password=[REDACTED:password], retry"),
        (
            "POST /login?user=kim&password=hunter2&next=/",
            "POST /login?user=kim&password=[REDACTED:password]&next=/",
        ),
        (
            '{"password":"a \\"b\\" c","user":"kim"}',
            '{"password":"[REDACTED:password]","user":"kim"}',
        ),
        (
            '{\\"token\\": \\"Zq7Rk2\\", \\"n\\": 1}',
            '{\\"token\\": \\"[REDACTED:token]\\", \\"n\\": 1}',
        ),
        (
            'Config { smtp_password: Some("x y"), port: 587 }',
            'Config { smtp_password: Some("[REDACTED:password]"), port: 587 }',
        ),
        ("db_password = 'hunter2'", "db_password = '[REDACTED:password]'"),
        ("webhook_secret => hunter2", "webhook_secret => [REDACTED:secret]"),
        ("password\\u003dhunter2\\u0026user", "password\\u003d[REDACTED:password]\\u0026user"),
        ("error: api key: Zq7Rk2Lw9X refused", "error: api key: [REDACTED:api_key] refused"),
        ("비밀번호=hunter2 사용자=kim", "비밀번호=[REDACTED:password] 사용자=kim"),
        ("비번 hunter2x 로 로그인 시도", "비번 [REDACTED:password] 로 로그인 시도"),
        ("인증 토큰: Zq7Rk2Lw 만료됨", "인증 토큰: [REDACTED:token] 만료됨"),
        ("비밀번호 오류 (입력값: hunter2)", "비밀번호 오류 (입력값: [REDACTED:password])"),
        ("mail to kim.minsu+a@example.co.kr failed", "mail to [REDACTED:email] failed"),
        ("reset?email=kim%40example.com&l=ko", "reset?email=[REDACTED:email]&l=ko"),
        ("고객(750727-2961325) 오류", "고객([REDACTED:resident_number]) 오류"),
        ("SMS 실패 010-1234-5678", "SMS 실패 [REDACTED:phone]"),
        ("+82 10-2345-6789", "[REDACTED:phone]"),
        ("card 4111 1111 1111 1111 declined", "card [REDACTED:card] declined"),
    ],
)
def test_a_secret_goes_and_the_rest_of_the_line_stays(text: str, shown: str) -> None:
    """User, host and path of a URL, and every word around it, are what a diagnosis lives on."""
    assert _PLAIN.text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        'FATAL: password authentication failed for user "app" from 10.0.3.17',
        "request 550e8400-e29b-41d4-a716-446655440000 timed out, req_011CSHoEeqs5C35K2UUqR7Fy",
        "deployed 9f1c2e7ab04d5e6f8a9b0c1d2e3f405162738495 sha256:" + _HEX + _HEX,
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "input_tokens=18234 output_tokens=912 max_tokens: 4096 token_type=bearer tokens=17",
        "rustc 1.82.0 (f6e511eec 2024-10-15) at src/auth/token.rs:31:10",
        'token: expired, password: None, secret: <none>, api_key: "", auth=false',
        "password must be at least 12 characters; missing ANTHROPIC_API_KEY",
        "unexpected token: identifier",
        "error[E0277]: the trait bound `TokenStream: Send` is not satisfied",
        "INSERT INTO secrets (name, value) VALUES ($1, $2) elapsed=1.73s",
        "Key (id)=(42) already exists in api_tokens_pkey; primary_key=42 key=user:1:profile",
        "git@github.com:acme/api.git: Permission denied (publickey)",
        "postgres://app@db.internal/app is not reachable",
        "pwd=/srv/app/current key_path=/var/lib/keys/a.pub /etc/secrets/api_key.pem",
        "module ghp_parser, task-runner-service-scheduler-v2-production-deployment",
        "-----BEGIN CERTIFICATE----- chain depth 3",
        "now 1763819412000, snowflake 1179274516555613545, order 1234567890123456",
        "build-990231-1 rev 991332-9234567 lag 1234567",
        "비밀번호는 8자 이상이어야 합니다",
        'headers={"authorization": Sensitive, "x-api-key": Sensitive}',
        "password=**** token=[FILTERED] secret=[REDACTED:secret]",
        "COMMON500 DB5001 AUTH-003 SQLSTATE 28P01 os error 111",
        "인증 실패: 비밀번호가 일치하지 않습니다",
    ],
)
def test_what_a_diagnosis_needs_stays(text: str) -> None:
    """A redactor that eats ids and codes is switched off within a week."""
    assert _PLAIN.text(text) == text


_OWN: Final = "Sup3r/Own+Secret=val?é"


@pytest.mark.parametrize(
    "dress",
    [
        _OWN,
        _OWN.encode().hex(),
        _OWN.encode().hex().upper(),
        quote(_OWN, safe=""),
        quote(_OWN, safe="").lower(),
        json.dumps(_OWN)[1:-1],
        json.dumps(json.dumps(_OWN))[1:-1],
        b64encode(_OWN.encode()).decode(),
        b64encode(b"x" + _OWN.encode() + b"yy").decode(),
        urlsafe_b64encode(b"xy" + _OWN.encode() + b"y").decode(),
    ],
)
def test_our_own_secret_is_found_in_every_dress(dress: str) -> None:
    """No list of formats knows the password that a team made up."""
    shown = Redactor(own_secrets=[_OWN]).text(f"sent {dress} to the peer")

    assert "[REDACTED:own_secret]" in shown
    assert len(shown) < len("sent [REDACTED:own_secret] to the peer") + 12
    assert shown.startswith("sent ")
    assert shown.endswith(" to the peer")


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=6),
    st.binary(max_size=7),
    st.binary(max_size=7),
)
def test_base64_hides_no_secret_of_ours_at_any_alignment(
    secret: str, before: bytes, after: bytes
) -> None:
    """`Basic user:password` is Base64 with the secret at any place in it."""
    forms = dresses_of([secret])
    encoded = b64encode(before + secret.encode() + after).decode()

    if len(secret.strip()) >= 6:
        assert any(form in encoded for form in forms)


def test_short_settings_are_no_secrets() -> None:
    """A user named `app` would otherwise tear holes into every line."""
    assert dresses_of(["app", "12345", "  x  "]) == []
    assert Redactor(own_secrets=["app"]).text("app::db failed") == "app::db failed"


def test_each_long_line_of_a_key_of_ours_is_a_secret() -> None:
    """A log may hold one line of a private key without the rest."""
    shown = Redactor(own_secrets=[f"first-line-of-a-key\n{_BODY}\nend"]).text(f"got {_BODY}!")

    assert shown == "got [REDACTED:own_secret]!"


@pytest.mark.parametrize(
    "sign", ["\u200b", "\u00ad", "\u202e", "\U000e0041", "\x00", "\x1b[31m", "\\u001b[0m"]
)
def test_an_invisible_character_does_not_hide_a_secret(sign: str) -> None:
    """Stripping it later, for display, would bring the secret back together."""
    token = "gh" + "p_" + _BODY

    assert (
        _PLAIN.text(f"tok{sign}en {token[:9]}{sign}{token[9:]}") == "token [REDACTED:github_token]"
    )
    assert _PLAIN.text(f"no{sign}thing") == f"no{sign}thing"


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("password", "password"),
        ("user.new_password", "password"),
        ("passwordConfirmation", "password"),
        ("API_KEY", "api_key"),
        ("x-api-key", "api_key"),
        ("headers.Authorization", "authorization"),
        ("refreshToken", "token"),
        ("Set-Cookie", "cookie"),
        ("client_secret", "secret"),
        ("aws.secretAccessKey", "secret"),
        ("비밀번호", "password"),
        ("토큰", "token"),
        ("DISCORD_WEBHOOK_URL", "webhook"),
    ],
)
def test_the_value_of_a_secret_name_goes_whatever_it_looks_like(key: str, kind: str) -> None:
    """A password has no format."""
    assert _PLAIN.value(key, "correct horse") == f"[REDACTED:{kind}]"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("input_tokens", "8123"),
        ("max_tokens", "4096"),
        ("token_type", "bearer"),
        ("token_count", "12"),
        ("tokenizer", "cl100k_base"),
        ("password_reset_url", "/reset"),
        ("key", "user:1"),
        ("author", "kim"),
        ("passenger", "lee"),
        ("secret_name", "db/main"),
        ("access_key_id", "none of it"),
        ("password", "None"),
        ("token", ""),
        ("auth", "true"),
    ],
)
def test_other_names_and_empty_values_stay(key: str, value: str) -> None:
    """Counts of tokens are what an LLM incident is about."""
    assert _PLAIN.value(key, value) == value


def test_the_value_of_any_other_name_is_read_as_text() -> None:
    """A secret may stand under an innocent name."""
    assert _PLAIN.value("note", "mail kim@example.com") == "mail [REDACTED:email]"


def test_a_team_adds_names_and_patterns() -> None:
    """Only the team knows its own order numbers."""
    redactor = Redactor(
        extra_keys=["사번", "Badge"], extra_patterns=[r"ORD-(?P<secret>\d+)", "(?P<keep>x){9}"]
    )

    assert redactor.value("user.badge", "77") == "[REDACTED:secret]"
    assert redactor.text("사번=A77 ORD-123 xxxxxxxxx") == (
        "사번=[REDACTED:secret] ORD-[REDACTED:extra] [REDACTED:extra]"
    )


@pytest.mark.parametrize(
    ("patterns", "index", "reason"),
    [
        (["ok", "("], 1, "missing )"),
        ([r"(?=a)"], 0, "invalid"),
        (["a*"], 0, "empty text"),
        ([""], 0, "is empty"),
        (["a" * 2_001], 0, "longer than"),
        (["a"] * (EXTRA_LIMIT + 1), EXTRA_LIMIT, "at most"),
    ],
)
def test_an_extra_pattern_that_cannot_work_is_refused(
    patterns: list[str], index: int, reason: str
) -> None:
    """Not at the first line it should have cleaned, but at the start."""
    with pytest.raises(PatternProblem, match=f"^pattern {index + 1}: ") as caught:
        Redactor(extra_patterns=patterns)

    assert (caught.value.setting, caught.value.index) == ("patterns", index)
    assert reason in caught.value.reason


def test_what_is_wrong_with_a_pattern_is_said_without_the_pattern() -> None:
    """A pattern for one secret may hold it."""
    with pytest.raises(PatternProblem) as caught:
        Redactor(extra_patterns=[f"({_BODY}"])

    assert _BODY[:6] not in str(caught.value)


def test_a_pattern_that_is_bound_to_the_edges_of_a_text_works_in_a_field() -> None:
    """A whole event is looked at in one, where a field has no edges."""
    redactor = Redactor(extra_patterns=[r"^EMP\d+$", r"\AB\d+\z"])
    fields = {"who": "EMP17", "seat": "B9", "note": "an EMP17"}
    line = ParsedLine(at=None, level=Level.ERROR, message="EMP18", fields=fields)

    event = redactor.event(line, received_at=_NOON)

    assert event.message == "[REDACTED:extra]"
    assert event.fields == {
        "who": "[REDACTED:extra]",
        "seat": "[REDACTED:extra]",
        "note": "an EMP17",
    }


def test_a_team_exempts_what_is_no_secret_of_its_own() -> None:
    """The address of its own support is in every message; a key of the daemon never is exempt."""
    own = "support@" + "acme.example"
    exempt = [r"help@acme\.example", r"010-0000-\d{4}", r"support@.*", "demo-[a-z]+"]
    redactor = Redactor(exempt_patterns=exempt, own_secrets=[own])

    assert redactor.text("mail help@acme.example or kim@acme.example") == (
        "mail help@acme.example or [REDACTED:email]"
    )
    assert redactor.text("010-0000-1234 010-1111-1234") == "010-0000-1234 [REDACTED:phone]"
    assert redactor.value("password", "demo-pass") == "demo-pass"
    assert redactor.text("password=demo-pass token=demo-x1y2z3") == (
        "password=demo-pass token=[REDACTED:token]"
    )
    assert redactor.text(f"mail {own}") == "mail [REDACTED:own_secret]"


@pytest.mark.parametrize(
    ("patterns", "reason"),
    [([".+"], "anything"), ([r"[\s\S]+"], "anything"), (["x", "("], "missing"), ([""], "empty")],
)
def test_an_exemption_that_would_keep_every_secret_is_refused(
    patterns: list[str], reason: str
) -> None:
    """One careless dot must not turn redaction off."""
    with pytest.raises(PatternProblem, match=reason) as caught:
        Redactor(exempt_patterns=patterns)

    assert (caught.value.setting, caught.value.index) == ("exempt", len(patterns) - 1)


def test_addresses_of_machines_are_hidden_only_on_request() -> None:
    """A network is not diagnosed without them, but some teams must not pass them on."""
    text = "peer 10.0.3.17:5432 and fe80::1ff:fe23:4567:890a at 12:30:45, version 1.2.3"

    assert _PLAIN.text(text) == text
    assert Redactor(hide_ip_addresses=True).text(text) == (
        "peer [REDACTED:ip_address]:5432 and [REDACTED:ip_address] at 12:30:45, version 1.2.3"
    )


def _parsed(secret: str) -> ParsedLine:
    return ParsedLine(
        at=None,
        level=Level.ERROR,
        message=f"m {secret}",
        target=f"t {secret}",
        service=f"s {secret}",
        code=f"c {secret}",
        request_id=f"r {secret}",
        trace_id=f"i {secret}",
        exception_type=f"e {secret}",
        causes=(f"c1 {secret}", f"c2 {secret}"),
        stack_trace=f"st {secret}",
        location=f"l {secret}",
        thread=f"h {secret}",
        fields={"a": f"f {secret}", f"k {secret}": "v", "password": "hunter2"},
        duration_ms=7.5,
        panic=True,
        dialect="tracing",
    )


def test_no_part_of_a_line_keeps_a_secret() -> None:
    """An event is stored, shown and sent to a model."""
    secret = "gh" + "p_" + _BODY

    event = _PLAIN.event(_parsed(secret), received_at=_NOON)

    assert _BODY[:8] not in repr(event)
    assert "hunter2" not in repr(event)
    assert repr(event).count("[REDACTED:github_token]") == 14


def test_an_event_is_the_line_with_the_blanks_filled_in() -> None:
    """A line without a time happened, for all we know, when it was read."""
    event = _PLAIN.event(_parsed("x"), received_at=_NOON, service="api")
    unnamed = ParsedLine(at=None, level=Level.WARN, message="hello")

    assert (event.at, event.level, event.service) == (_NOON, Level.ERROR, "s x")
    assert (event.duration_ms, event.panic, event.dialect) == (7.5, True, "tracing")
    assert event.fields == {"a": "f x", "k x": "v", "password": "[REDACTED:password]"}
    assert _PLAIN.event(unnamed, received_at=_NOON, service="api").service == "api"


@settings(deadline=None)
@given(st.text())
def test_redacting_never_fails_and_twice_is_once(text: str) -> None:
    """The outgoing text is redacted again, in case something slipped in on the way."""
    once = _PLAIN.text(text)

    assert _PLAIN.text(once) == once


_PIECES: Final = [
    *("password=", "token: ", "pw", "=", ": ", "cookie:", "Bearer ", "비밀번호", "Some(", ")", ";"),
    *('"', "'", "\\", " ", "\n", "\u200b", "%40", ".", "eyJ", "x1", _BODY, "[REDACTED:x]"),
    *("kim@example.com", "postgres://a:b@c/", "4111 1111 1111 1111", "-----BEGIN PRIVATE" + " KEY"),
]

PIECES: Final = [
    *_PIECES,
    *("a", "0", "가", "a=b ", "a,", "a::b::", "a.b.", "{", "[", "\x1b[31m", "\\u001b[0m", "%2F"),
    *("eyJ.", "ey" + "JhbGciOi", "gh" + "p_", "sk-a", "AK" + "IA0", "xo" + "xb-", "S" + "G.", "N."),
    *("a@b.co ", "a%40b.co ", "@", "@b.co", "://", "a://b:c@", "https://a:b@c ", "a:b@tcp("),
    *("%3A%2F%2Fa%3Ab%40", "/api/webhooks/123456789012345/", "hooks.slack.com/", "jdbc:a/b@"),
    *("01012345678 ", "010-1234-5678 ", "+82 10", "+1-2", "900101-1234567 ", "4111111111111111 "),
    *(
        "otp=",
        "phone=",
        "?key=",
        "routing_key=",
        "auth=",
        "pw=x ",
        "token=x1y2z3a;",
        "api key: x1 ",
    ),
    *(
        'password="',
        "password='",
        'token=\\"',
        'pw=\\"<',
        "token=(",
        "token: Some(Some(",
        "token=$",
    ),
    *('token: ["a1",', 'tokens=["a1","b2"]', '("token","a1")', "token=&quot;", "token=%22"),
    *("cookie=a=b;", "cookie: a=b; cookie:", "cookie: abcdefgh=abcdefgh; ", "sid=abcdefgh1;"),
    *('Secret("', 'Secret("x")', "Secret(a1b2c3d4) ", "Token(", "authorization: bearer abcd1 "),
    *("curl -u a:b ", "mysql -pab1 ", "redis-cli -a b1 ", "--password x1 ", "identified by 'a'"),
    *("password is a1b2c3 ", "password(a1b2c3)", "token abcdefghijklmnop1 ", "비밀번호는 a1b2c3 "),
    *("<password>x</password>", "<password ", "$2a$", "Q~", "LS0t" + "LS1CRUdJTi", "PRIVATE KEY"),
]
"""Beginnings of everything that is looked for, to be repeated."""


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(_PIECES), max_size=9).map("".join),
    st.lists(st.sampled_from(_PIECES), max_size=9).map("".join),
)
def test_a_token_goes_whatever_stands_around_it(before: str, after: str) -> None:
    """Half of another secret next to it must not lead past it."""
    shown = _PLAIN.text(before.replace(_BODY, "") + "gh" + "p_" + _BODY[::-1] + after)

    assert _BODY[::-1][:12] not in shown


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    """JSON can carry one, UTF-8 cannot; the next writer of the text would die of it."""
    assert _PLAIN.text("a\ud800b") == "a?b"


@settings(deadline=None)
@given(st.text(string.ascii_letters + string.digits, min_size=36, max_size=36))
def test_any_body_of_a_github_token_goes(body: str) -> None:
    """The sample in this file must not be the only token that is known."""
    assert body not in _PLAIN.text("push with gh" + "p_" + body + " failed")


@pytest.mark.parametrize("piece", PIECES)
def test_64_kib_of_the_worst_are_redacted_once(piece: str) -> None:
    """What is found is bounded by the text; `benchmarks/redaction.py` measures how long it takes.

    An expression that goes back and forth would not return at all.
    """
    text = piece * ((64 << 10) // len(piece))
    once = _PLAIN.text(text)

    assert len(once) < 8 * len(text)
    assert _PLAIN.text(once) == once


def test_a_resident_number_without_its_dash_needs_a_label_or_a_right_check_digit() -> None:
    """Thirteen digits are also a time in milliseconds."""
    digits = "630905291514"
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True))
    right = (11 - total % 11) % 10
    wrong = f"{digits}{(right + 1) % 10}"

    assert _PLAIN.text(f"user {digits}{right}") == "user [REDACTED:resident_number]"
    assert _PLAIN.text(f"user {wrong}") == f"user {wrong}"
    assert _PLAIN.text(f"주민번호 {wrong} 오류") == "주민번호 [REDACTED:resident_number] 오류"


@pytest.mark.parametrize(
    "text", ["card 4111 1111 1111 1112", "id 4111111111111112", "job 8111111111111111"]
)
def test_a_number_that_is_no_card_stays(text: str) -> None:
    """Every tenth number of sixteen digits would pass for a card without a look at its head."""
    assert _PLAIN.text(text) == text


def test_many_distinct_names_are_redacted_right() -> None:
    """Answers are remembered for a bounded number of names; the next ones must be right, too."""
    redactor = Redactor()
    for at in range(2_500):
        fields = {f"n{at}": "a", f"n{at}.password": "hunter2"}
        line = ParsedLine(at=None, level=Level.ERROR, message="m", target=f"t{at}", fields=fields)
        event = redactor.event(line, received_at=_NOON)

        assert event.target == f"t{at}"
        assert event.fields == {f"n{at}": "a", f"n{at}.password": "[REDACTED:password]"}


def test_keys_of_many_lines_can_be_secrets_of_ours() -> None:
    """A service has several private keys, and each is a page long."""
    keys = ["\n".join(f"{name}{at:02}{_BODY}{_BODY[::-1]}" for at in range(30)) for name in "abcd"]
    redactor = Redactor(own_secrets=keys)

    assert redactor.text(f"x {keys[3].splitlines()[17]} y") == "x [REDACTED:own_secret] y"
    assert redactor.text(f"x {keys[0]} y") == "x [REDACTED:own_secret] y"


def test_extra_patterns_that_are_too_large_together_are_refused() -> None:
    """Memory is bounded for all patterns together, not only for each."""
    patterns = [f"x{at}(?:[가-힣]{{200}}){{5}}" for at in range(EXTRA_LIMIT)]

    with pytest.raises(PatternProblem, match="too large together"):
        Redactor(extra_patterns=patterns)
