"""Builds the museum of files in `tests/fixtures/`: each is named for the form it has or the fault it shows.

Usage: python scripts/build_fixtures.py [--output DIR]

Running it again gives the same files byte for byte, but for those of LibreOffice (`.xls`): they are built where the
program `soffice` is installed, and left as they are elsewhere. No library writes `.xlsb`, so its records are put
together here; every hostile file is harmless in size.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import shutil
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

HEADER = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")
ROWS = (
    ("L0001", "1", "Central", "01/03/2024", "15/03/2024", "0.50", "true", "Brontë"),
    ("L0002", "2", "Central", "02/03/2024", "", "", "false", ""),
)
TYPED: tuple[tuple[Any, ...], ...] = (
    ("L0001", 1, "Central", date(2024, 3, 1), date(2024, 3, 15), 0.5, True, "Brontë"),
    ("L0002", 2, "Central", date(2024, 3, 2), None, None, False, None),
)
_STAMP = (1980, 1, 1, 0, 0, 0)


def text(*records: Sequence[str], delimiter: str = ",", end: str = "\n") -> str:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, lineterminator=end).writerows(records)
    return target.getvalue()


GOOD = text(HEADER, *ROWS)


def texts() -> dict[str, bytes]:
    """CSV in every form that is read."""
    quoted = [*ROWS[0][:7], 'she said "no"\r\ntwice']
    return {
        "utf-8.csv": GOOD.encode(),
        "utf-8-with-mark.csv": b"\xef\xbb\xbf" + GOOD.encode(),
        "utf-16-little-endian.csv": b"\xff\xfe" + GOOD.encode("utf-16-le"),
        "utf-16-big-endian.csv": b"\xfe\xff" + GOOD.encode("utf-16-be"),
        "windows-1252.csv": GOOD.encode("cp1252"),
        "semicolons.csv": text(HEADER, *ROWS, delimiter=";").encode(),
        "semicolons-and-decimal-commas.csv": text(HEADER, *ROWS, delimiter=";").replace("0.50", "0,50").encode(),
        "tabs.tsv": text(HEADER, *ROWS, delimiter="\t").encode(),
        "vertical-bars.csv": text(HEADER, *ROWS, delimiter="|").encode(),
        "crlf.csv": text(HEADER, *ROWS, end="\r\n").encode(),
        "cr-alone.csv": text(HEADER, *ROWS, end="\r").encode(),
        "quoted-line-breaks.csv": text(HEADER, quoted, ROWS[1]).encode(),
        "title-and-blank-lines-above.csv": ("Loans of March 2024\n\n" + GOOD).encode(),
        "notes-below.csv": (GOOD + "\nSource: the library's cards\n").encode(),
        "blank-lines-inside.csv": text(HEADER, ROWS[0], (), [""] * 8, ROWS[1]).encode(),
        "ragged-rows.csv": text(HEADER, ROWS[0], ROWS[0][:5], (*ROWS[0], "more"), ROWS[1]).encode(),
        "trailing-delimiters.csv": text((*HEADER, ""), *((*row, "") for row in ROWS)).encode(),
        "repeated-header.csv": text((*HEADER, "Copy"), *((*row, "9") for row in ROWS)).encode(),
        "empty-header.csv": text((*HEADER, ""), *((*row, "9") for row in ROWS)).encode(),
        "padded-headers.csv": text([f" {each}\u00a0" for each in HEADER], *ROWS).encode(),
        "header-alone.csv": text(HEADER).encode(),
    }


def faulty_texts() -> dict[str, bytes]:
    """CSV files that are refused, and files that are not CSV."""
    return {
        "two-encodings.csv": text(HEADER, ROWS[0]).encode() + text(ROWS[0]).encode("cp1252"),
        "undefined-bytes.csv": GOOD.encode("cp1252").replace(b"\xeb", b"\x81"),
        "utf-32.csv": b"\xff\xfe\0\0" + GOOD.encode("utf-32-le"),
        "nul.csv": GOOD.replace("Brontë", "Bront\0").encode(),
        "open-quote.csv": GOOD.replace("Brontë", '"Brontë').encode(),
        "text-after-quote.csv": GOOD.replace("Brontë", '"Bront"ë').encode(),
        "no-byte.csv": b"",
        "white-space.csv": b" \r\n\n",
        "mark-alone.csv": b"\xef\xbb\xbf",
        "document.pdf": b"%PDF-1.7\n",
        "picture.png": b"\x89PNG\r\n\x1a\n",
    }


def archive(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, data in parts.items():
            file.writestr(zipfile.ZipInfo(name, _STAMP), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def packed() -> dict[str, bytes]:
    good = GOOD.encode()
    return {
        "packed.csv.gz": gzip.compress(good, mtime=0),
        "packed.zip": archive({"loans.csv": good, "__MACOSX/._loans.csv": b"\0"}),
        "cut-short.csv.gz": gzip.compress(good, mtime=0)[:-12],
        "bomb.csv.gz": gzip.compress(b"0" * 3_000_000, mtime=0),
        "two-files.zip": archive({"one.csv": good, "two.csv": good}),
        "archive-in-archive.zip": archive({"inner.zip": archive({"loans.csv": good})}),
        "bomb.zip": archive({"loans.csv": b"0" * 3_000_000}),
        "nothing.zip": archive({}),
    }


def book(fill: Callable[[xlsxwriter.Workbook, Any], None], **options: Any) -> bytes:
    target = io.BytesIO()
    settings = {"in_memory": True, "default_date_format": "dd/mm/yyyy", **options}
    with xlsxwriter.Workbook(target, settings) as workbook:
        workbook.set_properties({"created": datetime(2024, 4, 1)})  # noqa: DTZ001 -- a property without a zone
        fill(workbook, workbook.add_worksheet("Loans"))
    return target.getvalue()


def table(sheet: Any, row: int = 0, column: int = 0, rows: Sequence[Sequence[Any]] = TYPED) -> None:
    for number, cells in enumerate((HEADER, *rows)):
        sheet.write_row(row + number, column, cells)


def _merged_title(workbook: Any, sheet: Any) -> None:
    sheet.merge_range("A1:H1", "Loans of March 2024", workbook.add_format({"align": "center"}))
    table(sheet, 2)
    sheet.write("A7", "Source: the library's cards")


def _merged_data(workbook: Any, sheet: Any) -> None:
    table(sheet)
    sheet.merge_range("C2:C3", "Central", workbook.add_format({"align": "center"}))


def _hidden_rows(_workbook: Any, sheet: Any) -> None:
    table(sheet)
    sheet.set_row(1, None, None, {"hidden": True})


def _hidden_sheets(workbook: Any, sheet: Any) -> None:
    table(sheet)
    lists = workbook.add_worksheet("Lists")
    lists.write("A1", "Central")
    lists.hide()
    codes = workbook.add_worksheet("Codes")
    codes.write("A1", "N")
    codes.very_hidden()


def _ghost_rows(workbook: Any, sheet: Any) -> None:
    table(sheet)
    grey = workbook.add_format({"bg_color": "#DDDDDD"})
    for row in range(3, 8_008):
        for column in range(8):
            sheet.write_blank(row, column, None, grey)
    sheet.write_blank("XFD1048576", None, grey)


def _formulas(_workbook: Any, sheet: Any) -> None:
    table(sheet)
    sheet.write_formula("B2", "=2-1", None, 1)
    sheet.write_formula("F2", "=0.1+0.2", None, 0.30000000000000004)
    sheet.write_formula("H2", '="Bront"&"ë"', None, "Brontë")


def _error_cells(_workbook: Any, sheet: Any) -> None:
    table(sheet)
    sheet.write_formula("F2", "=1/0", None, "#DIV/0!")
    sheet.write_formula("H3", "=NA()", None, "#N/A")


def _dates(_workbook: Any, sheet: Any) -> None:
    moments: list[Any] = [date(2024, 3, 1), "2024-03-01", "01/03/2024", datetime(2024, 3, 1, 10, 30)]  # noqa: DTZ001 -- a spreadsheet knows no zones
    sheet.write_row(0, 0, moments)


def _chart(workbook: Any, sheet: Any) -> None:
    """The table with a chart beside it, whose numbers are not those of the table's first cells."""
    table(sheet)
    sheet.write_column("K1", [70, 80, 90])
    chart = workbook.add_chart({"type": "column"})
    chart.add_series({"values": "=Loans!$K$1:$K$3"})
    sheet.insert_chart("J5", chart)


