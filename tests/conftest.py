"""What every test may rely on."""

import sys
import threading

import pytest


@pytest.fixture(autouse=True)
def _hooks_of_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give pytest its hooks back: commands that run here in one process set their own."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
