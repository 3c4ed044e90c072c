"""Writes sheets as an Excel workbook, the same bytes for the same sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

# xlsxwriter is not typed: its classes are Any here.
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from probation_etl.sample.sheets import Cell, Sheet

_CREATED = datetime(2021, 2, 1)  # noqa: DTZ001 -- workbooks know no time zones
_NUMBER_FORMATS = ("0", "0.0", "0.00")


def xlsx_bytes(sheets: Sequence[Sheet], *, title: str) -> bytes:
    """The bytes of a workbook."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": title, "created": _CREATED})
        formats = _formats(workbook)
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet.name), sheet, formats)
    return target.getvalue()


def _formats(workbook: Workbook) -> dict[str, Format]:
    formats = {code: workbook.add_format({"num_format": code}) for code in (*_NUMBER_FORMATS, "dd/mm/yyyy")}
    formats["header"] = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    return formats


def _write_sheet(worksheet: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    worksheet.set_column(0, 12, 24)
    for row, cells in enumerate(sheet.rows):
        for column, value in enumerate(cells):
            style = formats["header"] if row + 1 == sheet.header_row else None
            _write_cell(worksheet, row, column, value, style, formats)


def _write_cell(
    worksheet: Worksheet, row: int, column: int, value: Cell, style: Format | None, formats: dict[str, Format]
) -> None:
    if isinstance(value, str):
        worksheet.write_string(row, column, value, style)
    elif isinstance(value, date):
        worksheet.write_datetime(row, column, value, formats["dd/mm/yyyy"])
    elif value is not None:
        worksheet.write_number(row, column, value, formats[_NUMBER_FORMATS[_decimals(value)]])


def _decimals(value: int | Decimal) -> int:
    """How many decimals the source prints, so that the sheet shows as many."""
    return -int(Decimal(value).as_tuple().exponent)