def _kinds(workbook: Any, sheet: Any) -> None:
    """A cell of every kind, below one another."""
    day, clock, hours = (workbook.add_format({"num_format": each}) for each in ("dd/mm/yyyy", "hh:mm", "[h]:mm"))
    sheet.write_column("B2", ["text", " blanks ", "line\nend", "007", 47, -0.5, 1234567.125, 1e15])
    for row, (value, form) in enumerate(((45352, day), (45352.4375, day), (0.4375, clock), (1.5, hours)), start=9):
        sheet.write_number(row, 1, value, form)
    sheet.write_boolean("B14", True)  # noqa: FBT003 -- the library takes it by place only
    for row, shown in enumerate(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"), start=14):
        sheet.write_formula(row, 1, {"#N/A": "=NA()"}.get(shown, "=1/0"), None, shown)
    sheet.write("D30", "last")


def _with_stored_days(xml: bytes) -> bytes:
    """Dates as text, as some programs store them."""
    for number, written in (
        (b"45352", b"2024-03-01T00:00:00Z"),
        (b"45366", b"2024-03-15T00:00:00.000"),
        (b"45353", b"2024-03-02"),
    ):
        old = rb'" s="1"><v>' + number
        xml = xml.replace(old, rb'" s="1" t="d"><v>' + written)
    return xml


_EXTENSIONS = (
    b'<extLst><ext uri="{140A7094-0E35-4892-8432-C4D2E57EDEB5}" xmlns:x15="http://schemas.microsoft.com/office/'
    b'spreadsheetml/2010/11/main"><x15:workbookPr chartTrackingRefBase="1"/></ext></extLst></workbook>'
)


def _shown_otherwise(workbook: Any, sheet: Any) -> None:
    """Cells that show something else than is stored, beside what they show; and hidden rows and columns."""
    cells = [
        (0.28, "0%", "28%"), (101, "0000", "0101"), (101001, '"X"000000', "X101001"), (0.25, "[h]:mm", "6:00"),
        (45352, "mmm-yy", "Mar-24"), (1234567, "#,##0,", "1,235"), (1.5, "# ?/?", "1 1/2"), (42.142857, "0.00", "42.14"),
        (-5, "0;0", "5"), (47, "0.00", ""), (1234567, "#,##0", ""), (-5, "#,##0;[Red](#,##0)", ""), (45352, "dd/mm/yyyy", ""),
        (1234.5, "£#,##0.00", ""), (0.1 + 0.2, "0.00", ""), ("text", "0.00", ""),
    ]  # fmt: skip
    raised, lowered = workbook.add_format({"font_script": 1}), workbook.add_format({"font_script": 2})
    for row, (value, code, shown) in enumerate(cells):
        sheet.write(row, 0, value, workbook.add_format({"num_format": code}))
        sheet.write(row, 1, shown)
    sheet.write_rich_string("A17", "420", raised, "1")
    sheet.write("B17", "420¹")
    sheet.write_rich_string("A18", "H", lowered, "2", "O")
    sheet.write("B18", "H₂O")
    sheet.write("A19", "seen")
    sheet.write("C19", "unseen")
    sheet.set_row(2, options={"hidden": True})
    sheet.set_row(4, options={"hidden": True, "level": 1})
    sheet.set_row(20, options={"hidden": True})
    sheet.set_column("C:D", None, None, {"hidden": True})


def workbooks() -> dict[str, bytes]:
    """Workbooks in every form that is read."""
    plain = book(lambda _, sheet: table(sheet))
    return {
        "plain.xlsx": plain,
        "macros.xlsm": changed(plain, "[Content_Types].xml", _with_macros),
        "merged-title.xlsx": book(_merged_title),
        "merged-data.xlsx": book(_merged_data),
        "hidden-rows.xlsx": book(_hidden_rows),
        "hidden-sheets.xlsx": book(_hidden_sheets),
        "ghost-rows.xlsx": book(_ghost_rows),
        "formulas.xlsx": book(_formulas),
        "error-cells.xlsx": book(_error_cells),
        "numbers-as-text.xlsx": book(lambda _, sheet: table(sheet, rows=ROWS)),
        "dates.xlsx": book(_dates),
        "shown-otherwise.xlsx": book(_shown_otherwise),
        "dates-1904.xlsx": book(_dates, date_1904=True),
        "dates-1904-with-extensions.xlsx": changed(
            book(_dates, date_1904=True), "xl/workbook.xml", lambda xml: xml.replace(b"</workbook>", _EXTENSIONS)
        ),
        "dates-as-text.xlsx": changed(plain, SHEET, _with_stored_days),
        "chart-on-the-sheet.xlsx": book(_chart),
        "every-kind-of-cell.xlsx": book(_kinds),
        "utf-16-part-without-cells.xlsx": _with_item(
            plain, '<?xml version="1.0" encoding="UTF-16"?><item/>'.encode("utf-16")
        ),
        "saved-by-excel.ods": _saved_by_excel(),
        "empty-first-rows-and-columns.xlsx": book(lambda _, sheet: table(sheet, 3, 2)),
        "strict.xlsx": _strict(plain),
        "cells-without-references.xlsx": changed(plain, SHEET, _without_references),
        "untrue-dimension.xlsx": changed(plain, SHEET, lambda xml: xml.replace(b'ref="A1:H3"', b'ref="A1:XFD1048576"')),
        "plain.ods": open_document(_ods_rows(), {}),
        "error-cells.ods": open_document(_ods_errors(), {}),
        "merged-data.ods": open_document(_ods_merged(), {}),
        "plain.xlsb": binary_workbook(),
        "merged-data.xlsb": binary_workbook(merged=(1, 2, 2, 2)),
    }


SHEET = "xl/worksheets/sheet1.xml"


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """An archive with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = {each: file.read(each) for each in file.namelist()}
    return archive({each: change(part) if each == name else part for each, part in parts.items()})


def _with_item(data: bytes, item: bytes) -> bytes:
    """An archive with one more part, of a kind that document libraries add to workbooks."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return archive({**{each: file.read(each) for each in file.namelist()}, "customXml/item1.xml": item})


def _with_macros(xml: bytes) -> bytes:
    old = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return xml.replace(old, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")


def _strict(data: bytes) -> bytes:
    """The same workbook in the names of Strict Open XML."""
    for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels", SHEET, "xl/sharedStrings.xml"):
        data = changed(data, name, _strict_names)
    return data


def _strict_names(xml: bytes) -> bytes:
    for word in (b"relationships", b"spreadsheetml"):
        old = b"http://schemas.openxmlformats.org/" + (b"officeDocument/2006/" if word[:1] == b"r" else b"")
        old += word + (b"" if word[:1] == b"r" else b"/2006/main")
        new = b"http://purl.oclc.org/ooxml/" + (b"officeDocument/" if word[:1] == b"r" else b"")
        xml = xml.replace(old, new + word + (b"" if word[:1] == b"r" else b"/main"))
    return xml


def _without_references(xml: bytes) -> bytes:
    import re

    return re.sub(rb'(<c) r="[A-Z]+\d+"', rb"\1", xml)


_ODS = "urn:oasis:names:tc:opendocument:xmlns:"


def open_document(rows: str, manifest: Mapping[str, str]) -> bytes:
    names = " ".join(f'xmlns:{each}="{_ODS}{each}:1.0"' for each in ("office", "table", "text"))
    content = (
        f'<office:document-content {names} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Loans">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="text/xml">{more}</manifest:file-entry>'
        for path, more in {"content.xml": "", **manifest}.items()
    )
    listing = f'<manifest:manifest xmlns:manifest="{_ODS}manifest:1.0">{entries}</manifest:manifest>'
    return archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": listing.encode(),
        }
    )


