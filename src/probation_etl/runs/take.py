"""Takes the files of an inbox: validates and loads what is new, and says what has become of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from probation_etl.contracts.findings import Finding, make
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.assess import too_large
from probation_etl.intake.claims import Claim
from probation_etl.intake.finished import finished_returns
from probation_etl.intake.result import ReturnResult
from probation_etl.journal import tell
from probation_etl.reports.not_taken import NotTaken
from probation_etl.reports.return_report import ReturnReport
from probation_etl.runs.ahead import Ahead, Desk
from probation_etl.runs.archive import put_away
from probation_etl.runs.arrivals import Arrivals, arrivals
from probation_etl.runs.claims import Claims, content_of_another
from probation_etl.runs.deliveries import delivered
from probation_etl.runs.held import HeldFile
from probation_etl.runs.judges import LARGE, judges_for
from probation_etl.runs.known_files import KnownFiles
from probation_etl.runs.left_out_of_correction import LeftOutOfCorrection
from probation_etl.runs.listing import Listing
from probation_etl.runs.looking import Arrival, look
from probation_etl.runs.order import NewestBy
from probation_etl.runs.parking import Parking, note_reading
from probation_etl.runs.session import RunSession
from probation_etl.runs.settling import settled
from probation_etl.runs.shrunk import shrunk
from probation_etl.runs.superseded import Superseded
from probation_etl.stages import spending
from probation_etl.stores import Attempt
from probation_etl.stores.matching import entry_of, newest

#: Called before each file with its name, the number of files before it, and the number of all files.
OnFile = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Manner(Discreet):
    """How the files of an inbox are taken.

    Attributes:
        newest_by: What decides which of several files of one return is the newest; by default nothing does.
        settle: For how many seconds a new file must not have changed; others wait for the next run.
        archive: Where files are moved once they are loaded or rejected and reported; by default they stay.
        workers: How many processes judge small files; by default as many as there are processors, if there are enough files.
    """

    newest_by: NewestBy | None = None
    settle: float = 0
    archive: Path | None = None
    workers: int | None = None


def take(
    session: RunSession,
    inbox: Listing,
    manner: Manner,
    *,
    noted: KnownFiles | None = None,
    on_file: OnFile | None = None,
) -> None:
    """Validates and loads the files of an inbox, unless they are known already.

    Args:
        session: The run.
        inbox: What lies in the inbox.
        noted: What earlier runs found in its files; by default nothing is known.
        manner: How they are taken.
        on_file: Called before each file.
    """
    parking = Parking.of(session)
    noted = noted or KnownFiles()
    with spending("look"):
        seen = look(session, inbox, noted, parking.is_tried_again)
    ready = delivered(session, settled(session, inbox, parking.readable(session, seen), manner.settle))
    known: list[tuple[str, Attempt]] = []
    finished = []
    small = sum(each.is_new and each.stamp.size <= LARGE for each in ready)
    with judges_for(manner.workers, small, session.rulebook, session.limits) as judges:
        desk = Desk(session, inbox, judges)
        found = arrivals(desk, ready, parking, manner.newest_by)
        ahead = Ahead(desk, [each for each in found.files if each.is_new and not found.held.has(each.name)])
        for number, arrival in enumerate(found.files):
            if on_file:
                on_file(arrival.name, number, len(found.files))
            taken = _take_one(session, arrival, found, parking, ahead)
            known += ((arrival.name, each) for each in taken.known)
            if taken.is_nothing_new:
                last = session.known(arrival.sha256)[-1]
                noted.note_judged(arrival.stamp, session.record.contracts_digest, last.sequence)
            finished += [arrival] if taken.is_finished else []
    _tell_known(session, known, {each.sha256 for each in seen}, arrived=manner.archive is not None)
    if manner.archive is not None:
        folder = manner.archive / session.record.run_id
        session.afterwards.append(lambda: put_away(inbox, finished, folder))


def _tell_known(
    session: RunSession, known: Sequence[tuple[str, Attempt]], present: Iterable[str], *, arrived: bool
) -> None:
    """Says what has become of returns that the ledger has already."""
    superseded = Superseded.of(session, present, arrived=arrived) if known else None
    for name, entry in known:
        tell("load", "unchanged", message="return unchanged", return_id=entry.return_id, file=name, sheet=entry.sheet)
        told = superseded.findings(entry, name) if superseded else []
        report = ReturnReport.unchanged(entry, name, session.titles, told)
        if told:
            session.tell(report, entry)
        else:
            session.add(report)


@dataclass
class _Taken(Discreet):
    """What became of one file.

    Attributes:
        known: Returns of it that the ledger has already.
        is_finished: Whether no later run has anything to do with it.
        is_nothing_new: Whether it was judged, and the ledger has all of it already.
    """

    known: list[Attempt] = field(default_factory=list)
    is_finished: bool = True
    is_nothing_new: bool = False


def _take_one(session: RunSession, arrival: Arrival, found: Arrivals, parking: Parking, ahead: Ahead) -> _Taken:
    """Validates and loads one file; what is known of it already is given back."""
    entries = session.known(arrival.sha256)
    if not arrival.is_new:
        return _Taken([each for each in newest(entries) if session.same_name(each.file, arrival.name)])
    try:
        with session.reading(arrival.name, arrival.sha256):
            file = found.held.released(arrival.name) or ahead.file(arrival)
    except UnreadableFile as error:
        session.not_read(arrival.name, make(error.code, expected=str(error), hint=error.hint))
        return _Taken(is_finished=False)
    if file.content.sha256 != arrival.sha256:
        # Not in the ledger: the next run takes it as it is then.
        session.not_taken.append(NotTaken(arrival.name, "waiting", "it changed while the run was reading it"))
        return _Taken(is_finished=False)
    taken, failed, loaded = _Taken(), False, False
    with session.reading(arrival.name, arrival.sha256):
        for result in _finished(session, arrival, file, found.claims):
            entry = entry_of(result, entries)
            failed |= result.brought_down
            taken.is_finished &= not (result.is_contested or result.brought_down)
            if entry is None:
                session.load(result)
            elif result.brought_down or (entry.contested and not result.is_contested):
                session.load(replace(result, id=replace(result.id, attempt=entry.attempt + 1)))
            else:
                taken.known.append(entry)
                continue
            loaded = True
    taken.is_nothing_new = bool(taken.known) and not loaded
    note_reading(session, arrival, failed=failed, parking=parking)
    return taken


def _finished(session: RunSession, arrival: Arrival, file: HeldFile, claims: Claims) -> Iterator[ReturnResult]:
    if file.judged is None:
        return iter([too_large(arrival.name, arrival.sha256, file.content.refused)])

    left_out = LeftOutOfCorrection(session, file.claims)

    def objections(before: ReturnResult, rows: int) -> Iterable[Finding]:
        yield from left_out.findings(before)
        against = claims.against(before, rows) or _loaded_elsewhere(session, before, rows, file.claims)
        yield from against or shrunk(before, rows, session.kept)

    return finished_returns(file.judged(), session.rulebook, session.store.references, objections)


def _loaded_elsewhere(
    session: RunSession, result: ReturnResult, rows: int, together: frozenset[Claim]
) -> list[Finding]:
    """What a return of another supplier or period with the same content says, unless it was withdrawn.

    It need not count: a file that was corrected since is that of another period all the same.

    Args:
        session: The run.
        result: What is known of the return.
        rows: The number of its rows.
        together: What the returns of its file claim to be.
    """
    claim = result.claim
    # Mostly there is none, which is known without a question for each sheet of a workbook.
    if not claim or not rows or not any(_is_another(each, claim, together) for each in session.claimed(result.sha256)):
        return []
    for each in session.known(result.sha256):
        other = each.claim
        if (
            other
            and _is_another(other, claim, together)
            and each.loaded
            and each.rows_read
            and session.store.ledger.stands(each.return_id)
        ):
            return [content_of_another(each.file, other)]
    return []


def _is_another(other: Claim | None, claim: Claim, together: frozenset[Claim]) -> bool:
    return other is not None and other.kind == claim.kind and other != claim and other not in together
