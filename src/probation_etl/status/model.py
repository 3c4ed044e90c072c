"""Who has sent what, as the values that the status page and the terminal show; ``as_dict`` gives the JSON that is promised.

The shape of the JSON is published in ``docs/reference/schemas/status.schema.json``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any

from probation_etl.discreet import Discreet
from probation_etl.reports.wording import iso
from probation_etl.unified.activity import ActivityException

FORMAT_VERSION = "1"
#: States of returns whose rows count.
RECEIVED = ("accepted", "accepted_with_warnings", "partly_accepted", "nil")


@dataclass(frozen=True)
class Submission(Discreet):
    """One of the returns that came for a line: the day, and what became of it."""

    on: date
    state: str
    file: str
    return_id: str

    def as_dict(self) -> dict[str, Any]:
        """The submission as JSON."""
        return {**vars(self), "on": self.on.isoformat()}


@dataclass(frozen=True, kw_only=True)
class StatusLine(Discreet):
    """One return of one organisation for one period: what has come for it, or that nothing has.

    Attributes:
        state: A verdict, or ``nil``, ``withdrawn``, ``missing`` or ``expected`` (not yet due).
        due: The last day on which it is in time; None where nothing is agreed.
        received: The day on which the first return came that counts.
        working_days_late: Working days after ``due``; None where that is unknown, or not yet.
        correction: Whether more than one acceptable return has come.
        off_cycle: Whether the period is not one for which this return is expected.
        rows_unallocated: Rows for which a lookup found no value.
        file: File of the return that the line shows; None, as all below, where nothing has come.
        arrivals: All that has come for it, in the order of arrival.
    """

    supplier_code: str | None
    supplier_name: str | None
    contract_id: str | None
    title: str | None
    period_end: date | None
    state: str
    due: date | None = None
    received: date | None = None
    working_days_late: int | None = None
    correction: bool = False
    off_cycle: bool = False
    verdict: str | None = None
    nil: bool = False
    withdrawn: bool = False
    rows_unallocated: int | None = None
    rows_read: int | None = None
    rows_accepted: int | None = None
    rows_quarantined: int | None = None
    errors: int | None = None
    warnings: int | None = None
    file: str | None = None
    sheet: str | None = None
    return_id: str | None = None
    run_id: str | None = None
    arrivals: tuple[Submission, ...] = ()

    @property
    def is_identified(self) -> bool:
        """Whether it is known whose return it is, and for which period."""
        return bool(self.supplier_code and self.contract_id and self.period_end)

    @property
    def is_received(self) -> bool:
        """Whether a return has come whose rows count."""
        return self.state in RECEIVED

    @property
    def is_late(self) -> bool:
        """Whether it came after its due day, or has not come and is overdue."""
        return (self.working_days_late or 0) > 0

    def as_dict(self) -> dict[str, Any]:
        """The line as JSON."""
        days = {name: iso(getattr(self, name)) for name in ("period_end", "due", "received")}
        return {**vars(self), **days, "arrivals": [each.as_dict() for each in self.arrivals]}


@dataclass(frozen=True)
class StatusCounts:
    """How many lines are in which state; lines that are not identified are counted in ``unidentified`` alone."""

    due: int
    received: int
    late: int
    nil: int
    partly_accepted: int
    corrected: int
    rejected: int
    withdrawn: int
    missing: int
    expected: int
    unidentified: int


@dataclass(frozen=True)
class SilentReturn(Discreet):
    """A return that has stopped coming, with the last period for which any organisation sent it."""

    contract_id: str
    title: str
    period_end: date

    def as_dict(self) -> dict[str, Any]:
        """The return as JSON."""
        return {**vars(self), "period_end": self.period_end.isoformat()}


@dataclass(frozen=True)
class ParkedFile(Discreet):
    """A file that no run reads any more, because reading it brought something down too often.

    Attributes:
        file: Its path in the inbox when it was last read.
        attempts: How often it was read.
        brought_down: ``run``, or ``reader`` for the process that reads such files.
        run_id: The last run that read it.
    """

    file: str
    sha256: str
    attempts: int
    brought_down: str
    run_id: str


@dataclass(frozen=True)
class StatusReport(Discreet):
    """Who has sent what, and who has not, as the store shows it on a day.

    Attributes:
        begun: Day of the first run on the store; None where there was none.
        lines: By supplier, return and period; those that are not identified come last.
        silent: Returns that have stopped coming.
        exceptions: Counts outside the band of their history and peers.
        parked: Files that no run reads any more, now, whatever the day.
        left_out: Keys of the JSON that are not known, because the user of the store may not read the rows themselves.
    """

    on: date
    begun: date | None
    lines: tuple[StatusLine, ...]
    silent: tuple[SilentReturn, ...] = ()
    exceptions: tuple[ActivityException, ...] = ()
    parked: tuple[ParkedFile, ...] = ()
    left_out: tuple[str, ...] = ()

    def identified(self) -> Iterator[StatusLine]:
        """The lines of which it is known whose return they are, and for which period."""
        return (each for each in self.lines if each.is_identified)

    @cached_property
    def counts(self) -> StatusCounts:
        """How many lines are in which state."""
        known = list(self.identified())
        states = Counter(each.state for each in known)
        received = [each for each in known if each.is_received]
        return StatusCounts(
            due=len(known) - states["expected"],
            received=len(received),
            late=sum(each.is_late for each in received),
            nil=states["nil"],
            partly_accepted=states["partly_accepted"],
            corrected=sum(each.correction for each in received),
            rejected=states["rejected"],
            withdrawn=states["withdrawn"],
            missing=states["missing"],
            expected=states["expected"],
            unidentified=len(self.lines) - len(known),
        )

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "format_version": FORMAT_VERSION,
            "on": self.on.isoformat(),
            "begun": iso(self.begun),
            "counts": asdict(self.counts),
            "returns": [each.as_dict() for each in self.lines],
            "silent": [each.as_dict() for each in self.silent],
            "exceptions": [each.as_dict() for each in self.exceptions],
            "parked": [dict(vars(each)) for each in self.parked],
            **({"left_out": list(self.left_out)} if self.left_out else {}),
        }
