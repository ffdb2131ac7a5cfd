"""What of a message is its kind, and what is only about one case."""

import string
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logwatchd.domain.mask import LENGTH_LIMIT, Masker
from logwatchd.domain.skeleton import plain, skeleton_of

template_of = Masker().template


def identity_of(message: str) -> str:
    """Return what of a message counts."""
    return " ".join(map(plain, skeleton_of(template_of(message))))


@pytest.mark.parametrize(
    ("message", "template"),
    [
        ("user 17 not found", "user <n> not found"),
        ("balance -1,204,500.75 is low", "balance <n> is low"),
        ("took 1.2s of 350 ms, 91%", "took <n> of <n>, <n>"),
        ("1.5 GiB of 812MiB", "<n> of <n>"),
        ("attempt 2/5", "attempt <n>"),
        ("request 550e8400-e29b-41d4-a716-446655440000 failed", "request <id> failed"),
        ("job 9f1c2e7ab04d5e6f at 0x7f3a2c1ff700", "job <hex> at <hex>"),
        ("user usr_000123 in job8412 by worker-7", "user usr_<n> in job<n> by worker-<n>"),
        ("request req_011CSHoEeqs5C35K2UUqR7Fy", "request <id>"),
        ("order ORD-2024-0001 and ORD-17", "order <id> and ORD-<n>"),
        ("at 2025-11-22T21:10:00.123456+09:00 and 2025-11-22", "at <time> and <time>"),
        ("since Sat, 22 Nov 2025 21:10:00 GMT", "since <time>"),
        ("peer 10.0.1.23:5432 and [2001:db8::1]:443 and ::1", "peer <ip> and <ip> and <ip>"),
        ("mail to kim.minsu@example.co.kr", "mail to <email>"),
        ("peer ip-10-0-1-23.ap-northeast-2.internal", "peer <id>"),
        ("key c2VjcmV0LWtleS1iYXNlNjQ= refused", "key <token> refused"),
        ("ttl=Some(30), owner=None", "ttl=<value>, owner=<value>"),
        ("user=kim retry=true", "user=<value> retry=<value>"),
        ('id: "abc", kind: "join"', 'id: "<value>", kind: "join"'),
        ("WHERE email = 'kim' AND id IN (1, 2, 3)", "WHERE email = '<value>' AND id IN (<n>)"),
        ("VALUES ($1, $2), ($3, $4)", "VALUES (<n>)"),
        ("cannot write /tmp/.tmpAb3/upload.bin", "cannot write <path>"),
        ("GET /v1/users/123/notes failed", "GET /v1/users/<id>/notes failed"),
        ("https://api.example.com/v1/users/9?x=1", "https://api.example.com/v1/users/<id>"),
        ("http://10.0.1.5:8080/health", "http://<host>/health"),
        (
            "thread 'main' (20481) panicked at src/api/chat.rs:142:18:\nboom",
            "panicked at api/chat.rs: boom",
        ),
        ("1: app::db::acquire::h1a2b3c4d5e6f7a8b", "<n>: app::db::acquire"),
        ("홍길동님 주문 88번, 12,000원", "<name>님 주문 <n>번, <n>원"),
        ("\x1b[31mERROR\x1b[0m  pool \n dry", "ERROR pool dry"),
        ("proxy.acme.org:5070 close, 44 bytes sent", "<host> close, <n> sent"),
        ("mapping of ns.acme.org [10.0.0.1] failed", "mapping of <host> [<ip>] failed"),
        ("job sync_s3_files of checkout_v2 failed", "job sync_s3_files of checkout_v2 failed"),
        ("block rdd_2_1 is gone", "block <id> is gone"),
        ("cursor AAECAwQFBgcICQ== expired", "cursor <token> expired"),
        ("block blk_-160 of blk_17", "block blk_<n> of blk_<n>"),
        ("for kim from 10.0.0.1, invalid user lee", "for <value> from <ip>, invalid user <value>"),
        ("Key (email)=(kim@x) exists", "Key (email)=(<value>) exists"),
        ("fan speeds 3552 **** 3515", "fan speeds <n> <value> <n>"),
        ('10.0.0.1 "GET /x/1 HTTP/1.1" 404 17', '<ip> "GET <path> HTTP/<n>" <n> <n>'),
        ('10.0.0.1 "GET /x/1 HTTP/1.1" 503 17', '<ip> "GET <path> HTTP/<n>" 503 <n>'),
        ("mail [REDACTED:email] refused", "mail [REDACTED:email] refused"),
    ],
)
def test_what_differs_between_repeats_goes(message: str, template: str) -> None:
    """The template is the title of the card, so it has to read well, too."""
    assert template_of(message) == template


