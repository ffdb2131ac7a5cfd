"""What a model says is shown as checked only where its quote stands in what it was sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.diagnosis import (
    NO_COMMIT,
    Answer,
    CauseKind,
    Claim,
    Diagnosis,
    DiagnosisWhy,
    Effort,
    Evidence,
    Recommendation,
    Verified,
)
from logwatchd.domain.diagnosis_json import diagnosis_from, diagnosis_values
from logwatchd.domain.evidence import Piece, stands_in, verified
from logwatchd.domain.tainted import Tainted
from tests.fakes.clock import NOON

SOURCE = "fn load() {\n    let pool = Pool::new(5);\n    pool.get().await?;\n}"
PIECES = {
    "e1": Piece(reference="e1", text="message: pool timed out\nimpl"),
    "s1": Piece(
        reference="s1", text=f"src/db.rs\n{SOURCE}", path="src/db.rs", start=40, source=SOURCE
    ),
    "c1": Piece(reference="c1", text="commit 5d41 lowers it", commit="5d41", summary="lowers it"),
}
POOL = Evidence("s1", "let pool = Pool::new(5);")
LOG = Evidence("e1", "pool timed out")
MADE_UP = Evidence("s1", "let pool = Pool::new(500);")


def answered(*evidence: Evidence, claims: tuple[Claim, ...] = (), **changes: object) -> Verified:
    """Check an answer whose cause rests on this evidence."""
    ordinary: dict[str, object] = {
        "cause": Claim(Tainted("the pool is too small"), evidence),
        "kind": CauseKind.CAPACITY,
        "impact": Claim(Tainted("requests fail"), (LOG,)),
        "claims": claims,
        "recommendations": (Recommendation(Tainted("raise it"), Effort.MINUTES),),
        "suspect": NO_COMMIT,
        "code_change": True,
        "file": Tainted("src/db.rs"),
        "unknown": (Tainted("the load"),),
        "confidence": 0.9,
    }
    return verified(Answer(**(ordinary | changes)), PIECES)  # type: ignore[arg-type] # by name


def test_a_quote_that_stands_there_is_found_with_its_line() -> None:
    """The card leads to the very line."""
    [found] = answered(POOL).cause.found

    assert found.place == Tainted("src/db.rs:41")
    assert found.quote == Tainted(POOL.quote)


@pytest.mark.parametrize(
    "evidence",
    [
        MADE_UP,
        Evidence("s2", POOL.quote),
        Evidence("e1", POOL.quote),
        Evidence("s1", "let pool = Pool::new(5) ;"),
        Evidence("s1", "LET POOL = POOL::NEW(5);"),
        Evidence("s1", ""),
        Evidence("s1", "{"),
        Evidence("s1", "pool"),
        Evidence("s1", "    \n"),
    ],
)
def test_a_quote_that_does_not_is_never_shown(evidence: Evidence) -> None:
    """Another piece, another space, another letter: then it is not what was sent."""
    checked = answered(evidence)

    assert checked.cause.found == ()
    assert checked.confidence == 0
    assert (checked.quotes, checked.found) == (1, 0)


def test_confidence_is_at_most_the_share_of_quotes_that_were_found() -> None:
    """Who invents half of the evidence knows half at most."""
    assert answered(POOL, MADE_UP).confidence == 50
    assert answered(POOL, confidence=0.4).confidence == 40
    assert answered(POOL, confidence=7.0).said == 100


def test_a_claim_without_evidence_is_dropped_and_counts_against_it() -> None:
    """What nobody can check is not printed as if it were known."""
    bare, good = Claim(Tainted("it is the moon")), Claim(Tainted("it waits"), (LOG,))
    checked = answered(POOL, claims=(bare, good))

    assert [each.text for each in checked.claims] == [Tainted("it waits")]
    assert (checked.dropped, checked.confidence) == (1, 66)


def test_a_cause_that_only_repeats_the_log_is_no_more_than_likely() -> None:
    """That the message stands in the message proves nothing."""
    assert answered(LOG).confidence == 60


def test_a_cause_without_evidence_stays_a_hypothesis_however_sound_the_rest() -> None:
    """Ten true quotes about other things do not make it true."""
    sound = tuple(Claim(Tainted("so"), (POOL,)) for _ in range(9))

    assert answered(claims=sound).confidence == 30


@pytest.mark.parametrize(
    ("said", "suspect", "false"),
    [
        ("c1", "5d41", False),
        (NO_COMMIT, "", False),
        ("c9", "", True),
        ("5d41", "", True),
        ("s1", "", True),
        ("", "", True),
    ],
)
def test_only_a_commit_that_was_offered_can_be_suspect(
    said: str, suspect: str, *, false: bool
) -> None:
    """Models name innocent commits; at least it is one that touched the lines."""
    checked = answered(POOL, suspect=said)

    assert (checked.suspect, checked.false_suspect) == (suspect, false)


def test_a_file_that_was_not_sent_is_not_named() -> None:
    """A path of the model's own making leads nowhere, or where an attacker wants."""
    assert answered(POOL, file=Tainted("../../etc/passwd")).file == Tainted("")
    assert answered(POOL).file == Tainted("src/db.rs")


@given(st.text(max_size=40), st.text(max_size=200))
def test_what_stands_in_a_text_is_in_it_byte_for_byte(quote: str, text: str) -> None:
    """Equality of texts is equality of bytes; nothing is folded, trimmed or normalised."""
    if stands_in(quote, text):
        assert quote.encode("utf-8", "surrogatepass") in text.encode("utf-8", "surrogatepass")


def test_a_short_quote_must_be_a_whole_line() -> None:
    """`{` stands in every source."""
    assert stands_in("impl", "a\nimpl\nb")
    assert not stands_in("impl", "simple")


def test_a_diagnosis_survives_as_json() -> None:
    """The state keeps it as text, and commands print it."""
    diagnosis = Diagnosis(
        why=DiagnosisWhy.DIAGNOSED,
        at=NOON,
        episode=2,
        verified=answered(POOL, claims=(Claim(Tainted("it waits"), (LOG,)),), suspect="c1"),
        model="m",
        prompt="1:ab",
        cost=7,
        commit="5d41",
        without=("source",),
    )

    assert diagnosis_from(json.loads(json.dumps(diagnosis_values(diagnosis)))) == diagnosis
