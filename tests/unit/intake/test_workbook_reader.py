"""Workbooks: what a person sees in a cell, at the place where the person sees it."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UnreadableFile
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import CellKind, column_letters, read_grids
from raw_workbooks import with_part

if TYPE_CHECKING:
    from conftest import Library

MUSEUM = Path(__file__).parents[2] / "fixtures"
ERRORS = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"]


def rows(data: bytes) -> list[tuple[str | None, ...]]:
    return read_grids(data)[0].cells.rows()


def with_errors(start: str = "A1") -> bytes:
    """A workbook with an error of each kind below one another, from a cell on, beside a number each."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Errors")
        column, first = start[0], int(start[1:])
        for at, shown in enumerate(ERRORS):
            sheet.write_formula(f"{column}{first + at}", "=1", None, shown)
            sheet.write(f"{chr(ord(column) + 1)}{first + at}", at)
    return target.getvalue()


def ods(cells: list[list[tuple[str, str]]]) -> bytes:
    """An OpenDocument spreadsheet: rows of (type, value)."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="Loans")
    for row in cells:
        line = TableRow()
        for kind, value in row:
            attributes: dict[str, Any] = {"valuetype": kind} if kind else {}
            attributes |= {{"float": "value", "date": "datevalue"}[kind]: value} if kind in ("float", "date") else {}
            cell = TableCell(**attributes)
            cell.addElement(P(text=value))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    target = io.BytesIO()
    document.write(target)
    return target.getvalue()


def test_every_sheet_is_a_grid_in_the_order_of_the_workbook(library: Library) -> None:
    grids = read_grids(library.workbook(Cover=[["a"]], Loans=[["b"]], Empty=[]))
    assert [(grid.sheet, grid.cells.rows()) for grid in grids] == [
        ("Cover", [("a",)]),
        ("Loans", [("b",)]),
        ("Empty", []),
    ]
    assert all(grid.widths is None for grid in grids)


def test_empty_first_rows_and_columns_are_counted(library: Library) -> None:
    (grid,) = read_grids(library.workbook(Loans={"C4": "top", "D6": "below"}))
    assert grid.cells.rows() == [(None, None)] * 3 + [("top", None), (None, None), (None, "below")]
    assert grid.first_column == 2


def test_dates_are_iso_8601_and_times_are_not_cut_off(library: Library) -> None:
    cells = [[date(2024, 3, 1), datetime(2024, 3, 1, 10, 30), "01/03/2024"]]
    assert rows(library.workbook(Loans=cells)) == [("2024-03-01", "2024-03-01 10:30:00", "01/03/2024")]


def test_whole_numbers_have_no_decimals_and_text_stays_as_it_is(library: Library) -> None:
    assert rows(library.workbook(Loans=[[47, 0.5, 1e15, True, False]])) == [
        ("47", "0.5", "1000000000000000", "true", "false")
    ]
    assert rows(library.workbook(Loans={"A1": "007x", "B1": " a\nb "})) == [("007x", " a\nb ")]


@pytest.mark.parametrize("start", ["A1", "C4"], ids=["at the top", "below empty rows and right of empty columns"])
def test_error_cells_are_kept_as_shown(start: str) -> None:
    (grid,) = read_grids(with_errors(start))
    kept = [row for row in grid.cells.rows() if row[0] is not None]
    assert kept == [(shown, str(at)) for at, shown in enumerate(ERRORS)]
    assert grid.cells.height == int(start[1:]) - 1 + len(ERRORS)


def test_an_opendocument_spreadsheet_is_read_like_any_other() -> None:
    cells = [
        [("string", "Title"), ("string", "Copies"), ("string", "Lent")],
        [("string", "Emma"), ("float", "3"), ("date", "2024-03-01")],
        [("", ""), ("", ""), ("", "")],
        [("string", "Villette"), ("float", "1.5"), ("date", "2024-03-02")],
    ]
    (grid,) = read_grids(ods(cells))
    assert grid.sheet == "Loans"
    read = [tuple(cell or None for cell in row) for row in grid.cells.rows()]
    assert read == [
        ("Title", "Copies", "Lent"), ("Emma", "3", "2024-03-01"), (None, None, None), ("Villette", "1.5", "2024-03-02")
    ]  # fmt: skip


def test_a_page_with_nothing_but_a_chart_does_not_hide_the_others() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet("Loans").write_row(0, 0, [1, 2])
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Loans!$A$1:$B$1"})
        book.add_chartsheet("Chart").set_chart(chart)
    grids = read_grids(target.getvalue())
    assert [grid.cells.rows() for grid in grids if grid.sheet == "Loans"] == [[("1", "2")]]


def not_a_workbook() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("letter.txt", "dear library")
        archive.writestr("answer.txt", "dear reader")
    return target.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04" + b"0" * 100, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 2000, not_a_workbook()],
    ids=["damaged archive", "damaged old workbook", "archive of something else"],
)
def test_what_cannot_be_opened_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="cannot be opened as a workbook") as caught:
        read_grids(data)
    assert caught.value.code == "unreadable-file"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_workbook_cut_short_is_refused(library: Library, share: float) -> None:
    data = library.workbook(Loans=[[f"cell {row} {column}" for column in range(8)] for row in range(50)])
    with pytest.raises(UnreadableFile):
        read_grids(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    ("number", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")],
)
def test_columns_are_named_as_a_spreadsheet_names_them(number: int, letters: str) -> None:
    assert column_letters(number) == letters


# Places in findings


@pytest.fixture(scope="module")
def workbooks(library: Library) -> Rulebook:
    identification = {
        "sheet": "Loans",
        "fileName": r"(?P<supplier_code>[A-Z]\d)_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx",
    }
    return library.rulebook(library.contract(custom={"identification": identification}))


def test_a_finding_names_the_cell_that_a_person_sees(library: Library, workbooks: Rulebook) -> None:
    cells: dict[str, Any] = {f"{column_letters(2 + at)}4": text for at, text in enumerate(library.header)}
    good = ["L0001", 1, "Central", date(2024, 3, 1), date(2024, 3, 15), 0.5, True, None]
    for row in (5, 7):
        cells |= {f"{column_letters(2 + at)}{row}": value for at, value in enumerate(good)}
    data = library.workbook(Loans=cells | {"C5": "L0002", "D7": 0, "G7": "soon"})
    (result,) = assess("B1_2024-03-31.xlsx", data, workbooks)
    assert result.findings.select("row", "cell", "column").rows() == [(7, "D7", "Copy"), (7, "G7", "Returned on")]
    assert result.accepted["source_row"].to_list() == [5]
    assert (result.rows.read, result.rows.blank) == (2, 1)


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#NEW!"])
def test_an_error_that_the_library_does_not_know_is_one_cell_and_not_the_workbook(error: str) -> None:
    cells = (
        f'<c r="A1" t="e" vm="1"><f>A2:A9</f><v>{error}</v></c><c r="B1" t="e"><v>#N/A</v></c><c r="C1"><v>3</v></c>'
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    (grid,) = read_grids(with_part((MUSEUM / "plain.xlsx").read_bytes(), "xl/worksheets/sheet1.xml", sheet.encode()))
    assert grid.cells.rows() == [("#ERROR!" if error == "#NEW!" else error, "#N/A", "3")]
    assert grid.kinds is not None
    assert grid.kinds.rows() == [(CellKind.ERROR, CellKind.ERROR, CellKind.NUMBER)]


@pytest.mark.parametrize("text", ["Ünï × rich", "x" * 32_767, ""])
def test_rich_text_within_a_cell_of_a_binary_workbook_is_read(text: str) -> None:
    """The library reads such a cell as empty."""
    plain = (MUSEUM / "plain.xlsb").read_bytes()
    name = "Central".encode("utf-16-le")
    usual = b"\x06\x1a" + struct.pack("<III", 2, 0, 7) + name
    body = struct.pack("<IIBI", 2, 0, 1, len(text)) + text.encode("utf-16-le") + struct.pack("<IHH", 1, 0, 0)
    size = bytes((len(body) & 0x7F | 0x80, len(body) >> 7 & 0x7F | 0x80, len(body) >> 14))
    (before,) = read_grids(plain)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.bin")
    assert usual in sheet
    (after,) = read_grids(with_part(plain, "xl/worksheets/sheet1.bin", sheet.replace(usual, b"\x3e" + size + body, 1)))
    assert before.cells["c2"].to_list()[1] == "Central"
    assert after.cells["c2"].to_list()[1] == (text or None)
    assert after.cells.drop("c2").equals(before.cells.drop("c2"))


def test_an_error_cell_is_a_fault_and_not_an_empty_cell(library: Library, workbooks: Rulebook) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, library.header)
        sheet.write_row(1, 0, ["L0001", 1, "Central", date(2024, 3, 1)])
        sheet.write_formula("F2", "=1/0", None, "#DIV/0!")
    (result,) = assess("B1_2024-03-31.xlsx", target.getvalue(), workbooks)
    assert result.findings.select("cell", "code", "value").rows() == [("F2", "error-cell", "#DIV/0!")]


@pytest.mark.parametrize("name", ["plain.xls", "plain.xlsb", "plain.ods", "plain.xlsx", "packed.zip", "plain.parquet"])
def test_damage_of_any_byte_is_refused_or_read_and_never_an_error_of_ours(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    data = (Path(__file__).parents[2] / "fixtures" / name).read_bytes()
    # Each reading of an old workbook begins a process.
    times = 8 if name.endswith(".xls") else 40
    for place in range(0, len(data), max(len(data) // times, 1)):
        for byte in (b"\0", b"\xff"):
            with contextlib.suppress(UnreadableFile):
                read_grids(data[:place] + byte + data[place + 1 :])


# Merged cells


def merged(library: Library, *blocks: str, rows: int = 4) -> bytes:
    """Loans below a title and beside an empty column; blocks of cells are merged, and what they cover is kept, unseen."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Loans")
        for number in range(rows):
            cells = [f"L{number:04}", 1, "Central", date(2024, 3, 1), date(2024, 3, 2), 0.5, "true", "note"]
            sheet.write_row(3 + number, 1, cells)
        for block in blocks:
            sheet.merge_range(block, "")
            if block.startswith("C"):
                sheet.write(block.partition(":")[0], 7)
        sheet.write_row(2, 1, library.header)
    return target.getvalue()