def ods_cell(value: Any, times: int = 1) -> str:
    repeated = f' table:number-columns-repeated="{times}"' if times > 1 else ""
    if value is None:
        return f"<table:table-cell{repeated}/>"
    kind, attribute = "string", ""
    if isinstance(value, bool):
        kind, attribute = "boolean", f' office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        kind, attribute = "float", f' office:value="{value}"'
    elif isinstance(value, date):
        kind, attribute = "date", f' office:date-value="{value}"'
    shown = f"<text:p>{value}</text:p>"
    return f'<table:table-cell{repeated} office:value-type="{kind}"{attribute}>{shown}</table:table-cell>'


def ods_row(cells: str, times: int = 1) -> str:
    repeated = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    return f"<table:table-row{repeated}>{cells}</table:table-row>"


def _ods_rows() -> str:
    """The table, and below and beside it what the program itself writes: empty cells to the end of the sheet."""
    rest = ods_cell(None, 16_376)
    rows = [ods_row("".join(map(ods_cell, cells)) + rest) for cells in (HEADER, *TYPED)]
    return "".join(rows) + ods_row(ods_cell(None, 16_384), 1_048_573)


def _saved_by_excel() -> bytes:
    """The table as Excel saves it: to the last row and column, with a formula whose result is an empty text."""
    first, second = ([*map(ods_cell, cells)] for cells in TYPED)
    second[7] = '<table:table-cell table:formula="of:=IF([.G3];&quot;yes&quot;;&quot;&quot;)"/>'
    rest = ods_cell(None, 16_376)
    rows = "".join(ods_row("".join(cells) + rest) for cells in (map(ods_cell, HEADER), first, second))
    data = open_document(rows + ods_row(ods_cell(None, 16_384), 1_048_573), {})
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = {each: file.read(each) for each in file.namelist()}
    meta = (
        f'<office:document-meta xmlns:office="{_ODS}office:1.0" xmlns:meta="{_ODS}meta:1.0"><office:meta><meta:generator>'
        "MicrosoftOffice/16.0 MicrosoftExcel/CalculationVersion-29822</meta:generator></office:meta></office:document-meta>"
    )
    return archive({**parts, "meta.xml": meta.encode()})


