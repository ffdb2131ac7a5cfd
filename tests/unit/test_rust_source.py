"""What is read of Rust source."""

import pytest

from logwatchd.domain.statement import Kind, Statement
from logwatchd.repo import rust_source


def statements(source: str) -> list[Statement]:
    """Read a function's body."""
    return rust_source.read(f"fn work() {{\n{source}\n}}\n".encode())[0]


def only(source: str) -> Statement:
    """Read the one statement of a function's body."""
    [found] = statements(source)
    return found


@pytest.mark.parametrize(
    ("source", "kind", "template"),
    [
        ('error!("a {}", id);', Kind.LOG, "a {id}"),
        ('tracing::warn!(user.id = 7, %e, "b {x:?}");', Kind.LOG, "b {x}"),
        ('error!(target: "t", code = "AI5", "c {}", e);', Kind.LOG, "c {e}"),
        ('error!(message = "in a field", id);', Kind.LOG, "in a field"),
        ('event!(Level::ERROR, id, "d {}", 1);', Kind.LOG, "d {}"),
        ('log::log!(Level::Warn, "e {}", n);', Kind.LOG, "e {n}"),
        ('panic!("f {n}");', Kind.PANIC, "f {n}"),
        ('assert_eq!(a, b, "g {}", n);', Kind.PANIC, "g {n}"),
        ('let x = y.expect("h i");', Kind.PANIC, "h i"),
        ('return Err(AppError::Internal(format!("j {}: {}", id, e)));', Kind.ERROR, "j {id}: {e}"),
        ('x.map_err(|e| { tidy(); format!("k {e}") })?;', Kind.ERROR, "k {e}"),
        ('x.with_context(|| format!("l {}", p.display()))?;', Kind.ERROR, "l {p}"),
        ('bail!("m {}", n);', Kind.ERROR, "m {n}"),
        ('ensure!(n > 0, "n is {}", n);', Kind.ERROR, "n is {n}"),
        ('return Err("o p".into());', Kind.ERROR, "o p"),
        ('log_failure!("AI5001", "q {}", id);', Kind.LOG, "q {id}"),
        ('app_bail!(NotFound, "r {}", id);', Kind.ERROR, "r {id}"),
        ('error!(concat!("s ", "{} t"), id);', Kind.LOG, "s {id} t"),
        ('error!(r#"u "{}""#, name);', Kind.LOG, 'u "{name}"'),
        ('tokio::select! { _ = a => { error!("v {}", b); } }', Kind.LOG, "v {b}"),
        ('helper(format!("some words {}", id));', Kind.TEXT, "some words {id}"),
        ('error!("{}", format!("w x {}", id));', Kind.LOG, "w x {id}"),
        ('error!("회고 {}번을 찾을 수 없습니다", id);', Kind.LOG, "회고 {id}번을 찾을 수 없습니다"),
    ],
)  # fmt: skip
def test_a_statement_is_found_with_its_template(source: str, kind: Kind, template: str) -> None:
    """In each way in which the field writes them."""
    found = only(source)

    assert (found.kind, found.template.text, found.function) == (kind, template, "work")


@pytest.mark.parametrize(
    "source",
    [
        'sqlx::query("SELECT id FROM team WHERE id = $1");',
        'route("/api/teams");',
        'let name = "x";',
        'info_span!("load team now");',
        'error!("{}", e);',
    ],
)
def test_what_is_no_message_is_left_out(source: str) -> None:
    """Queries, routes and names would only be in the way."""
    assert statements(source) == []


def test_a_log_statement_says_level_target_and_fields() -> None:
    """They tell statements of the same words apart."""
    found = only('tracing::error!(target: "audit", user.id = 7, %reason, ?state, "locked out");')

    assert (found.level, found.target, found.fields) == (
        "error", "audit", ("user.id", "reason", "state"),
    )  # fmt: skip


def test_an_errors_type_is_read_with_its_variants_and_who_makes_them() -> None:
    """`Err(AppError::Gone { id })` says nothing itself; the type does."""
    source = """
#[derive(Error)]
enum AppError {
    /// Nothing there.
    #[error("item {id} is gone")]
    Gone { id: i64 },
    #[snafu(display("disk {} full", name))]
    Full { name: String },
}
fn find(id: i64) -> Result<(), AppError> {
    match look(id) { Err(AppError::Gone { .. }) => {} _ => {} }
    Err(AppError::Gone { id })
}
"""
    found, makers, _ = rust_source.read(source.encode())

    assert [(each.template.text, each.symbol) for each in found] == [
        ("item {id} is gone", "AppError::Gone"),
        ("disk {name} full", "AppError::Full"),
    ]
    assert [(each.symbol, each.line) for each in makers] == [("AppError::Gone", 12)]


def test_a_display_is_read_by_variant() -> None:
    """Many teams write it by hand."""
    source = """
impl fmt::Display for JobError {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self {
            Self::Late(s) => write!(f, "job is {} late", s),
            JobError::Lost => f.write_str("job was lost"),
        }
    }
}
"""
    found = rust_source.read(source.encode())[0]

    assert [(each.kind, each.template.text, each.symbol) for each in found] == [
        (Kind.DISPLAY, "job is {s} late", "JobError::Late"),
        (Kind.DISPLAY, "job was lost", "JobError::Lost"),
    ]


def test_a_constant_is_put_into_the_statements_that_name_it() -> None:
    """`error!("{}: {}", START_FAILED, e)` says more than it shows."""
    source = 'const START_FAILED: &str = "cannot start";\nfn main() { error!("{}: {}", START_FAILED, e); }\n'
    found, makers, _ = rust_source.read(source.encode())

    assert "cannot start: {e}" in [each.template.text for each in found]
    assert [(each.symbol, each.function) for each in makers] == [("START_FAILED", "main")]


def test_code_of_tests_is_marked() -> None:
    """A test's panic is nobody's incident."""
    source = '#[cfg(test)]\nmod tests {\n  #[test]\n  fn t() { panic!("in a test"); }\n}\n'

    assert [each.is_test for each in rust_source.read(source.encode())[0]] == [True]


@pytest.mark.parametrize(
    "source",
    [b"", b"\xff\xfe\x00", b'error!("' * 2_000, b"(" * 5_000, b'fn f() { error!("never closed'],
)
def test_broken_source_is_read_as_far_as_it_goes(source: bytes) -> None:
    """A repository holds whatever somebody committed."""
    rust_source.read(source)
