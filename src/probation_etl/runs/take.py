"""Takes the files of an inbox: validates and loads what is new, and says what has become of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath

from probation_etl.contracts.findings import Finding, make
from probation_etl.errors import UnreadableFile
from probation_etl.intake.assess import assess, too_large
from probation_etl.intake.result import ReturnResult
from probation_etl.journal import tell
from probation_etl.reports.model import ReturnReport
from probation_etl.reports.not_taken import NotTaken
from probation_etl.runs.arrivals import arrivals
from probation_etl.runs.claims import Claims, content_of_another
from probation_etl.runs.inbox import read_file
from probation_etl.runs.listing import Listing
from probation_etl.runs.looking import Arrival, look
from probation_etl.runs.order import NewestBy
from probation_etl.runs.session import RunSession
from probation_etl.runs.shrunk import shrunk
from probation_etl.runs.superseded import Superseded
from probation_etl.stores import Attempt
from probation_etl.stores.matching import entry_of, newest

#: Called before each file with its name, the number of files before it, and the number of all files.
OnFile = Callable[[str, int, int], None]


def take(
    session: RunSession,
    inbox: Listing,
    *,
    newest_by: NewestBy | None = None,
    on_file: OnFile | None = None,
) -> None:
    """Validates and loads the files of an inbox, unless they are known already.

    Args:
        session: The run.
        inbox: What lies in the inbox.
        newest_by: What decides which of several files of one return is the newest; by default nothing does.
        on_file: Called before each file.
    """
    found = arrivals(session, inbox, look(session, inbox), newest_by)
    known: list[tuple[str, Attempt]] = []
    for number, arrival in enumerate(found.files):
        if on_file:
            on_file(arrival.name, number, len(found.files))
        known += ((arrival.name, each) for each in _take_one(session, inbox, arrival, found.claims))
    superseded = Superseded.of(session, {each.sha256 for each in found.files}) if known else None
    for name, entry in known:
        tell("load", "unchanged", message="return unchanged", return_id=entry.return_id, file=name, sheet=entry.sheet)
        told = superseded.findings(entry, name) if superseded else []
        report = ReturnReport.unchanged(entry, name, session.titles, told)
        if told:
            session.tell(report, entry)
        else:
            session.returns.append(report)


def _take_one(session: RunSession, inbox: Listing, arrival: Arrival, claims: Claims) -> Iterator[Attempt]:
    """Validates and loads one file; what is known of it already is given back."""
    entries = session.known(arrival.sha256)
    if not arrival.is_new:
        name = PurePath(arrival.name).name
        yield from (each for each in newest(entries) if PurePath(each.file).name == name)
        return
    try:
        content = read_file(inbox, arrival.path, session.limits)
    except UnreadableFile as error:
        session.not_read(arrival.name, make(error.code, expected=str(error), hint=error.hint))
        return
    if content.sha256 != arrival.sha256:
        # Not in the ledger: the next run takes it as it is then.
        session.not_taken.append(NotTaken(arrival.name, "waiting", "it changed while the run was reading it"))
        return
    for result in _assessed(session, arrival, content.data, claims):
        entry = entry_of(result, entries)
        if entry is None:
            session.load(result)
        elif entry.contested and not result.is_contested:
            session.load(replace(result, id=replace(result.id, attempt=entry.attempt + 1)))
        else:
            yield entry


def _assessed(session: RunSession, arrival: Arrival, data: bytes | None, claims: Claims) -> Iterator[ReturnResult]:
    if data is None:
        return iter([too_large(arrival.name, arrival.sha256, session.limits)])

    def objections(before: ReturnResult, rows: int) -> Iterable[Finding]:
        against = claims.against(before, rows) or _loaded_elsewhere(session, before, rows)
        yield from against or shrunk(before, rows, session.kept)

    store = session.store
    return assess(
        arrival.name, data, session.rulebook, references=store.references, objections=objections, limits=session.limits
    )


def _loaded_elsewhere(session: RunSession, result: ReturnResult, rows: int) -> list[Finding]:
    """What a return of another supplier or period that counts says against one with the same content."""
    claim = result.claim
    for each in session.known(result.sha256) if claim and rows else ():
        other = each.claim
        is_another = claim and other and other.kind == claim.kind and other != claim
        if other and is_another and each.loaded and each.rows_read and session.store.is_current(each.return_id):
            return [content_of_another(each.file, other)]
    return []