def _ods_errors() -> str:
    """The table with formulas that failed: LibreOffice stores an empty text and shows the error."""
    failed = (
        '<table:table-cell xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
        'table:formula="of:={}" office:value-type="string" office:string-value="" calcext:value-type="error">'
        "<text:p>{}</text:p></table:table-cell>"
    )
    first, second = ([*map(ods_cell, cells)] for cells in TYPED)
    first[5], second[7] = failed.format("1/0", "#DIV/0!"), failed.format("NA()", "#N/A")
    return "".join(ods_row("".join(cells)) for cells in (map(ods_cell, HEADER), first, second))


def _ods_merged() -> str:
    """The table with the branch of both rows in one cell."""
    first, second = ([*map(ods_cell, cells)] for cells in TYPED)
    spanned = 'table:number-columns-spanned="1" table:number-rows-spanned="2"'
    first[2] = first[2].replace("<table:table-cell", f"<table:table-cell {spanned}")
    second[2] = "<table:covered-table-cell/>"
    return "".join(ods_row("".join(cells)) for cells in (map(ods_cell, HEADER), first, second))


def record(kind: int, body: bytes = b"") -> bytes:
    """A record of XLSB: type and length in bytes of seven bits, then its body."""
    head = bytes([kind]) if kind < 128 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    size = len(body)
    return head + (bytes([size]) if size < 128 else bytes([(size & 0x7F) | 0x80, size >> 7])) + body


