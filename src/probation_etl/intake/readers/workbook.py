"""Reads workbooks (XLSX, XLSM, XLS, XLSB and ODS), each sheet as a grid of text.

Rows and columns are counted as in a spreadsheet program, empty and hidden ones included.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.archives import open_archive
from probation_etl.intake.readers.base import Block, Grid, longest
from probation_etl.intake.readers.dimensions import InspectedSheet
from probation_etl.intake.readers.inspection import inspect_workbook, inspect_xls, protected
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit

_ARCHIVE = b"PK\x03\x04"
_ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip
#: How the library writes a day, and a time of day.
_DAY, _TIME = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", r"^1899-12-31 (\d{2}:\d{2}:\d{2}(?:\.\d+)?)$"


def read_workbook(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Grid]:
    """Reads every sheet of a workbook, in order. A date is written as ``2020-11-29``, an error as shown (``#N/A``).

    Numbers have at most nine decimals, so that 0.1 + 0.2, stored as 0.30000000000000004, reads 0.3 as shown.

    Raises:
        UnreadableFile: The file is not a workbook, is damaged or protected by a password, or is too large.
    """
    if data.startswith(_ARCHIVE):
        inspected = inspect_workbook(open_archive(data, limits), limits)
        return [_completed(grid, inspected.get(grid.sheet or "")) for grid in _read(data, limits)]
    inspect_xls(data)
    return _read(data, limits)


def _read(data: bytes, limits: Limits) -> list[Grid]:
    import fastexcel
    import python_calamine

    try:
        # fastexcel does not say where the first used cell is; this reader of the same engine does.
        positions = python_calamine.load_workbook(io.BytesIO(data))
        book = fastexcel.read_excel(data)
        return _sheets(book, positions, limits)
    except python_calamine.PasswordError:
        raise protected() from None
    except (fastexcel.FastExcelError, python_calamine.CalamineError, ValueError, OSError):
        raise _unopened() from None
    except BaseException as error:  # a panic of the engine does not derive from Exception, and its class is not public
        if type(error).__name__ != "PanicException":
            raise
        raise _unopened() from None


def _unopened() -> UnreadableFile:
    return UnreadableFile(
        "The file cannot be opened as a workbook: it is damaged, protected by a password, or of another kind."
    )


def _sheets(book: Any, positions: Any, limits: Limits) -> list[Grid]:
    import python_calamine

    grids: list[Grid] = []
    cells, shown = 0, python_calamine.SheetVisibleEnum.Visible
    visible = {sheet.name: sheet.visible == shown for sheet in positions.sheets_metadata}
    for name in book.sheet_names:
        grids.append(_sheet(book, positions, name, hidden=not visible.get(name, True)))
        cells += grids[-1].cells.height * grids[-1].cells.width
        check_limit(longest(grids[-1].cells, limits.cell_characters), limits.cell_characters, "characters in one cell")
        check_limit(cells, limits.cells, "cells, empty ones included")
    return grids


def _sheet(book: Any, positions: Any, name: str, *, hidden: bool) -> Grid:
    placed = positions.get_sheet_by_name(name)
    start, merged = placed.start, tuple(Block(*one, *other) for one, other in placed.merged_cell_ranges or ())
    if start is None:
        return Grid(pl.DataFrame(), sheet=name, hidden=hidden, typed=True)
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    batch, errors = sheet.to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    cells.columns = [f"c{number}" for number in range(cells.width)]
    cells = _with_errors(_as_shown(cells.cast(pl.String)), errors)
    return Grid(cells, sheet=name, first_column=start[1], hidden=hidden, merged=merged, typed=True)


def _as_shown(cells: pl.DataFrame) -> pl.DataFrame:
    """Days without midnight, times of day without a date, and empty text as null."""
    text = pl.all().str.replace(_DAY, "$1").str.replace(_TIME, "$1")
    return cells.with_columns(text).with_columns(pl.when(pl.all() != "").then(pl.all()).name.keep())


def _with_errors(cells: pl.DataFrame, errors: Any) -> pl.DataFrame:
    """Restores the error cells, which the engine reads as empty: an empty cell and ``#N/A`` are not the same."""
    for error in errors.errors if errors is not None else ():
        row, column = error.position
        kind = re.search(r"Error\((\w+)\)", error.detail)
        shown = _ERRORS.get(kind.group(1), "#ERROR!") if kind else "#ERROR!"
        cells[row, column] = shown
    return cells


def _completed(grid: Grid, inspected: InspectedSheet | None) -> Grid:
    """Adds what the engine does not report: errors of OpenDocument, which it reads as empty, and merged cells."""
    if inspected is None:
        return grid
    cells = grid.cells
    for mark in inspected.errors:
        for row in range(mark.row, min(mark.row + mark.rows, cells.height)):
            for column in range(mark.column - grid.first_column, mark.column + mark.columns - grid.first_column):
                if 0 <= column < cells.width:
                    cells[row, column] = mark.shown
    return replace(grid, cells=cells, merged=tuple(inspected.merged))
