"""Workbooks: XLSX, XLSM, XLS, XLSB and ODS, every sheet as a grid of text.

Row 1 is the first row that a person sees and column A the first column, empty ones included.
"""

from __future__ import annotations

import io
import re
from typing import Any

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.readers.base import Grid

_ERRORS = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip


def read_workbook(data: bytes) -> list[Grid]:
    """Every sheet of a workbook, in its order. A date cell reads ``2020-11-29``, an error cell as shown (``#N/A``).

    Raises:
        UnreadableFile: The file is no workbook, or is damaged or protected by a password.
    """
    import fastexcel
    import python_calamine

    try:
        book = fastexcel.read_excel(data)
        # fastexcel gives no position of the first used cell; this reader of the same engine does.
        positions = python_calamine.load_workbook(io.BytesIO(data))
        return [_sheet(book, positions, name) for name in book.sheet_names]
    except (fastexcel.FastExcelError, python_calamine.CalamineError, ValueError, OSError):
        raise UnreadableFile(
            "The file cannot be opened as a workbook: it is damaged, protected by a password, or of another kind."
        ) from None


def _sheet(book: Any, positions: Any, name: str) -> Grid:
    start = positions.get_sheet_by_name(name).start
    if start is None:
        return Grid(pl.DataFrame(), sheet=name)
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    batch, errors = sheet.to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    cells.columns = [f"c{number}" for number in range(cells.width)]
    cells = cells.with_columns(
        pl.all().cast(pl.String).str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "$1"),
    )
    return Grid(_with_errors(cells, errors), sheet=name, first_column=start[1])


def _with_errors(cells: pl.DataFrame, errors: Any) -> pl.DataFrame:
    """Puts back the error cells, which the engine reads as empty: an empty cell and ``#N/A`` are not the same."""
    for error in errors.errors if errors is not None else ():
        row, column = error.position
        kind = re.search(r"Error\((\w+)\)", error.detail)
        shown = _ERRORS.get(kind.group(1), "#ERROR!") if kind else "#ERROR!"
        cells[row, column] = shown
    return cells
