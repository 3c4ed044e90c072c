"""The cells of a workbook by another reader than ours: openpyxl, xlrd or odfpy, in the words in which ours tells them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import xlrd
from odf.opendocument import load
from odf.table import Table, TableRow
from odf.teletype import extractText
from odf.text import P

from probation_etl.intake.readers import CellKind, Grid

#: Row and column from 0 in the sheet, with the text and the kind of the cell.
Cells = Mapping[tuple[int, int], tuple[str, CellKind]]


def cells_of(grid: Grid) -> Cells:
    """The filled cells of one of our grids."""
    assert grid.kinds is not None or not grid.cells.width
    kinds = grid.kinds.rows() if grid.kinds is not None else []
    return {
        (row, column + grid.first_column): (text, CellKind(kinds[row][column]))
        for row, texts in enumerate(grid.cells.rows())
        for column, text in enumerate(texts)
        if text is not None
    }


def told(value: object) -> tuple[str, CellKind] | None:
    """Text and kind of a value."""
    match value:
        case None | "":
            return None
        case bool():
            return str(value).lower(), CellKind.BOOLEAN
        case int() | float():
            text = f"{value:.9f}".rstrip("0").rstrip(".")
            return "0" if text == "-0" else text, CellKind.NUMBER
        case datetime():
            return str(value.replace(microsecond=0, tzinfo=None)).removesuffix(" 00:00:00"), CellKind.DATE
        case date():
            return str(value), CellKind.DATE
        case time():
            return str(value.replace(microsecond=0)), CellKind.TIME
        case timedelta():
            hours, rest = divmod(round(value.total_seconds()), 3_600)
            return f"{hours:02}:{rest // 60:02}:{rest % 60:02}", CellKind.TIME
    return str(value), CellKind.TEXT


def by_openpyxl(data: bytes) -> dict[str, Cells]:
    """The cells of an XLSX workbook, by sheet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return {
        sheet.title: {
            (cell.row - 1, cell.column - 1): (str(cell.value), CellKind.ERROR) if cell.data_type == "e" else found
            # Its cells and not its rows: a sheet may be formatted down to its last row.
            for cell in sheet._cells.values()
            if (found := told(cell.value))
        }
        for sheet in book.worksheets
    }


def by_xlrd(data: bytes) -> dict[str, Cells]:
    """The cells of an old workbook, by sheet."""
    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    return {
        sheet.name: {
            (row, column): found
            for row in range(sheet.nrows)
            for column in range(sheet.ncols)
            if (found := _old_cell(book, sheet.cell(row, column)))
        }
        for sheet in book.sheets()
    }


def _old_cell(book: Any, cell: Any) -> tuple[str, CellKind] | None:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code[cell.value], CellKind.ERROR
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return told(bool(cell.value))
    if cell.ctype != xlrd.XL_CELL_DATE:
        return told(cell.value)
    if "[" in book.format_map[book.xf_list[cell.xf_index].format_key].format_str:
        return told(timedelta(days=cell.value))
    moment = xlrd.xldate_as_datetime(cell.value, book.datemode)
    return told(moment.time() if cell.value < 1 else moment)


def by_odfpy(data: bytes) -> dict[str, Cells]:
    """The cells of an OpenDocument spreadsheet, by sheet."""
    document = load(io.BytesIO(data))
    return {
        str(table.getAttribute("name")): {place: found for place, cell in _places(table) if (found := _open_cell(cell))}
        for table in document.spreadsheet.getElementsByType(Table)
    }


def _places(table: Any) -> Iterator[tuple[tuple[int, int], Any]]:
    row = 0
    for line in table.getElementsByType(TableRow):
        rows, column = int(line.getAttribute("numberrowsrepeated") or 1), 0
        for cell in line.childNodes:
            columns = int(cell.getAttribute("numbercolumnsrepeated") or 1)
            if cell.hasChildNodes():
                yield from (((row + down, column + on), cell) for down in range(rows) for on in range(columns))
            column += columns
        row += rows


def _open_cell(cell: Any) -> tuple[str, CellKind] | None:
    text = "\n".join(extractText(each) for each in cell.getElementsByType(P))
    if text.startswith("#") and cell.getAttribute("formula"):
        return text, CellKind.ERROR
    match cell.getAttribute("valuetype"):
        case "float" | "percentage" | "currency":
            return told(float(cell.getAttribute("value")))
        case "boolean":
            return told(cell.getAttribute("booleanvalue") == "true")
        case "date":
            return told(datetime.fromisoformat(cell.getAttribute("datevalue")))
        case "time":
            hours, minutes, seconds = (
                float(each) for each in cell.getAttribute("timevalue")[2:-1].replace("H", "M").split("M")
            )
            length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
            return told(length if hours >= 24 else (datetime.min + length).time())
    return told(text)
