"""Contents that brought down what was reading them: they are tried again, after all others, and then parked.

A run that was brought down once was mostly not brought down by what it read: the next one finishes the job. Only what was being
read both times is put off, until the others are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from probation_etl.contracts.findings import Finding, make
from probation_etl.discreet import Discreet
from probation_etl.reports.not_taken import NotTaken
from probation_etl.runs.looking import Arrival
from probation_etl.runs.session import RunSession
from probation_etl.stores import Failure, Trouble
from probation_etl.stores.failures import What

_PUT_OFF = "two runs were brought down while they were at this file, so the others are taken first"
#: From how many attempts on a content is put off.
_PUT_OFF_AFTER = 2


@dataclass(frozen=True)
class Parking(Discreet):
    """What contents have brought down.

    Attributes:
        troubles: What each has brought down, by SHA-256.
        left: Those at which the runs just before this one were brought down.
    """

    troubles: Mapping[str, Trouble]
    left: frozenset[str]

    @classmethod
    def of(cls, session: RunSession) -> Parking:
        """Asks the ledger, after what runs left that were brought down was written into it."""
        left = session.at_work.left() if session.at_work else []
        # A power cut may bring back the word of a run that was loaded.
        loaded = session.store.ledger.runs_of({each.run_id for each in left})
        left = [each for each in left if each.run_id not in loaded]
        for each in left:
            session.store.failures.add(each)
        return cls(session.store.failures.troubles(), frozenset(each.sha256 for each in left))

    def is_tried_again(self, sha256: str) -> bool:
        """Whether a content is read again that the ledger has already, because its reader was brought down."""
        trouble = self.troubles.get(sha256)
        return trouble is not None and trouble.last.what == "reader"

    def readable(self, session: RunSession, seen: Iterable[Arrival]) -> list[Arrival]:
        """The files that are read now. Of those that are parked or put off the operator is told."""
        files = [each for each in seen if not self._is_parked(session, each)]
        if not any(each.is_new and each.sha256 not in self.troubles for each in files):
            # Nothing else would be lost with this run.
            return files
        put_off = [each for each in files if each.is_new and self._is_put_off(each.sha256)]
        session.not_taken += (NotTaken(each.name, "waiting", _PUT_OFF) for each in put_off)
        return [each for each in files if each not in put_off]

    def last_first(self, sha256: str) -> int:
        """What comes last: the content that has brought most down."""
        return self.troubles[sha256].attempts if sha256 in self.troubles else 0

    def _is_put_off(self, sha256: str) -> bool:
        return sha256 in self.left and self.last_first(sha256) >= _PUT_OFF_AFTER

    def _is_parked(self, session: RunSession, arrival: Arrival) -> bool:
        trouble = self.troubles.get(arrival.sha256)
        if trouble is None or not trouble.is_parked:
            return False
        session.not_read(arrival.name, _parked(trouble, session.address))
        return True


def note_reading(session: RunSession, arrival: Arrival, *, failed: bool, parking: Parking) -> None:
    """Writes down that a content brought its reader down, or that one that has brought something down does so no more."""
    what: What
    if failed:
        what = "reader"
    elif arrival.sha256 in parking.troubles and session.changed:
        what = "nothing"
    else:
        return
    record = session.record
    session.store.failures.add(Failure(record.run_id, arrival.sha256, arrival.name, record.program_version, what))


def _parked(trouble: Trouble, address: str) -> Finding:
    last = trouble.last
    what = "the run" if last.what == "run" else "the process that reads such files"
    text = f"Reading this content brought down {what} {trouble.attempts} times, last in run {last.run_id}. It is not read any more."
    command = f"probation-etl store unpark {address} {last.sha256[:12]}"
    hint = f"Ask for the file to be made anew, and take this one out of the inbox. To have it read again: {command}"
    return make("parked-file", expected=text, hint=hint)