@pytest.mark.parametrize(
    ("blocks", "cells"),
    [
        (("C4:C5",), ["C4", "C5"]),
        (("C4:C5", "C6:C7"), ["C4", "C5", "C6", "C7"]),
        (("C4:D4",), ["C4", "D4"]),
        (("C3:C4",), ["C4"]),
        (("B1:I1",), []),
        (("I5:K5",), []),
        (("A4:A7",), []),
    ],
    ids=["two rows", "twice", "two columns", "under the header", "a title", "one column of the table", "none"],
)
def test_each_cell_of_a_merged_block_is_a_fault(
    library: Library, workbooks: Rulebook, blocks: tuple[str, ...], cells: list[str]
) -> None:
    (result,) = assess("B1_2024-03-31.xlsx", merged(library, *blocks), workbooks)
    faults = result.findings.filter(pl.col("code") == "merged-cell")
    assert sorted(faults["cell"]) == cells
    assert result.quarantined["source_row"].to_list() == sorted({int(cell[1:]) for cell in cells}) or not cells


def test_a_merged_cell_hides_no_other_fault_and_its_own_value_is_not_checked(
    library: Library, workbooks: Rulebook
) -> None:
    """Two rows share a number that is out of range for one of them at most; the note of the second is too long."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, library.header)
        for row in (1, 2, 3):
            sheet.write_row(row, 0, [f"L{row:04}", row, "Central", date(2024, 3, 1)])
        sheet.merge_range("B2:B3", "")
        sheet.write("B2", 100)
        sheet.write("H3", "x" * 21)
    (result,) = assess("B1_2024-03-31.xlsx", target.getvalue(), workbooks)
    assert result.findings.select("cell", "code").rows() == [
        ("B2", "merged-cell"), ("B3", "merged-cell"), ("H3", "wrong-length")
    ]  # fmt: skip
    assert result.accepted["source_row"].to_list() == [4]


def test_what_is_merged_and_empty_is_empty(library: Library, workbooks: Rulebook) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, library.header)
        for row in (1, 2):
            sheet.write_row(row, 0, [f"L{row:04}", row, "Central", date(2024, 3, 1)])
        sheet.merge_range("E2:F3", "")
    (result,) = assess("B1_2024-03-31.xlsx", target.getvalue(), workbooks)
    assert (result.verdict, library.faults(result)) == ("accepted", [])
