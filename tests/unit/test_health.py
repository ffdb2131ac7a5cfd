import pytest

from logwatchd.errors import SourceError
from logwatchd.pipeline.health import Health
from logwatchd.sources.troubles import Troubles
from tests.fakes.clock import FakeClock


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("state", "state: database or disk is full", "database or disk is full"),
        ("sink:discord", "discord: HTTP 500", "HTTP 500"),
        ("state", "no room", "no room"),
    ],
)
def test_a_problem_does_not_repeat_its_name(name: str, text: str, shown: str) -> None:
    """It is shown behind its name: `state: state: …` says nothing more."""
    health = Health(FakeClock())
    health.problem(name, text)
    assert health.problems() == {name: shown}


def test_a_trouble_does_not_repeat_its_path() -> None:
    """`status` shows it behind the path, and so does the log."""
    troubles = Troubles()
    troubles.say("/logs/a.log", SourceError("/logs/a.log: Permission denied"))
    assert troubles.by_path() == {"/logs/a.log": "Permission denied"}
