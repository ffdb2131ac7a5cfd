from typing import Any

import pytest

from logwatchd.domain.redact import Redactor
from logwatchd.errors import RejectedError
from logwatchd.outgoing import BODY_LIMIT, Body, Checked, Shape, checked

SECRET = "made-up-" + "canary-" + "value"
REDACTOR = Redactor(own_secrets=[SECRET])


def look_at(text: str, *, breaches: tuple[str, ...] = ()) -> Checked:
    """Look at a body of one text."""
    shape = Shape(
        destination="there",
        breaches=lambda _: breaches,
        texts=lambda body: [str(body["text"])],
    )
    return checked({"text": text}, shape, redact=REDACTOR.text)


def test_what_was_looked_at_is_what_is_sent() -> None:
    """Nothing can be changed between the look and the wire."""
    assert look_at("가").content == '{"text":"가"}'.encode()


def test_nothing_else_makes_a_checked_body() -> None:
    """The look cannot be forgotten, only gone through."""
    make: Any = Checked
    with pytest.raises(TypeError):
        make(b"{}")
    with pytest.raises(TypeError):
        make(b"{}", object())
    assert repr(look_at(SECRET[:4])) == "Checked(15 bytes)"


def test_every_breach_of_the_shape_is_named_and_nothing_of_the_body() -> None:
    """A mistake of ours is mended by its name."""
    with pytest.raises(RejectedError) as caught:
        look_at(SECRET, breaches=("title", "fields"))
    assert str(caught.value) == "there: own body refused: fields, title"


@pytest.mark.parametrize(
    "text",
    [
        f"token {SECRET} end",
        f"made-up-\u200bcanary-{SECRET[15:]}",
        SECRET.encode().hex(),
    ],
)
def test_a_secret_does_not_leave_however_it_is_dressed(text: str) -> None:
    """Each part was redacted before it was drawn; this finds what was overlooked."""
    with pytest.raises(RejectedError, match="own secret") as caught:
        look_at(text)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("sign", ["\x1b", "\u202e", "\U000e0041", "\ud800", "\ufe0f", "\r"])
def test_what_nobody_sees_does_not_leave(sign: str) -> None:
    """Only the zero-width spaces that we put there ourselves may."""
    with pytest.raises(RejectedError, match="invisible"):
        look_at(f"a{sign}b")
    assert look_at("a\u200bb").content


def test_a_body_that_is_too_large_is_not_sent() -> None:
    """A mistake of ours must not become megabytes on the wire."""
    shape = Shape(destination="there", breaches=lambda _: (), texts=lambda _: ())
    body: Body = {"text": "x" * BODY_LIMIT}
    with pytest.raises(RejectedError, match="size"):
        checked(body, shape, redact=str)
