"""Redaction on lines as services write them, and line by line."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.redact import Redactor
from logwatchd.domain.redact_lines import LineRedactor
from tests.fakes.redaction import SampleLine, sample_lines

_REDACTOR = Redactor()
_PIECE = 8
"""Signs of a key that must not be left of it in a row."""


@pytest.mark.parametrize("line", sample_lines(seed=5), ids=lambda line: line.kind)
def test_secrets_of_a_line_go_and_all_that_a_diagnosis_needs_stays(line: SampleLine) -> None:
    """A leak is a leak; a redactor that eats ids and codes is switched off within a week."""
    shown = _REDACTOR.text(line.text)

    assert [secret for secret in line.secrets if secret in shown] == []
    assert [part for part in line.keep if part not in shown] == []
    assert _REDACTOR.text(shown) == shown


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_no_piece_of_a_key_is_left(seed: int) -> None:
    """The end of a key beside a placeholder is half of the work done for whoever wants it."""
    left = []
    for line in sample_lines(seed):
        shown = _REDACTOR.text(line.text)
        for secret in line.secrets:
            around = line.text.replace(secret, "")
            pieces = {secret[at : at + _PIECE] for at in range(len(secret) - _PIECE + 1)}
            if any(piece in shown for piece in pieces if piece not in around):
                left.append((line.kind, shown))

    assert left == []


def test_the_lines_of_a_private_key_go_one_by_one() -> None:
    """Alone, a line of a key looks like nothing."""
    body = "Zq7Rk2Lw9Xv4Tn8Bd3Hs6Jm1Pf5Gc0Ya2WeZq7Rk2Lw9Xv4Tn8Bd3Hs6Jm1Pf5G\n"
    key = "-" * 5
    text = [
        f"got {key}BEGIN PRIVATE " + f"KEY{key}\r\n",
        body,
        body[:20] + "\n",
        f"{key}END PRIVATE " + f"KEY{key}\n",
        body,
        "word\n",
    ]
    lines = LineRedactor(_REDACTOR.text)

    assert [lines.line(each) for each in text] == [
        "got [REDACTED:private_key]\r\n",
        "[REDACTED:private_key]\n",
        "[REDACTED:private_key]\n",
        "[REDACTED:private_key]\n",
        body,
        "word\n",
    ]


_SHOWN: Final = [_REDACTOR.text(line.text) for line in sample_lines(seed=9)]


@settings(deadline=None)
@given(st.lists(st.sampled_from(_SHOWN), min_size=2, max_size=6), st.sampled_from("\n|·`"))
def test_what_is_redacted_once_stays_as_it_is_on_a_card(parts: list[str], between: str) -> None:
    """Texts that leave are redacted again, beside others and inside frames that we draw."""
    card = f"**api** {between} " + f" {between} ".join(parts)

    assert _REDACTOR.text(card) == card