@pytest.mark.parametrize(
    "message",
    [
        "Connection refused (os error 111)",
        "SQLSTATE 42P01",
        "exit status: 1",
        "`application/json` is expected",
        "jk2_init() is done",
        "upstream returned 401",
        "status: 503 after HTTP 429",
        "(404 Not Found)",
        "process exited with code 137",
        'code: "23505"',
        "코드: 51",
        "[AUTH-003] COMMON500 AI5001 DB_5001 E0277 ORA-00942",
        "expected u64, found utf-8 over http2 with sha256",
        'relation "users" does not exist',
        "missing key 'database.url'",
        "missing field `email`",
        "invalid type: null",
        "failed to read /etc/app/config.toml",
        "called `Option::unwrap()` on a `None` value",
        "is not authorized",
        "https://api.anthropic.com/v1/messages",
    ],
)
def test_codes_statuses_and_names_stay(message: str) -> None:
    """`500` is not `503`, and another missing table is another problem."""
    assert template_of(message) == message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("flushed 1 row", "flushed 17 rows"),
        ("skipped 1 bad entry", "skipped 5 bad entries"),
        ("skipped 1 entry that was bad", "skipped 5 entries that were bad"),
        ("1 member has left", "3 members have left"),
        ("Connection refused", "connection refused."),
        ("missing key 'a.b'", 'missing  key "a.b"'),
        ("took 30s", "took 1.5 minutes"),
        ("peer [::1]:5432 gone", "peer 127.0.0.1:5432 gone"),
        ('event {"user": 7, "kind": "join"}', 'event {"kind": "join", "user": 3}'),
        ("IN (1)", "IN (4, 5, 6)"),
        ("lost [orders-1]", "lost [orders-0, orders-3]"),
        ("owner=None", 'owner=Some("kim")'),
        ("사용자 12345 인증 실패", "사용자 987 인증 실패"),
        (
            "thread 'main' panicked at src/a.rs:10:5: boom",
            "thread 'tokio-1' (7) panicked at src/a.rs:99:1: boom",
        ),
    ],
)
def test_one_problem_has_one_identity(one: str, other: str) -> None:
    """Each pair would be two cards for one problem."""
    assert identity_of(one) == identity_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("failed, SqlState: 40P01", "failed, SqlState: 23505"),
        ("sync failed rc=-110", "sync failed rc=-5"),
        ("child: exit code -1073741819", "child: exit code -1073741515"),
        ("child: exit code 3221225477", "child: exit code 3221226505"),
        ("returned error 0x80070005", "returned error 0x80004005"),
        ("reset by peer (os error 104)", "refused (os error 111)"),
        ("broken (os error 32)", "broken (os error 104)"),
        ("returned 401", "returned 502"),
        ("exited with code 137", "exited with code 1"),
        ("exited with status 137", "exited with status 1"),
        ('ColumnNotFound("age")', 'ColumnNotFound("name")'),
        ("job sync_s3_files failed", "job purge_s3_files failed"),
        ("flag checkout_v2 is gone", "flag search_v2 is gone"),
        ("[AUTH-003] rejected", "[AUTH-007] rejected"),
        ("user 42 is authorized", "user 42 is not authorized"),
        ('relation "users" is gone', 'relation "orders" is gone'),
        ("invalid type: null", 'invalid type: string "x"'),
        ('event {"kind": "join"}', 'event {"kind": "leave"}'),
        ("https://api.a.com/x timed out", "https://api.b.com/x timed out"),
        ("panicked at src/a.rs:1:1: boom", "panicked at src/b.rs:1:1: boom"),
        ("사유: 한도 초과", "사유: 잔액 부족"),
        ("expected u64", "expected i32"),
    ],
)
def test_two_problems_have_two_identities(one: str, other: str) -> None:
    """A wrong merge hides a new problem behind an old one, in silence."""
    assert identity_of(one) != identity_of(other)


