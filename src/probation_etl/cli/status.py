"""``probation-etl status``: who has sent what for which period, and who has not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probation_etl.cli.options import contracts_option, json_option, present, store_option
from probation_etl.cli.output import plain
from probation_etl.errors import StoreError

if TYPE_CHECKING:
    from probation_etl.status.model import StatusLine, StatusReport
    from probation_etl.status.page import Round

_WIDTH = 120
_YEARS = range(1990, 2101)


def _day(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    if value is not None and value.year not in _YEARS:
        raise click.BadParameter(f"‘{value.date()}’ is out of range; expected a day from {_YEARS[0]} to {_YEARS[-1]}.")
    return value.date() if value else None


@click.command()
@store_option
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    metavar="DATE",
    help="Show the status on this day (default: today).",
)
@click.option(
    "--from", "since", type=click.DateTime(["%Y-%m-%d"]), callback=_day, metavar="DATE",
    help="First period end to include (default: the first with a return).",
)  # fmt: skip
@click.option(
    "--reports", type=click.Path(path_type=Path, file_okay=False), help="Also write status.html to this directory."
)
@click.option("-o", "--page", type=click.Path(path_type=Path, dir_okay=False), help="Also write the page to this file.")
@contracts_option
@json_option
def status(
    store: str, on: date | None, since: date | None, reports: Path | None, page: Path | None,
    contracts: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Shows who has sent what for which period.

    Whether a return is late, missing or not yet due follows from the service level of its contract.
    """
    from probation_etl.files import explained, make_folder, write_file
    from probation_etl.paths import named_as
    from probation_etl.reports.files import STATUS_PAGE
    from probation_etl.status.page import render_status

    if page:
        named_as(page, "a page", ".html", ".htm")
    report = _report(store, contracts, on, since)
    pages = [path for path in (page, reports and reports / STATUS_PAGE) if path is not None]
    for path in pages:
        with explained(f"The page {path} cannot be written"):
            make_folder(path.parent)
            write_file(path, render_status(report))
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        return
    click.echo(status_text(report), nl=False)
    for path in pages:
        click.echo(f"\nPage: {path}")


def _report(store: str, contracts: Path | None, on: date | None, since: date | None) -> StatusReport:
    from probation_etl.intake.reference_tables import check_reference_tables
    from probation_etl.runs.admission import load_rulebook
    from probation_etl.status.arrivals import end_of, today
    from probation_etl.status.exceptions import exceptions, unallocated_by_return
    from probation_etl.status.picture import status as read_status
    from probation_etl.status.picture import without_rows
    from probation_etl.stores import snapshot

    present(store)
    rulebook = load_rulebook(contracts)
    with snapshot(store, rulebook.contracts, rulebook.tables, check=check_reference_tables) as opened:
        if not opened.may_read("ledger"):
            raise StoreError(
                "The user of the store may not read its ledger, from which the status comes: which rights are needed is in the "
                "guide ‘Keep the store in PostgreSQL’."
            )
        sees_rows = opened.may_read("unified")
        with opened.as_it_was(end_of(on) if on else None):
            report = read_status(
                opened, rulebook.contracts, rulebook.reference, on=on or today(), since=since,
                unallocated=unallocated_by_return(opened, rulebook) if sees_rows else None,
                exceptions=exceptions(opened, rulebook) if sees_rows else (),
            )  # fmt: skip
        return report if sees_rows else without_rows(report)


def status_text(report: StatusReport) -> str:
    """The report for a terminal, 120 columns wide."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: StatusReport) -> Iterator[str]:
    from probation_etl.reports.html import day
    from probation_etl.status.page import exception_in_words, headline, notes, parked_in_words, rounds, unidentified

    yield plain(headline(report)) + "."
    yield from map(plain, notes(report))
    shown = rounds(report)
    widths = _widths([row for each in shown for row in each.rows])
    period: date | None = None
    for each in shown:
        if each.period_end != period:
            period = each.period_end
            yield f"\nPeriod to {day(period)}"
        yield from _round_lines(each, widths)
    if lost := unidentified(report):
        yield f"\nNot identified: {len(lost)}"
        yield from (f"    {each.state}  {plain(each.file or '')}" for each in lost)
    if report.parked:
        yield f"\nParked: {len(report.parked)}"
        yield from (f"    {plain(parked_in_words(each))}" for each in report.parked)
    if report.exceptions:
        yield "\nActivity exceptions"
        yield from (f"    {plain(exception_in_words(each))}" for each in report.exceptions)


def _round_lines(shown: Round, widths: list[int]) -> Iterator[str]:
    from probation_etl.reports.html import day
    from probation_etl.status.page import remarks

    due = f", due {day(shown.due)}" if shown.due else ""
    late = f", {shown.late} late" if shown.late else ""
    yield plain(f"  {shown.title} ({shown.contract_id}){due}: {shown.received} of {shown.size} received{late}")
    for row in shown.rows:
        cells = (_cut(cell, width).ljust(width) for cell, width in zip(_cells(row), widths, strict=True))
        yield f"    {'  '.join(cells)}".rstrip()
        yield from (plain(f"    {' ' * widths[0]}  {remark}") for remark in remarks(row))


def _cells(row: StatusLine) -> tuple[str, ...]:
    from probation_etl.contracts.numbers import counted
    from probation_etl.status.page import state_in_words, timing

    read, accepted = row.rows_read, row.rows_accepted
    rows = "" if not read else counted(read, "row") if read == accepted else f"{accepted:,} of {counted(read, 'row')}"
    name, received = row.supplier_name or "", row.received or ""
    cells = (row.supplier_code, name, state_in_words(row.state), received, timing(row), rows)
    return tuple(plain(str(each)) for each in cells)


def _widths(rows: list[StatusLine]) -> list[int]:
    """Width of each column: that of its widest cell; names get what is left of the line."""
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column), default=0) for column in zip(*cells, strict=True)] or [0] * 6
    left = _WIDTH - 4 - 2 * (len(widths) - 1) - (sum(widths) - widths[1])
    widths[1] = max(12, min(widths[1], left))
    return widths


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
