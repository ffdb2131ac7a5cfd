"""What took part in naming a problem, as a value: `logwatchd why` prints it."""

from dataclasses import dataclass
from enum import StrEnum

from logwatchd.domain.aliases import Join
from logwatchd.domain.event import Event
from logwatchd.domain.fingerprint import Component, Fingerprinter, components, texts_of
from logwatchd.domain.identity import Identity


class NamedBy(StrEnum):
    """Who decided what counts."""

    CONTENT = "content"
    EVENT = "event"
    RULE = "rule"
    RULE_AND_CONTENT = "rule_and_content"


@dataclass(frozen=True, slots=True)
class Mask:
    """One value that does not count.

    Attributes:
        text: What stood there, redacted as the event is.
        shown: What stands for it in the template.
    """

    text: str
    shown: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an event has the fingerprint it has.

    Attributes:
        identity: The fingerprint, the template and the skeleton.
        named_by: Who decided what counts.
        components: What counts of the content; also filled when a rule replaced it, to compare.
        masks: What went, in the order found.
        keeps: What a team's `[[keep]]` kept.
        rule: Which `[[fingerprint]]` fitted, as settings name it: `fingerprint.0`; "" for none.
        parts: The parts that it gave, with values for its variables.
        join: Why it belongs to an older group; None when it does not, or nobody has looked.
    """

    identity: Identity
    named_by: NamedBy
    components: tuple[Component, ...]
    masks: tuple[Mask, ...]
    keeps: tuple[str, ...]
    rule: str = ""
    parts: tuple[str, ...] = ()
    join: Join | None = None


def explain(event: Event, fingerprinter: Fingerprinter) -> Explanation:
    """Say every component, mask, keep and override that took part in naming a problem.

    Args:
        event: The event, as it was or would be named.
        fingerprinter: Of the configuration in question.

    Returns:
        All but the join: which groups there are is known to the state alone, so whoever asks it
        puts the join in.
    """
    masker = fingerprinter.masker
    found = [masker.explained(text) for text in texts_of(event) if text]
    masks = tuple(Mask(text, shown) for _, seen, _ in found for text, shown in seen)
    keeps = tuple(each for _, _, kept in found for each in kept)
    overridden = fingerprinter.overridden(event)
    named_by = NamedBy.CONTENT
    if event.fields.get("fingerprint"):
        named_by, overridden = NamedBy.EVENT, None
    elif overridden is not None:
        named_by = NamedBy.RULE_AND_CONTENT if overridden.refines else NamedBy.RULE
    return Explanation(
        identity=fingerprinter.identify(event),
        named_by=named_by,
        components=tuple(components(event, masker)),
        masks=masks,
        keeps=keeps,
        rule=overridden.rule if overridden else "",
        parts=overridden.parts if overridden else (),
    )