def wide(words: str) -> bytes:
    return len(words).to_bytes(4, "little") + words.encode("utf-16-le")


def _binary_cell(column: int, value: Any) -> bytes:
    import struct

    place = struct.pack("<II", column, 1 if isinstance(value, date) else 0)
    if isinstance(value, bool):
        return record(4, place + bytes([value]))
    if isinstance(value, date):
        return record(5, place + struct.pack("<d", (value - date(1899, 12, 30)).days))
    if isinstance(value, int | float):
        return record(5, place + struct.pack("<d", value))
    return record(6, place + wide(value))


def binary_workbook(row: int = 0, merged: Sequence[int] = ()) -> bytes:
    """The table from a row on, with merged cells: first and last row, first and last column."""
    rows = b""
    for number, cells in enumerate((HEADER, *TYPED), start=row):
        rows += record(0, number.to_bytes(4, "little") + bytes(13))
        covered = merged[2:3] if merged and number == merged[1] else ()
        filled = {at: value for at, value in enumerate(cells) if value is not None and at not in covered}
        rows += b"".join(_binary_cell(at, value) for at, value in filled.items())
    places = b"".join(each.to_bytes(4, "little") for each in merged)
    blocks = record(177, (1).to_bytes(4, "little")) + record(176, places) + record(178) if merged else b""
    sheet = record(129) + record(148, bytes(16)) + record(145) + rows + record(146) + blocks + record(130)
    listed = record(156, bytes(4) + (1).to_bytes(4, "little") + wide("rId1") + wide("Loans"))
    workbook = (
        record(131) + record(153, bytes(8)) + record(143) + listed + record(144) + record(157, bytes(26)) + record(132)
    )
    formats = record(47, bytes(16)) + record(47, bytes(2) + (14).to_bytes(2, "little") + bytes(12))
    styles = record(278) + record(617, (2).to_bytes(4, "little")) + formats + record(618) + record(279)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    one = '<Relationship Id="{}" Type="' + office + '/{}" Target="{}"/>'
    links = f'<Relationships xmlns="{package}/relationships">{{}}</Relationships>'
    inner = one.format("rId1", "worksheet", "worksheets/sheet1.bin") + one.format("rId2", "styles", "styles.bin")
    kinds = (
        f'<Types xmlns="{package}/content-types"><Default Extension="bin" '
        'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
    )
    return archive(
        {
            "[Content_Types].xml": kinds.encode(),
            "_rels/.rels": links.format(one.format("rId1", "officeDocument", "xl/workbook.bin")).encode(),
            "xl/workbook.bin": workbook,
            "xl/_rels/workbook.bin.rels": links.format(inner).encode(),
            "xl/styles.bin": styles,
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


def faulty_workbooks() -> dict[str, bytes]:
    """Workbooks that are refused before any library opens them."""
    plain = book(lambda _, sheet: table(sheet))
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(io.BytesIO(plain)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    huge = parts[SHEET].replace(b"</sheetData>", b"<row></row>" * 300_000 + b"</sheetData>")
    return {
        "password.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(992),
        "formula-without-result.xlsx": changed(
            book(_formulas), SHEET, lambda xml: xml.replace(b"</f><v>1</v>", b"</f><v></v>")
        ),
        "formula-without-result.ods": open_document(
            ods_row('<table:table-cell table:formula="of:=1+1"/>' + ods_cell("x")), {}
        ),
        "password.ods": open_document(_ods_rows(), {"Thumbnail.png": "<manifest:encryption-data/>"}),
        "cut-short.xlsx": plain[: len(plain) // 2],
        "wrong-checksum.xlsx": _wrong_checksum(plain),
        "part-twice.xlsx": _part_twice(parts),
        "document-type.xlsx": archive({**parts, SHEET: b'<!DOCTYPE x [<!ENTITY a "b">]>' + parts[SHEET]}),
        "utf-16-part.xlsx": archive({**parts, SHEET: parts[SHEET].decode().encode("utf-16")}),
        "too-many-parts.xlsx": archive({**parts, **{f"xl/media/{number}.txt": b"" for number in range(2_001)}}),
        "bomb.xlsx": archive({**parts, SHEET: huge}),
        "untrue-size.xlsx": _untrue_size(archive({**parts, SHEET: huge[:-100_000] + parts[SHEET]}), len(parts[SHEET])),
        "far-cell.xlsx": archive({**parts, SHEET: parts[SHEET].replace(b"</sheetData>", far)}),
        "far-row-without-reference.xlsx": archive(
            {**parts, SHEET: parts[SHEET].replace(b"</sheetData>", far.replace(b' r="XFD1048576"', b""))}
        ),
        "far-cell.xlsb": changed(
            binary_workbook(), "xl/worksheets/sheet1.bin",
            lambda sheet: sheet.replace(record(146), record(0, (1_048_575).to_bytes(4, "little") + bytes(13)) + _binary_cell(16_383, "x") + record(146)),
        ),
        "repeated-cells.ods": open_document(ods_row(ods_cell("x", 16_384), 1_048_576), {}),
        "letter.docx": archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}),
    }  # fmt: skip


def _wrong_checksum(data: bytes) -> bytes:
    """The checksum of the sheet is wrong in both of its places."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        checksum = file.getinfo(SHEET).CRC.to_bytes(4, "little")
    return data.replace(checksum, bytes(4))


def _part_twice(parts: Mapping[str, bytes]) -> bytes:
    """A name is longer by a letter while it is written, as the writer warns of two of one name."""
    return archive({**parts, SHEET[:-1] + "x": parts[SHEET]}).replace((SHEET[:-1] + "x").encode(), SHEET.encode())


def _untrue_size(data: bytes, size: int) -> bytes:
    """The sheet says that it is small, with the checksum of its first bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        sheet = file.getinfo(SHEET)
        start = file.read(SHEET)[:size]
    said = sheet.file_size.to_bytes(4, "little")
    data = data.replace(said, size.to_bytes(4, "little"))
    return data.replace(sheet.CRC.to_bytes(4, "little"), zlib.crc32(start).to_bytes(4, "little"))


def columnar() -> dict[str, bytes]:
    frame = pl.DataFrame(list(TYPED), schema=list(HEADER), orient="row").with_columns(
        pl.col("Fine").map_elements(lambda value: Decimal(str(value)), return_dtype=pl.Decimal(10, 2))
    )
    nested = pl.DataFrame({"Loans": [["L0001"], ["L0002"]]})
    parquet, arrow, lists = io.BytesIO(), io.BytesIO(), io.BytesIO()
    frame.write_parquet(parquet)
    frame.write_ipc(arrow)
    nested.write_parquet(lists)
    return {
        "plain.parquet": parquet.getvalue(),
        "plain.arrow": arrow.getvalue(),
        "lists.parquet": lists.getvalue(),
        "cut-short.parquet": parquet.getvalue()[:-40],
    }


def converted_workbooks(directory: Path) -> None:
    """The same workbooks as other programs write them, converted by LibreOffice: old ones, and OpenDocument."""
    office = shutil.which("soffice")
    if office is None:
        print("LibreOffice is not installed: the files that it converts are left as they are.")
        return
    with tempfile.TemporaryDirectory() as profile:
        command = [office, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to"]
        of_form = {
            "xls": (
                "plain",
                "dates-1904",
                "error-cells",
                "merged-data",
                "shown-otherwise",
                "chart-on-the-sheet",
                "every-kind-of-cell",
            ),
            "ods": ("shown-otherwise",),
        }
        for form, names in of_form.items():
            for name in names:
                whole = [*command, form, "--outdir", str(directory), str(directory / f"{name}.xlsx")]
                subprocess.run(whole, check=True, capture_output=True)  # noqa: S603 -- a fixed command


def _far_cell(data: bytes) -> bytes:
    """An old workbook with its last cell moved as far as the format has numbers: 65,536 rows, as many columns."""
    text_cell = b"\xfd\x00\x0a\x00"
    place = data.rindex(text_cell) + len(text_cell)
    return data[:place] + b"\xff" * 4 + data[place + 4 :]


def _untrue_dimensions(data: bytes) -> bytes:
    """An old workbook that says its sheet has more rows than there can be."""
    import struct

    true, untrue = (struct.pack("<HHIIHHH", 0x0200, 14, 0, rows, 0, 8, 0) for rows in (3, 1_048_576))
    return data.replace(true, untrue)


def build(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for family in (texts, faulty_texts, packed, workbooks, faulty_workbooks, columnar):
        for name, data in family().items():
            (directory / name).write_bytes(data)
    converted_workbooks(directory)
    (directory / "far-cell.xls").write_bytes(_far_cell((directory / "plain.xls").read_bytes()))
    (directory / "untrue-dimensions.xls").write_bytes(_untrue_dimensions((directory / "plain.xls").read_bytes()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "tests" / "fixtures")
    build(parser.parse_args().output)


if __name__ == "__main__":
    main()
