"""Money: reserved before it can be spent, never given back for being old; real SQLite."""

import random
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logwatchd.diagnosers.price_table import price_table
from logwatchd.domain.budget import DAY, HOUR, MONTH, Allowed, Budget
from logwatchd.domain.event import Category, Severity
from logwatchd.domain.prices import Usage
from logwatchd.domain.steady import Reading
from logwatchd.ports import CallQuote
from logwatchd.store import ledger
from logwatchd.store.files import open_file, open_memory, transaction

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TABLE = price_table()


def quote(most: int, severity: Severity = Severity.CRITICAL, problem: str = "p") -> CallQuote:
    """Return a call that costs so much at most."""
    return CallQuote(
        fingerprint=problem, severity=severity, category=Category.LLM, model="m", most=most
    )


def reading(seconds: float = 0, *, wall: datetime | None = None, boot: str = "a") -> Reading:
    """Return what the clocks say so long after the start."""
    passed = timedelta(seconds=seconds)
    return Reading(wall or NOON + passed, boot, passed)


class Machine:
    """A machine whose wall clock is set at random, whose process dies and which is restarted.

    `true` is the time that really passed; nobody but the test knows it.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.true = timedelta(0)
        self._off = timedelta(0)
        self._boots = 0
        self._booted = timedelta(0)

    def pass_time(self) -> None:
        """Let time pass: seconds within a storm, hours between them."""
        seconds = self._rng.choice((1, 5, 30, 60, 600, 3_000, 20_000))
        self.true += timedelta(seconds=self._rng.random() * seconds)

    def set_clock(self) -> None:
        """Set the wall clock wrong by up to five years, either way."""
        self._off = timedelta(days=self._rng.uniform(-1_800, 1_800))

    def restart(self) -> None:
        """Start the machine anew; its clock stays as wrong as it was."""
        self._boots += 1
        self._booted = self.true

    def read(self) -> Reading:
        """Return what the clocks say."""
        wall = NOON + self.true + self._off
        return Reading(wall, f"boot {self._boots}", self.true - self._booted)


@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.full)])
def test_a_month_of_storms_restarts_and_clock_jumps_passes_no_limit(
    seed: int, tmp_path: Path
) -> None:
    """In any hour, day and month of real time, to the billionth of a dollar."""
    rng = random.Random(seed)  # noqa: S311 -- to be repeated
    machine, budget = Machine(rng), Budget()
    calls: list[tuple[timedelta, int]] = []
    refused: set[Allowed] = set()
    db = open_file(tmp_path, now=NOON).db
    while machine.true < timedelta(days=35):
        machine.pass_time()
        match rng.randrange(40):
            case 0:
                machine.set_clock()
            case 1:
                machine.restart()
            case 2:
                db.close()  # kill -9 between two transactions
                db = open_file(tmp_path, now=NOON).db
            case _:
                pass
        model = rng.choice(("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "unknown"))
        prompt, output, day = rng.randrange(5_000, 130_000), 4_000, NOON.date()
        most = TABLE.most(model, prompt=prompt, output=output, on=day)
        severity = rng.choice(tuple(Severity))
        asked = CallQuote(
            fingerprint=f"p{rng.randrange(500)}",
            severity=severity,
            category=Category.OTHER,
            model=model,
            most=most,
        )
        with transaction(db):
            verdict, number = ledger.reserve(db, asked, budget, reading=machine.read())
        refused.add(verdict)
        if verdict is not Allowed.YES:
            continue
        usage = Usage(input=rng.randint(0, prompt), output=rng.randint(0, output))
        cost = TABLE.cost(model, usage, on=day)
        calls.append((machine.true, cost))
        if rng.random() < 0.8:  # else the process died before it could settle
            with transaction(db):
                ledger.settle(db, number, cost=cost, usage=usage)
    db.close()

    assert {Allowed.YES, Allowed.DAY_SPENT, Allowed.MONTH_SPENT} <= refused
    for at, _ in calls:
        within = [(when, cost) for when, cost in calls if at <= when < at + MONTH]
        assert sum(cost for _, cost in within) <= budget.month
        assert sum(cost for when, cost in within if when < at + DAY) <= budget.day
        assert sum(when < at + HOUR for when, _ in within) <= budget.calls_hour


def test_what_is_reserved_counts_as_spent_until_it_is_known(tmp_path: Path) -> None:
    """A process that dies in mid-call has spent the most it could have; the restart knows."""
    budget = Budget(day=100)
    with closing(open_file(tmp_path, now=NOON).db) as db, transaction(db):
        assert ledger.reserve(db, quote(60), budget, reading=reading()) == (Allowed.YES, 1)
    with closing(open_file(tmp_path, now=NOON).db) as db:
        with transaction(db):
            verdict, _ = ledger.reserve(db, quote(60), budget, reading=reading(1))
            assert verdict is Allowed.DAY_SPENT
        with transaction(db):
            ledger.settle(db, 1, cost=10, usage=Usage(input=1))
            ledger.settle(db, 1, cost=0, usage=Usage())
        with transaction(db):
            verdict, _ = ledger.reserve(db, quote(90), budget, reading=reading(2))
            assert verdict is Allowed.YES
            assert ledger.spending(db, reading=reading(2)).spent.day == 100


def test_calls_of_an_hour_are_counted_whatever_became_of_them(tmp_path: Path) -> None:
    """Ten that failed are ten calls; and one problem cannot have them all."""
    with closing(open_memory().db) as db, transaction(db):
        for number in range(10):
            asked = quote(0, problem=f"p{number % 9}")
            verdict, row = ledger.reserve(db, asked, Budget(), reading=reading(number))
            assert verdict is Allowed.YES
            ledger.settle(db, row, cost=0, usage=Usage())
        verdict, _ = ledger.reserve(db, quote(0), Budget(), reading=reading(3_599))
        assert verdict is Allowed.HOUR_SPENT
        verdict, _ = ledger.reserve(db, quote(0), Budget(), reading=reading(3_601))
        assert verdict is Allowed.YES


def test_one_problem_cannot_use_up_the_calls_of_all(tmp_path: Path) -> None:
    """A flapping service would else be diagnosed again and again."""
    with closing(open_memory().db) as db, transaction(db):
        verdicts = [
            ledger.reserve(db, quote(0), Budget(), reading=reading(number))[0]
            for number in range(7)
        ]
        assert verdicts == [Allowed.YES] * 6 + [Allowed.PROBLEM_SPENT]


def test_a_jump_of_the_wall_clock_opens_no_window(tmp_path: Path) -> None:
    """Nor does one back refund what was spent."""
    budget = Budget(day=100)
    with closing(open_memory().db) as db, transaction(db):
        ledger.reserve(db, quote(100), budget, reading=reading(0))
        for wall in (NOON + timedelta(days=400), NOON - timedelta(days=400)):
            verdict, _ = ledger.reserve(db, quote(1), budget, reading=reading(60, wall=wall))
            assert verdict is Allowed.DAY_SPENT
        verdict, _ = ledger.reserve(db, quote(1), budget, reading=reading(86_401, wall=NOON))
        assert verdict is Allowed.YES


def test_the_report_sums_up_by_model_and_category(tmp_path: Path) -> None:
    """`logwatchd cost` shows where the money went, and what is still open."""
    with closing(open_memory().db) as db, transaction(db):
        _, number = ledger.reserve(db, quote(70), Budget(), reading=reading(0))
        ledger.settle(db, number, cost=50, usage=Usage(input=3, output=4))
        ledger.reserve(db, quote(30), Budget(), reading=reading(5))
        found = ledger.spending(db, reading=reading(10))

    assert (found.spent.month, found.reserved, found.began) == (80, 30, NOON)
    assert found.by_model == (ledger.Share("m", 2, 80),)
    assert found.by_category == (ledger.Share("llm", 2, 80),)
