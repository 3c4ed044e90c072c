"""Who has sent what, and who has not: one line for each organisation, return and period, on a given day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.organisations import Reference
from probation_etl.status.arrivals import Arrived, arrivals
from probation_etl.status.calendar import Calendar, Expected, Sent
from probation_etl.status.model import ParkedFile, SilentReturn, StatusLine, StatusReport, Submission
from probation_etl.stores import LedgerEntry, Store
from probation_etl.unified.activity import ActivityException


class _Key(NamedTuple):
    supplier: str
    kind: str
    period_end: date


def status(
    store: Store,
    contracts: Contracts,
    reference: Reference,
    *,
    on: date,
    since: date | None = None,
    unallocated: Mapping[str, int] | None = None,
    exceptions: Iterable[ActivityException] = (),
) -> StatusReport:
    """What has been received, what is missing and what is not yet due, as the store shows it now.

    For an earlier day, call it inside ``store.as_it_was(arrivals.end_of(on))``.

    Args:
        store: The store.
        contracts: The contracts of its returns.
        reference: Organisations and bank holidays.
        on: The day by which returns are due or not.
        since: The first period end to include; by default the first that any organisation has sent a return for.
        unallocated: How many rows of each return a lookup found no value for, by ``return_id``.
        exceptions: Counts outside the band of their history and peers, as on the page of a run.
    """
    picture = _Picture(Calendar.of(contracts, reference), arrivals(store, unallocated or {}), on, since)
    return StatusReport(
        on, picture.begun, tuple(picture.lines()), tuple(picture.silent()), tuple(exceptions), tuple(_parked(store))
    )


def without_rows(report: StatusReport) -> StatusReport:
    """The report where the user of the store may read its ledger but not the rows: what follows from these is not known."""
    lines = tuple(replace(each, rows_unallocated=None) for each in report.lines)
    return replace(report, lines=lines, left_out=("exceptions", "rows_unallocated"))


def _parked(store: Store) -> Iterator[ParkedFile]:
    """Files that no run reads any more, by name."""
    for each in sorted(store.failures.troubles().values(), key=lambda each: (each.last.file, each.last.sha256)):
        last = each.last
        if each.is_parked:
            yield ParkedFile(last.file, last.sha256, each.attempts, last.what, last.run_id)


class _Picture:
    """What has come, beside what is expected."""

    def __init__(self, calendar: Calendar, arrived: list[Arrived], on: date, since: date | None) -> None:
        self._calendar, self._on = calendar, on
        self._since = since or date.min
        self.begun = min((each.came for each in arrived), default=None)
        self._identified: set[str] = set()
        self._received: dict[_Key, list[Arrived]] = defaultdict(list)
        self._unknown: list[Arrived] = []
        self._sent: dict[str, dict[date, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for each in arrived:
            self._take(each)
        self._expected: dict[str, dict[date, Expected]] = {
            kind: {each.period_end: each for each in calendar.expected(kind, self._sent_of(kind), on=on, since=since)}
            for kind in calendar.kinds
        }

    def _take(self, arrived: Arrived) -> None:
        entry = arrived.entry
        if entry.supplier_code is None or entry.kind is None or entry.period_end is None:
            self._unknown.append(arrived)
            return
        self._identified.add(entry.sha256)
        key = _Key(entry.supplier_code, entry.kind, entry.period_end)
        self._received[key].append(arrived)
        if not entry.withdrawn:
            self._sent[key.kind][key.period_end][key.supplier] = entry.supplier_name or key.supplier

    def _sent_of(self, kind: str) -> Sent:
        return self._sent.get(kind, {})

    def lines(self) -> Iterator[StatusLine]:
        """Every line, by supplier, return and period; what could not be identified comes last."""
        names = {
            _Key(supplier, kind, end): name
            for kind, expected in self._expected.items()
            for end, each in expected.items()
            for supplier, name in each.suppliers.items()
        }
        for key in sorted({*self._received, *names}):
            if key.period_end >= self._since:
                yield self._line(key, names.get(key))
        yield from (self._unidentified(each) for each in self._unknown if not self._was_read_later(each.entry))

    def _was_read_later(self, entry: LedgerEntry) -> bool:
        """Whether a file of which nothing was known could be read by a later run, which has a line for it."""
        return entry.contract_id is None and entry.sheet is None and entry.sha256 in self._identified

    def silent(self) -> Iterator[SilentReturn]:
        """Returns that have stopped coming, with the last period that any came for."""
        for kind in sorted(self._calendar.kinds):
            last = self._calendar.silent_since(kind, self._sent_of(kind), on=self._on)
            if last is not None:
                yield SilentReturn(kind, self._title(kind), last)

    def _line(self, key: _Key, name: str | None) -> StatusLine:
        arrived = self._received.get(key, [])
        due = self._calendar.due(key.kind, key.period_end)
        counting = [each for each in arrived if not each.entry.withdrawn]
        acceptable = [each for each in counting if each.entry.loaded]
        received = min((each.came for each in acceptable), default=None)
        expected = self._expected.get(key.kind, {})
        line = StatusLine(
            supplier_code=key.supplier,
            supplier_name=name,
            contract_id=key.kind,
            title=self._title(key.kind),
            period_end=key.period_end,
            state="missing" if due is not None and due < self._on else "expected",
            due=due,
            received=received,
            working_days_late=self._late(key, due, received),
            correction=len(acceptable) > 1,
            off_cycle=bool(expected) and key.period_end <= self._on and key.period_end not in expected,
        )
        if not arrived:
            return line
        shown = next((each for each in counting if each.entry.is_current), (counting or arrived)[-1])
        return _with_return(line, shown.entry, arrived)

    def _late(self, key: _Key, due: date | None, received: date | None) -> int | None:
        """Working days after the due day; None where that is unknown, or where the return has not come and is not due."""
        level = self._calendar.kinds[key.kind][-1].service_level if key.kind in self._calendar.kinds else None
        if level is None or due is None or (received is None and self._on <= due):
            return None
        # Returns due long before the first run were loaded later from a backlog: their day of arrival is unknown.
        kept = level.frequency.after(due) if level.frequency else due
        known = self.begun is None or kept >= self.begun
        return self._calendar.days.late(due, received or self._on) if known else None

    def _title(self, kind: str) -> str:
        return self._calendar.kinds[kind][-1].title if kind in self._calendar.kinds else kind

    def _unidentified(self, arrived: Arrived) -> StatusLine:
        """A line for a file of which it is not known whose return it is, or for which period."""
        entry = arrived.entry
        line = StatusLine(
            supplier_code=entry.supplier_code,
            supplier_name=entry.supplier_name,
            contract_id=entry.contract_id,
            title=self._title(entry.kind) if entry.kind else None,
            period_end=entry.period_end,
            state=_state(entry),
        )
        return _with_return(line, entry, [arrived])


def _state(entry: LedgerEntry) -> str:
    """A verdict, or ``withdrawn``; a nil return is called so unless there is more to say of it."""
    if entry.withdrawn:
        return "withdrawn"
    return "nil" if entry.is_nil and entry.verdict == "accepted" else entry.verdict


def _with_return(line: StatusLine, shown: LedgerEntry, arrived: Iterable[Arrived]) -> StatusLine:
    """A line with the return that is shown for it, and all that came for it."""
    listed = tuple(arrived)
    return replace(
        line,
        supplier_name=shown.supplier_name,
        contract_id=shown.contract_id,
        state=_state(shown),
        verdict=shown.verdict,
        nil=shown.is_nil,
        withdrawn=shown.withdrawn,
        rows_unallocated=sum(each.unallocated for each in listed),
        rows_read=shown.rows_read,
        rows_accepted=shown.rows_accepted,
        rows_quarantined=shown.rows_quarantined,
        errors=shown.errors,
        warnings=shown.warnings,
        file=shown.file,
        sheet=shown.sheet,
        return_id=shown.return_id,
        run_id=shown.run_id,
        arrivals=tuple(
            Submission(each.came, _state(each.entry), each.entry.file, each.entry.return_id) for each in listed
        ),
    )
