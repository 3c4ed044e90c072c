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
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return with_part(data, part, change(archive.read(part).decode()).encode())


def changed_bytes(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The workbook with some bytes of one of its parts changed, which are there once."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read(part)
    assert content.count(old) == 1
    return with_part(data, part, content.replace(old, new))


def with_part(data: bytes, part: str, content: bytes) -> bytes:
    """The workbook with one of its parts replaced, or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()}
        for name, each in (parts | {part: content}).items():
            new.writestr(name, each)
    return target.getvalue()


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_MANIFEST = f'<manifest:manifest xmlns:manifest="{_ODF}manifest:1.0"/>'


#: Prefixes of elements, with the names that they stand for.
_NAMES = {name: name for name in ("office", "style", "table", "text", "meta")} | {"draw": "drawing", "calcext": "calc"}


def open_document(
    rows: str, *, settings: str = "", program: str = "", styles: str = "", columns: str = "", sheet: str = "Loans"
) -> bytes:
    """An OpenDocument spreadsheet of one sheet.

    Args:
        rows: The rows as they are stored.
        settings: What stands before the sheet.
        program: What the spreadsheet says that wrote it.
        styles: The styles of cells, rows and columns.
        columns: What stands before the rows.
        sheet: Name of the sheet.
    """
    names = " ".join(f'xmlns:{prefix}="{_ODF}{name}:1.0"' for prefix, name in _NAMES.items())
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet>{settings}<table:table table:name="{sheet}">{columns}{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        if program:
            archive.writestr(
                "meta.xml",
                f"<office:document-meta {names}><office:meta><meta:generator>{program}</meta:generator></office:meta>"
                "</office:document-meta>",
            )
    return target.getvalue()
