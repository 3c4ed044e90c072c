"""Workbooks whose cells are written as they are stored, because no library writes what some programs write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

import xlsxwriter

#: Styles by number, with the format of each: cells refer to them as ``s="1"``.
FORMATS = ("General", "dd/mm/yyyy", "hh:mm", "[h]:mm", "yyyy-mm-dd hh:mm:ss")
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def stored(cells: Sequence[str], *, date_1904: bool = False) -> bytes:
    """A workbook with one column of cells below one another: ``<c s="1"><v>44000</v></c>``."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "date_1904": date_1904}) as book:
        sheet = book.add_worksheet("Loans")
        for row, form in enumerate(FORMATS[1:]):
            sheet.write_number(row, 0, 1, book.add_format({"num_format": form}))
    rows = "".join(
        f'<row r="{row}">{cell.replace("<c", f"<c r={chr(34)}A{row}{chr(34)}", 1)}</row>' if cell else ""
        for row, cell in enumerate(cells, start=1)
    )
    return changed(target.getvalue(), SHEET, lambda xml: _with_rows(xml, rows))


def _with_rows(xml: str, rows: str) -> str:
    before, _, rest = xml.partition("<sheetData>")
    return f"{before}<sheetData>{rows}</sheetData>{rest.partition('</sheetData>')[2]}"


def changed(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The workbook with one of its parts changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()) if name == part else content)
    return target.getvalue()
