"""The sheet of one return in a template: title, header with notes, and checks of what is typed below it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

# xlsxwriter is not typed: its classes are Any here.
from xlsxwriter import Workbook
from xlsxwriter.utility import quote_sheetname, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.intake.header_texts import headers_of
from probation_etl.targets.workbook_template.columns import check, choices, note, number_format

_LAST_ROW = 1_048_575
_A4 = 9
_LISTS_COLUMN = 25
_NARROWEST, _FREE_TEXT, _WIDEST = 12, 24, 42
TITLE = {"bold": True, "font_size": 14}
HEADER = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
_NEEDED, _OPTIONAL = "#C9D8E8", "#EEF2F6"


class Lists:
    """Hidden cells for long code lists, where no reader takes them for data.

    A sheet of their own would be one that no return has. On the cover, each value is alone in its row: it is
    neither a label nor the value beside one. Above the header of a table, nothing is read.

    Attributes:
        row: The next row (from 0) that is free.
    """

    def __init__(self, sheet: Worksheet, row: int, *, above_header: bool) -> None:
        self._sheet, self._above_header = sheet, above_header
        self.row = row

    def place(self, values: Sequence[str]) -> str:
        """Writes a list; returns the reference to its cells."""
        cells = [(self.row, at) if self._above_header else (self.row + at, _LISTS_COLUMN) for at in range(len(values))]
        for cell, value in zip(cells, values, strict=True):
            self._sheet.write_string(*cell, value)
        self._hide()
        self.row = cells[-1][0] + 1
        return f"={quote_sheetname(self._sheet.get_name())}!{xl_range_abs(*cells[0], *cells[-1])}"

    def _hide(self) -> None:
        if self._above_header:
            self._sheet.set_row(self.row, None, None, {"hidden": True})
        else:
            self._sheet.set_column(_LISTS_COLUMN, _LISTS_COLUMN, None, None, {"hidden": True})


def add_sheet(book: Workbook, name: str, contract: ReturnContract, lists: Lists | None = None) -> Worksheet:
    """Writes the sheet of a return.

    Args:
        book: The workbook.
        name: Name of the sheet.
        contract: The return.
        lists: Room for long code lists; without it they are written above the header.
    """
    sheet = book.add_worksheet(name)
    row = _write_title(book, sheet, contract)
    own = lists or Lists(sheet, row, above_header=True)
    checks = [check(column, own.place) for column in contract.columns]
    header = (row if lists else own.row) + contract.layout.header_rows - 1
    first = header + 1 + contract.layout.rows_above - contract.layout.header_rows
    for at, (column, accepts) in enumerate(zip(contract.columns, checks, strict=True)):
        _add_column(book, sheet, (header, at), column, accepts, first)
    sheet.freeze_panes(first, 0)
    set_up_page(sheet)
    return sheet


def set_up_page(sheet: Worksheet) -> None:
    """Lets a sheet print on one page's width."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_title(book: Workbook, sheet: Worksheet, contract: ReturnContract) -> int:
    """Writes the title over a sheet of a workbook; returns the next row. A title that reads as a header is left out."""
    if not contract.identification.in_workbook or fold(contract.title) in headers_of(contract):
        return 0
    sheet.write_string(0, 0, contract.title, book.add_format(TITLE))
    return 2


def _add_column(
    book: Workbook,
    sheet: Worksheet,
    place: tuple[int, int],
    column: Column,
    accepts: dict[str, Any] | None,
    first: int,
) -> None:
    """Writes the header of a column, and what goes for the cells below it, from the first row of data on."""
    row, at = place
    sheet.set_column(at, at, _width(column), book.add_format({"num_format": number_format(column)}))
    style = {**HEADER, "bg_color": _NEEDED if column.required else _OPTIONAL}
    sheet.write_string(row, at, column.header, book.add_format(style))
    add_note(sheet, row, at, note(column))
    if accepts:
        sheet.data_validation(first, at, _LAST_ROW, at, accepts)


def _width(column: Column) -> int:
    is_free_text = column.type == "string" and not column.labels and column.pattern is None
    longest = max(map(len, (column.header, *choices(column))))
    return min(max(longest + 3, _FREE_TEXT if is_free_text else _NARROWEST), _WIDEST)


def add_note(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Writes a note that is as high as its text needs."""
    lines = sum(max(1, ceil(len(line) / 45)) for line in text.split("\n"))
    sheet.write_comment(row, column, text, {"width": 320, "height": 18 * lines + 12})
