"""The supplier's own rows in the annotated workbook: every cell as text, where it was, coloured where something is wrong.

Rows are written one after the other and not kept, so that a large return takes no more memory than a small one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import polars as pl

# xlsxwriter is not typed: its classes are Any here.
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from probation_etl.intake.readers import Grid
from probation_etl.reports.cell_marks import Marks
from probation_etl.reports.spreadsheet_text import EXECUTABLE, LONGEST_CELL, cell_text

#: What a sheet can hold.
MOST_ROWS = 1_048_576
#: Boxes with comments of a sheet: a spreadsheet program draws each of them when it opens the file.
MOST_COMMENTS = 10_000
#: Cells that need care, as patterns: text a spreadsheet could run, text xlsxwriter takes for markup, and characters
#: that XML cannot hold.
_SPECIAL = rf"{EXECUTABLE}|^<r>|[\x{{fffe}}\x{{ffff}}]"
_SAMPLE = 200
_NARROWEST, _WIDEST = 8, 42
_COMMENT = {"width": 340, "author": "probation-etl", "font_size": 10}
_FILLS = {
    "error": {"bg_color": "#F6D7D2", "border": 1, "border_color": "#942514"},
    "warning": {"bg_color": "#FFF2D3", "border": 1, "border_color": "#8A6A00"},
    None: {},
}


class Formats:
    """Formats of cells, each made once: a workbook can hold some thousands of them."""

    def __init__(self, book: Workbook) -> None:
        """Formats for this workbook; each is made when it is first used."""
        self._book = book
        self._made: dict[tuple[object, ...], Any] = {}
        self._of: dict[tuple[str | None, bool, bool], Any] = {}

    def of(self, severity: str | None, *, quoted: bool, header: bool) -> Any:
        """The format of a cell. Text that a spreadsheet could run is marked as text, so that it stays text when edited."""
        key = severity, quoted, header
        if key not in self._of:
            quotes = {"quote_prefix": True, "num_format": "@"} if quoted else {}
            self._of[key] = self.like(**({"bold": True} if header else {}), **_FILLS[severity], **quotes)
        return self._of[key]

    def like(self, **properties: object) -> Any:
        """A format of these properties; None where there are none."""
        key = tuple(sorted(properties.items()))
        if properties and key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made.get(key)


def write_rows(sheet: Worksheet, grid: Grid, marks: Marks, formats: Formats, *, last: int) -> list[str]:
    """Writes the cells of a grid to a sheet, each where it was.

    Args:
        sheet: An empty sheet.
        grid: The cells.
        marks: What is wrong with them.
        formats: Formats of the workbook.
        last: The last row (from 0) of the data: notes below it are not filtered.

    Returns:
        What the sheet does not show, as sentences.
    """
    special, careful = _special(grid), _WithCare(sheet, formats, grid.first_column, marks)
    write, first = sheet.write_string, grid.first_column
    for row, texts in grid.numbered_rows():
        if row >= MOST_ROWS:
            break
        if row in marks.by_row or row in special or row == marks.header_row:
            careful.write(row, texts, special.get(row, set()))
            continue
        for column, text in enumerate(texts, first):
            if text is not None:
                write(row, column, text)
    _set_up(sheet, grid, marks.header_row, last)
    return [*_left_out(sheet, grid), *careful.left_out()]


def write_text(sheet: Worksheet, row: int, column: int, text: str, style: Any = None) -> None:
    """Writes any text as text. Text that xlsxwriter would take for markup is written in pieces."""
    shown = cell_text(text)
    if shown.startswith("<r>") and shown.endswith("</r>"):
        sheet.write_rich_string(row, column, shown[:1], shown[1:2], shown[2:], *([style] if style else []))
    else:
        sheet.write_string(row, column, shown, style)


def _special(grid: Grid) -> dict[int, set[int]]:
    """Cells that need care, by row: found column by column, because testing each cell takes longer than writing it."""
    found: dict[int, set[int]] = {}
    for at, column in enumerate(grid.cells.get_columns()):
        needs_care = column.str.contains(_SPECIAL) | (column.str.len_bytes() > LONGEST_CELL)
        for row in needs_care.fill_null(value=False).arg_true():
            found.setdefault(int(row) if grid.numbers is None else int(grid.numbers[int(row)]) - 1, set()).add(at)
    return found


class _WithCare:
    """Writes rows with marked cells or cells that need care, and comments that say what is wrong.

    In constant-memory mode a comment must be written before the next row.
    """

    def __init__(self, sheet: Worksheet, formats: Formats, first: int, marks: Marks) -> None:
        self._sheet, self._formats, self._first, self._marks = sheet, formats, first, marks
        self._comments = 0

    def write(self, row: int, texts: Sequence[str | None], special: set[int]) -> None:
        marks, header = self._marks.by_row.get(row, {}), row == self._marks.header_row
        for at, text in enumerate(texts):
            mark, column = marks.get(at), self._first + at
            style = self._formats.of(mark.severity if mark else None, quoted=at in special, header=header)
            if at in special and text is not None:
                write_text(self._sheet, row, column, text, style)
            elif text is not None:
                self._sheet.write_string(row, column, text, style)
            elif mark:
                self._sheet.write_blank(row, column, None, style)
            if mark and mark.texts:
                self._comment(row, column, mark.comment)

    def _comment(self, row: int, column: int, text: str) -> None:
        self._comments += 1
        if self._comments <= MOST_COMMENTS:
            lines = sum(max(1, ceil(len(line) / 48)) for line in text.split("\n"))
            self._sheet.write_comment(row, column, text, {**_COMMENT, "height": min(16 * lines + 12, 400)})

    def left_out(self) -> list[str]:
        """What has no comment, as sentences."""
        if self._comments <= MOST_COMMENTS:
            return []
        name = self._sheet.get_name()
        return [f"On ‘{name}’ {self._comments:,} cells are marked; the first {MOST_COMMENTS:,} of them have a comment."]


def _left_out(sheet: Worksheet, grid: Grid) -> list[str]:
    if grid.height <= MOST_ROWS:
        return []
    return [f"‘{sheet.get_name()}’ shows the first {MOST_ROWS:,} of {grid.height:,} rows: a sheet holds no more."]


def _set_up(sheet: Worksheet, grid: Grid, header: int | None, last: int) -> None:
    """Sets widths, freezes the header, adds filters, and turns off the warning that a number is stored as text."""
    cells, first = grid.cells, grid.first_column
    if not cells.height or not cells.width:
        return
    longest = cells.head(_SAMPLE).select(pl.all().str.len_chars().max()).row(0)
    for at, length in enumerate(longest, first):
        sheet.set_column(at, at, min(max(_NARROWEST, (length or 0) + 2), _WIDEST))
    bottom, right = min(grid.end, MOST_ROWS) - 1, first + cells.width - 1
    sheet.ignore_errors({"number_stored_as_text": xl_range(0, first, bottom, right)})
    if header is not None:
        sheet.freeze_panes(header + 1, 0)
        sheet.autofilter(header, first, min(max(last, header), bottom), right)