_VALUES: Final[dict[str, tuple[str, st.SearchStrategy[str]]]] = {
    "number": ("user {} not found", st.integers(-(10**12), 10**12).map(str)),
    "decimal": (
        "took {} ms in all",
        st.floats(0, 1e6).map(lambda number: f"{number:.3f}"),
    ),
    "uuid": ("request {} failed", st.uuids().map(str)),
    "ip": ("peer {} is gone", st.ip_addresses(v=4).map(str)),
    "time": ("since {} it failed", st.datetimes().map(lambda at: f"{at.isoformat()}Z")),
    "email": (
        "mail to {} refused",
        st.from_regex(r"[a-z]{1,9}\.[a-z]{1,9}@[a-z]{2,9}\.com", fullmatch=True),
    ),
    "hex": ("object {} lost", st.integers(0, 2**64).map(lambda number: f"{number:#x}")),
    "quoted": (
        'invalid value: "{}" in the form',
        st.text(string.ascii_letters + " -", max_size=20),
    ),
    "path": ("cannot open /tmp/{}", st.from_regex(r"[a-zA-Z0-9_]{1,20}", fullmatch=True)),
}


@pytest.mark.parametrize("kind", _VALUES)
def test_changing_a_masked_value_changes_nothing(kind: str) -> None:
    """Whatever the value, the problem is the same."""
    sentence, values = _VALUES[kind]
    expected: list[str] = []

    @settings(deadline=None, max_examples=60)
    @given(values)
    def holds(value: str) -> None:
        expected.append(identity_of(sentence.replace("{}", value)))
        assert expected[-1] == expected[0]

    holds()


@settings(deadline=None)
@given(st.text(max_size=300))
@example("0¹0")
@example("[::]:1234567")
def test_a_template_is_its_own_template(message: str) -> None:
    """A title that is masked again must not turn into another one."""
    once = template_of(message)

    assert template_of(once) == once


_SENTENCES: Final = st.lists(
    st.sampled_from(
        [
            *("user 17", "status=503", "(os error 104)", "took 1.2s", '"kim"', "id: 'x'", "[1, 2]"),
            *(
                "10.0.0.1:5432",
                "https://a.b/c/17?x=1",
                "src/db/pool.rs:88:14",
                "/var/a1/b",
                "AI5001",
            ),
            *(
                "2025-11-22T21:10:00Z",
                "a@b.com",
                "Some(3)",
                "사용자 12번",
                "홍길동님",
                "true",
                "x=y",
            ),
        ]
    ),
    max_size=9,
).map(" ".join)


@settings(deadline=None)
@given(_SENTENCES)
def test_the_template_of_a_likely_message_is_its_own_template(message: str) -> None:
    """The same for what logs are made of."""
    once = template_of(message)

    assert template_of(once) == once
    assert identity_of(once) == identity_of(message)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_any_text_has_an_identity(message: str) -> None:
    """Lone surrogates and control signs included."""
    assert isinstance(identity_of(message), str)


def test_only_the_beginning_of_a_long_message_counts() -> None:
    """Time and memory for a message are bounded, and so is its title."""
    long = "word " * 2_000

    assert len(template_of(long)) <= LENGTH_LIMIT
    assert identity_of(long) == identity_of(long + "another end")
    assert len(template_of("1 " * LENGTH_LIMIT)) <= LENGTH_LIMIT


@pytest.mark.parametrize(
    "piece",
    ["a.", "1 ", "a-", "[", "Some(", "{", '"', '"a', "/", "a/", "::", "a:", "0:", "=", "'a", "1, "],
)
def test_a_hostile_message_comes_back(piece: str) -> None:
    """Each is the worst case of some pattern; one that goes back and forth would not end."""
    message = piece * (8_000 // len(piece))

    assert len(template_of(message)) <= LENGTH_LIMIT


def test_json_that_is_nested_too_deep_is_only_text() -> None:
    """Sorting the keys of an embedded object must not end in a recursion error."""
    deep = '{"a":' + "[" * 1_900 + "]" * 1_900 + "}"

    assert identity_of(f"{deep} and {{7}}").startswith("a and")
    assert identity_of('{"b": 1, "a": } 7').startswith("a b *")
