"""Writes sheets as an OpenDocument spreadsheet."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

# odfpy is not typed: its elements are Any here.
from odf.number import DateStyle, Day, Month, Text, Year
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableColumnProperties, TextProperties
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P

from probation_etl.sample.archives import repacked
from probation_etl.sample.sheets import Cell, Sheet

_DATE, _HEADER, _COLUMN = "date-cell", "header-cell", "wide-column"


def ods_bytes(sheets: Sequence[Sheet]) -> bytes:
    """The bytes of a spreadsheet, the same for the same sheets."""
    document = OpenDocumentSpreadsheet()
    for style in _styles():
        document.automaticstyles.addElement(style)
    for sheet in sheets:
        document.spreadsheet.addElement(_table(sheet))
    target = BytesIO()
    document.write(target)
    return repacked(target.getvalue())


def _styles() -> list[Any]:
    header = Style(name=_HEADER, family="table-cell")
    header.addElement(TextProperties(fontweight="bold"))
    column = Style(name=_COLUMN, family="table-column")
    column.addElement(TableColumnProperties(columnwidth="4.5cm"))
    return [
        _day_month_year(),
        Style(name=_DATE, family="table-cell", datastylename="dd-mm-yyyy"),
        header,
        column,
    ]


def _day_month_year() -> Any:
    style = DateStyle(name="dd-mm-yyyy")
    for part in (Day(style="long"), Text(text="/"), Month(style="long"), Text(text="/"), Year(style="long")):
        style.addElement(part)
    return style


def _table(sheet: Sheet) -> Any:
    table = Table(name=sheet.name)
    table.addElement(TableColumn(stylename=_COLUMN, numbercolumnsrepeated=max(map(len, sheet.rows))))
    for number, cells in enumerate(sheet.rows, start=1):
        row = TableRow()
        for value in cells or [None]:
            row.addElement(_cell(value, header=number == sheet.header_row))
        table.addElement(row)
    return table


def _cell(value: Cell, *, header: bool) -> Any:
    if value is None:
        return TableCell()
    if isinstance(value, date):
        return _shown(TableCell(valuetype="date", datevalue=value.isoformat(), stylename=_DATE), f"{value:%d/%m/%Y}")
    if isinstance(value, str):
        style = {"stylename": _HEADER} if header else {}
        return _shown(TableCell(valuetype="string", **style), value)
    return _shown(TableCell(valuetype="float", value=str(value)), str(value))


def _shown(cell: Any, text: str) -> Any:
    for line in text.split("\n"):  # a line break inside a cell is a paragraph of its own
        cell.addElement(P(text=line))
    return cell
