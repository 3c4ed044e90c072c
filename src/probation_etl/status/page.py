"""The status page and its wording: headline, notes, and the returns of each period together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from probation_etl.contracts.numbers import counted
from probation_etl.discreet import Discreet
from probation_etl.reports.html import day, number, render
from probation_etl.status.model import ParkedFile, StatusLine, StatusReport
from probation_etl.unified.activity import ActivityException, Band

_STATES = {"nil": "nil return", "expected": "not yet due"}


@dataclass(frozen=True)
class Round(Discreet):
    """One return for one period: the lines of all organisations that must send it or have sent it.

    Attributes:
        due: The last day on which it is in time; None where nothing is agreed.
    """

    period_end: date
    title: str
    contract_id: str
    due: date | None
    rows: tuple[StatusLine, ...]

    @property
    def size(self) -> int:
        """How many lines it has."""
        return len(self.rows)

    @property
    def states(self) -> Counter[str]:
        """How many lines are in which state."""
        return Counter(each.state for each in self.rows)

    @property
    def received(self) -> int:
        """How many returns have come and count."""
        return sum(each.is_received for each in self.rows)

    @property
    def late(self) -> int:
        """How many of them came late."""
        return sum(each.is_late for each in self.rows if each.is_received)


def headline(report: StatusReport) -> str:
    """The status in a sentence: ``On 6 December 2020: 94 of 96 returns received, 1 of them late; 1 missing``."""
    counts = report.counts
    before = f"On {day(report.on)}: "
    if not counts.due and not counts.expected:
        return f"{before}no return had been received"
    late = f", {number(counts.late)} of them late" if counts.late else ""
    words = [f"{number(counts.received)} of {counted(counts.due, 'return')} received{late}"]
    more = {
        "rejected": counts.rejected, "withdrawn": counts.withdrawn, "missing": counts.missing,
        "not yet due": counts.expected,
    }  # fmt: skip
    words += [f"{number(count)} {state}" for state, count in more.items() if count]
    return before + "; ".join((words[0], ", ".join(words[1:]))) if words[1:] else before + words[0]


_LEFT_OUT = "The user of the store may not read the rows: activity exceptions and unallocated rows are left out."


def notes(report: StatusReport) -> list[str]:
    """What a reader must know to understand the lines, one sentence each."""
    first = [_LEFT_OUT] if report.left_out else []
    first += [f"{each.title}: nothing has come for a period after {day(each.period_end)}." for each in report.silent]
    older = sum(
        each.due is not None
        and each.state != "expected"
        and each.working_days_late is None
        and each.received is not None
        for each in report.identified()
    )
    if not older or report.begun is None:
        return first
    due_before = f"{counted(older, 'return')} fell due before the first run on {day(report.begun)}"
    return [*first, f"{due_before}: it is not known whether {'it' if older == 1 else 'they'} came in time."]


def rounds(report: StatusReport) -> list[Round]:
    """The lines by period, the newest first, and by return; lines that are not identified are left out."""
    found: dict[tuple[date, str], list[StatusLine]] = {}
    for each in report.identified():
        if each.period_end is not None:
            found.setdefault((each.period_end, each.title or ""), []).append(each)
    ordered = sorted(found.items(), key=lambda pair: pair[0][1])
    ordered.sort(key=lambda pair: pair[0][0], reverse=True)
    return [
        Round(end, title, rows[0].contract_id or "", rows[0].due, tuple(sorted(rows, key=_by_supplier)))
        for (end, title), rows in ordered
    ]


def unidentified(report: StatusReport) -> list[StatusLine]:
    """The lines of files of which it is not known whose return they are, or for which period."""
    return [each for each in report.lines if not each.is_identified]


def parked_in_words(parked: ParkedFile) -> str:
    """What is said of a file that no run reads any more."""
    what = "the run" if parked.brought_down == "run" else "the process that reads such files"
    return (
        f"{parked.file} ({parked.sha256[:12]}): reading it brought down {what} {parked.attempts} times, "
        f"last in run {parked.run_id}; ‘probation-etl store unpark’ takes it back"
    )


def state_in_words(state: str) -> str:
    """What a state is called."""
    return _STATES.get(state, state.replace("_", " "))


def timing(line: StatusLine) -> str:
    """Whether a return is in time, in words."""
    if line.is_late:
        days = counted(line.working_days_late or 0, "working day")
        return f"late by {days}" if line.received else f"{days} overdue"
    if line.state == "expected" and line.due:
        return f"due {day(line.due)}"
    return "on time" if line.working_days_late == 0 and line.received else ""


def remarks(line: StatusLine) -> list[str]:
    """Remarks on a line, for which the table has no column."""
    came = [f"{day(each.on)}, {state_in_words(each.state)}" for each in line.arrivals]
    count = line.rows_unallocated
    return [
        *([f"{'corrected' if line.correction else 'sent more than once'}: {'; '.join(came)}"] if came[1:] else []),
        *(["not a period of the cycle"] if line.off_cycle else []),
        *([f"{counted(count, 'row')} unallocated"] if count else []),
    ]


def exception_in_words(exception: ActivityException) -> str:
    """An activity exception with the numbers behind it, in a sentence."""
    area = ", ".join(f"{name} {value}" for name, value in exception.area.items() if value is not None)
    own, peers = exception.own, exception.peers
    usual = f"by its own {counted(own.count, 'earlier period')} {_band(own)} is usual"
    beside = f", by its {counted(peers.count, 'peer')} {_band(peers)}" if peers else ""
    what = f"{exception.measure} of {exception.table}, period from {day(exception.period)}"
    return f"{area}: {number(exception.value)} {what}; {usual}{beside}."


def _band(band: Band) -> str:
    shown = band.shown
    return f"{shown.median:g} ({shown.low:g} to {shown.high:g})"


def render_status(report: StatusReport, *, run_page: str | None = None) -> str:
    """The page about who has sent what.

    Args:
        report: Who has sent what.
        run_page: Where the page of the run is that this one belongs to, relative to this one.
    """
    found = rounds(report)
    periods: dict[date, list[Round]] = {}
    for each in found:
        periods.setdefault(each.period_end, []).append(each)
    return render(
        "status.html.j2", page=report, headline=headline(report), periods=periods, rounds=found,
        unidentified=unidentified(report), notes=notes(report), timing=timing, remarks=remarks, named=state_in_words,
        exceptional=exception_in_words, parked=parked_in_words, run_page=run_page,
    )  # fmt: skip


def _by_supplier(line: StatusLine) -> tuple[str, str]:
    return line.supplier_code or "", line.contract_id or ""
