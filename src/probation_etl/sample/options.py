"""The options of a sample, and whether it can be made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from probation_etl.errors import UsageError
from probation_etl.sample.fortnights import Fortnight, fortnights
from probation_etl.sample.layouts import Layouts
from probation_etl.sample.sheets import room_in
from probation_etl.sample.tables import Sender, Tables

FIRST_DAY, LAST_DAY = date(2020, 3, 1), date(2020, 11, 29)


@dataclass(frozen=True)
class Wanted:
    """The options of a sample.

    Attributes:
        organisations: Codes of senders; none means all.
        first: Every fortnight with a day from here on …
        last: … up to here.
        rows: Rows of each return of breaches; None for those that add up to the published figures.
        seed: What all chances depend on.
        faults: How many faults are planted.
    """

    organisations: tuple[str, ...] = ()
    first: date = FIRST_DAY
    last: date = LAST_DAY
    rows: int | None = None
    seed: int = 0
    faults: int = 0


def wanted_senders(wanted: Wanted, tables: Tables, layouts: Layouts) -> list[Sender]:
    """The chosen senders, in the order of their codes.

    Raises:
        UsageError: A code is of none, or what is asked for does not fit into the files that a sender sends.
    """
    known = [each.code for each in tables.senders]
    codes = [code.upper() for code in wanted.organisations]
    unknown = sorted({code for code in codes if code not in known})
    if unknown:
        raise UsageError(
            f"No synthetic returns are made for {', '.join(unknown)}; expected ‘all’ or codes of {', '.join(known)}."
        )
    chosen = [each for each in tables.senders if not codes or each.code in codes]
    _hold_rows(wanted.rows or 0, chosen, layouts)
    return chosen


def wanted_periods(wanted: Wanted, tables: Tables) -> list[Fortnight]:
    """The fortnights with at least one day in the chosen span.

    Raises:
        UsageError: The span ends before it begins, or goes past the weeks that counts are known for.
    """
    known = fortnights(tables.weeks)
    first, last = known[0].start, known[-1].end
    if wanted.first > wanted.last:
        raise UsageError(f"The first day, {wanted.first}, is after the last, {wanted.last}: exchange them.")
    if wanted.first < first or wanted.last > last:
        raise UsageError(f"Weekly counts are known from {first} to {last}: choose days from one to the other.")
    return [each for each in known if each.start <= wanted.last and each.end >= wanted.first]


def _hold_rows(rows: int, senders: Iterable[Sender], layouts: Layouts) -> None:
    sheets = [layouts.workbooks[each.layout] for each in senders if each.layout in layouts.workbooks]
    most = min(map(room_in, sheets), default=rows)
    if rows > most:
        raise UsageError(
            f"A sheet of a workbook has room for {most:,} rows, not {rows:,}: ask for fewer, or for organisations that "
            "send CSV files alone."
        )
