"""`logwatchd feedback`: say whether a diagnosis was right."""

from argparse import Namespace
from typing import Final

from logwatchd.cli import DONE, FAILED
from logwatchd.cli.ask import one
from logwatchd.cli.output import print_json, say
from logwatchd.domain.cleaning import visible
from logwatchd.domain.feedback import Feedback, FeedbackSource
from logwatchd.domain.incident import short_id
from logwatchd.settings import load
from logwatchd.store import diagnoses, queries
from logwatchd.store import feedback as feedbacks
from logwatchd.store.files import opened_beside
from logwatchd.wiring import SystemClock

_WHY_LIMIT: Final = 500


def feedback(options: Namespace) -> int:
    """Keep what somebody thinks of the last diagnosis of a problem."""
    flags = {"state_dir": str(options.state)} if options.state else {}
    loaded = load(flags=flags, file=options.config, to_run=False)
    good = options.verdict == "up"
    said = Feedback(
        source=FeedbackSource.COMMAND,
        up=int(good),
        down=int(not good),
        why=loaded.redactor.text(visible(options.why or ""))[:_WHY_LIMIT],
        at=SystemClock().now(),
    )
    with opened_beside(loaded.state_dir, write=True) as db:
        incident = one(queries.find(db, options.id), options.id)
        if incident is None:
            return FAILED
        diagnosis = diagnoses.load(db, incident.fingerprint)
        if diagnosis is None or diagnosis.verified is None:
            say(f"logwatchd: {short_id(incident.fingerprint)} has no diagnosis")
            return FAILED
        feedbacks.save(db, incident, diagnosis, said)
    if options.json:
        print_json({"fingerprint": incident.fingerprint, "up": said.up, "down": said.down})
        return DONE
    say(f"the diagnosis of {short_id(incident.fingerprint)} was {'right' if good else 'wrong'}")
    return DONE
