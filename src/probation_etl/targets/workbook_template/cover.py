"""The cover sheet of a template: labels, and beside them the cells to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# xlsxwriter is not typed: its classes are Any here.
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from probation_etl.contracts.forms import form
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.intake.parse import read_date
from probation_etl.targets.workbook_template.columns import TEXT_FORMAT, any_count, any_day, excel_date
from probation_etl.targets.workbook_template.sheets import Lists, add_note, set_up_page

_LABEL_WIDTH, _VALUE_WIDTH = 28, 48
_LABEL = {"bold": True}
_INPUT = {"border": 1, "bg_color": "#FFF8DC", "align": "left"}
_CONTROL_TOTAL = "control_rows"
_NOTES = {
    "supplier_name": "Name of the organisation that sends this workbook.",
    "supplier_code": "Code of the organisation that sends this workbook.",
    "period_start": "First day of the reporting period, shown as {written}.",
    "period_end": "Last day of the reporting period, shown as {written}.",
    _CONTROL_TOTAL: "Number of rows filled in on the sheet ‘{sheet}’, its header not counted. 0 when there is none.",
}


@dataclass(frozen=True)
class Entry:
    """One line of a cover.

    Attributes:
        meaning: What is written beside the label, such as ``period_end``.
        date_format: How dates are written, in the notation of ODCS.
        sheet: Sheet of the first return that has this line.
    """

    label: str
    meaning: str
    date_format: str
    sheet: str


def cover_entries(contracts: Iterable[ReturnContract]) -> list[Entry]:
    """The lines of the cover that some returns share: each label once, the control totals last."""
    entries: dict[str, Entry] = {}
    for entry in (entry for contract in contracts for entry in _entries(contract)):
        entries.setdefault(fold(entry.label), entry)
    return sorted(entries.values(), key=lambda entry: entry.meaning == _CONTROL_TOTAL)


def _entries(contract: ReturnContract) -> Iterator[Entry]:
    cover, sheet = contract.identification.cover, contract.identification.sheet or ""
    if cover is not None:
        for meaning, label in cover.labels.items():
            yield Entry(label, meaning, cover.date_format, sheet)


def add_cover(book: Workbook, name: str, entries: Iterable[Entry], values: Mapping[str, str]) -> Lists:
    """Writes a cover sheet.

    Args:
        book: The workbook.
        name: Name of the sheet.
        entries: Its lines.
        values: What to fill in already, by label.

    Returns:
        Room for long code lists, out of sight.
    """
    sheet = book.add_worksheet(name)
    set_up_page(sheet)
    sheet.set_column(0, 0, _LABEL_WIDTH)
    sheet.set_column(1, 1, _VALUE_WIDTH)
    row = 0
    for row, entry in enumerate(entries, start=1):
        sheet.write_string(row - 1, 0, entry.label, book.add_format(_LABEL))
        _write_value(book, sheet, row - 1, entry, values.get(entry.label, ""))
        _add_help(sheet, row - 1, entry)
    return Lists(sheet, row + 1, above_header=False)


def _write_value(book: Workbook, sheet: Worksheet, row: int, entry: Entry, text: str) -> None:
    """Writes a cell to fill in. A control total is 0 at first, as in a return that has nothing to report."""
    style = book.add_format({**_INPUT, "num_format": _number_format(entry)})
    day = read_date(text, entry.date_format) if _is_day(entry) else None
    if day:
        sheet.write_datetime(row, 1, day, style)
    elif entry.meaning == _CONTROL_TOTAL and (text or "0").isdecimal():
        sheet.write_number(row, 1, int(text or "0"), style)
    elif text:
        sheet.write_string(row, 1, text, style)
    else:
        sheet.write_blank(row, 1, None, style)


def _number_format(entry: Entry) -> str:
    if _is_day(entry):
        return excel_date(form(entry.date_format))
    return "0" if entry.meaning == _CONTROL_TOTAL else TEXT_FORMAT


def _is_day(entry: Entry) -> bool:
    return entry.meaning in ("period_start", "period_end")


def help_of(entry: Entry) -> str:
    """What to fill in, in a sentence."""
    return _NOTES[entry.meaning].format(written=entry.date_format, sheet=entry.sheet)


def _add_help(sheet: Worksheet, row: int, entry: Entry) -> None:
    """Says what to fill in, and checks it as far as a spreadsheet can."""
    text = help_of(entry)
    add_note(sheet, row, 0, text)
    accepts: dict[str, Any] | None = None
    if _is_day(entry):
        accepts = any_day()
    elif entry.meaning == _CONTROL_TOTAL:
        accepts = any_count()
    if accepts:
        sheet.data_validation(row, 1, row, 1, {**accepts, "error_message": text})
