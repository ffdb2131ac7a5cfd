"""What is read of Python, TypeScript and JavaScript source."""

import pytest

from logwatchd.domain.statement import Kind
from logwatchd.repo import call_source

CASES = [
    ("python", 'logger.error("a %s of %d", user.id, n)', Kind.LOG, "a {user.id} of {n}"),
    ("python", 'log.warning(f"b {x!r:>8} c")', Kind.LOG, "b {x} c"),
    ("python", 'self._logger.exception("d {}".format(e))', Kind.LOG, "d {e}"),
    ("python", 'logging.getLogger(__name__).info("e " "f %(k)s", v)', Kind.LOG, "e f {k}"),
    ("python", 'raise AppError(f"g {id}: {e}") from e', Kind.ERROR, "g {id}: {e}"),
    ("python", 'raise HTTPException(404, detail="h i %s" % x)', Kind.ERROR, "h i {x}"),
    ("python", 'raise ValueError("j " + name)', Kind.ERROR, "j {name}"),
    ("tsx", "console.error(`k ${user.id} l`);", Kind.LOG, "k {user.id} l"),
    ("tsx", "logger.warn({ err, userId: id }, 'm %s', x);", Kind.LOG, "m {x}"),
    ("typescript", 'throw new AppError("n " + id + " o");', Kind.ERROR, "n {id} o"),
    ("typescript", "return Promise.reject(new Error('p q'));", Kind.ERROR, "p q"),
    ("tsx", "this.logger.error('회고를 불러오지 못했습니다: ' + e.message);", Kind.LOG,
     "회고를 불러오지 못했습니다: {e.message}"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "source", "kind", "template"), CASES)
def test_the_usual_calls_are_found(language: str, source: str, kind: Kind, template: str) -> None:
    """Loggers, thrown errors, and texts put together in every way."""
    [found] = call_source.read(source.encode(), language)[0]

    assert (found.kind, found.template.text) == (kind, template)


def test_fields_beside_a_message_are_known() -> None:
    """They tell statements of the same words apart."""
    [python] = call_source.read(b'log.error("x y", team_id=3, extra={"job": 1})', "python")[0]
    [script] = call_source.read(b"log.error({ err, teamId: 3 }, 'x y');", "tsx")[0]

    assert python.fields == ("team_id", "job")
    assert script.fields == ("err", "teamId")


def test_the_function_around_a_statement_is_known() -> None:
    """Methods, and functions that are kept in a constant."""
    python = b'class A:\n    def run(self):\n        """Say it."""\n        log.error("x y")\n'
    script = b"const run = async () => {\n  console.error('x y');\n};\n"

    assert [each.function for each in call_source.read(python, "python")[0]] == ["run"]
    assert [each.function for each in call_source.read(script, "typescript")[0]] == ["run"]
