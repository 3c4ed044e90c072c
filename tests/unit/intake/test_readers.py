"""A museum of files, each named for its format or its fault, and read or refused as the tables below say."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import Grid, Limits, read_grids

if TYPE_CHECKING:
    from conftest import Library

LOANS = r"(?P<supplier_code>[A-Z]\d)_loans_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx"
MUSEUM = Path(__file__).parents[2] / "fixtures"
HEADER = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")
TEXTS = [
    ("L0001", "1", "Central", "01/03/2024", "15/03/2024", "0.50", "true", "Brontë"),
    ("L0002", "2", "Central", "02/03/2024", None, None, "false", None),
]
CELLS = [
    ("L0001", "1", "Central", "2024-03-01", "2024-03-15", "0.5", "true", "Brontë"),
    ("L0002", "2", "Central", "2024-03-02", None, None, "false", None),
]
NOTHING = (None,) * 8
DAYS = (("2024-03-01", "2024-03-01", "01/03/2024", "2024-03-01 10:30:00"),)

#: LibreOffice, which wrote the old workbook, calculated these formulas again.
KNOWN_ERRORS = {
    "xlsx": ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"),
    "xls": ("#DIV/0!", "#N/A", *["#DIV/0!"] * 5),
}


def every_kind(*errors: str) -> list[tuple[str | None, ...]]:
    """Rows from B2 on, with one cell of every kind each, and the last cell of the sheet far below."""
    texts = ("text", " blanks ", "line\nend", "007", "47", "-0.5", "1234567.125", "1000000000000000")
    times = ("2024-03-01", "2024-03-01 10:30:00", "10:30:00", "36:00:00", "true")
    filled = (None, *texts, *times, *errors)
    return [(cell, None, None) for cell in (*filled, *[None] * (29 - len(filled)))] + [(None, None, "last")]


#: What is stored, what is shown where that is something else, and a column that is hidden.
SHOWN_OTHERWISE = (
    *(
        (*stored, None)
        for stored in (
            ("0.28", "28%"), ("101", "0101"), ("101001", "X101001"), ("06:00:00", "6:00"), ("2024-03-01", "Mar-24"),
            ("1234567", "1,235"), ("1.5", "1 1/2"), ("42.142857", "42.14"), ("-5", "5"), ("47", None), ("1234567", None),
            ("-5", None), ("2024-03-01", None), ("1234.5", None), ("0.3", None), ("text", None), ("4201", "420¹"), ("H2O", "H₂O"),
        )
    ),
    ("seen", None, "unseen"),
)  # fmt: skip

#: Rows of the first grid of each file that holds just the table.
TABLES = {
    **dict.fromkeys(
        ("utf-8.csv", "utf-8-with-mark.csv", "utf-16-little-endian.csv", "utf-16-big-endian.csv", "windows-1252.csv",
         "semicolons.csv", "tabs.tsv", "vertical-bars.csv", "crlf.csv", "cr-alone.csv", "packed.csv.gz", "packed.zip",
         "numbers-as-text.xlsx"),
        (HEADER, *TEXTS),
    ),
    **dict.fromkeys(
        ("plain.xlsx", "plain.xls", "plain.xlsb", "plain.ods", "macros.xlsm", "hidden-rows.xlsx", "hidden-sheets.xlsx",
         "ghost-rows.xlsx", "strict.xlsx", "untrue-dimension.xlsx", "untrue-dimensions.xls", "dates-as-text.xlsx",
         "saved-by-excel.ods", "utf-16-part-without-cells.xlsx"),
        (HEADER, *CELLS),
    ),
    **dict.fromkeys(
        ("plain.parquet", "plain.arrow"), (HEADER, (*CELLS[0][:5], "0.50", *CELLS[0][6:]), CELLS[1])
    ),
    **dict.fromkeys(("dates.xlsx", "dates-1904.xlsx", "dates-1904.xls", "dates-1904-with-extensions.xlsx"), DAYS),
    "semicolons-and-decimal-commas.csv": [HEADER, (*TEXTS[0][:5], "0,50", *TEXTS[0][6:]), TEXTS[1]],
    "quoted-line-breaks.csv": [HEADER, (*TEXTS[0][:7], 'she said "no"\r\ntwice'), TEXTS[1]],
    "title-and-blank-lines-above.csv": [("Loans of March 2024", *NOTHING[1:]), NOTHING, HEADER, *TEXTS],
    "notes-below.csv": [HEADER, *TEXTS, NOTHING, ("Source: the library's cards", *NOTHING[1:])],
    "blank-lines-inside.csv": [HEADER, TEXTS[0], NOTHING, NOTHING, TEXTS[1]],
    "open-quote.csv": [HEADER, (*TEXTS[0][:7], f'"{TEXTS[0][7]}'), TEXTS[1]],
    "text-after-quote.csv": [HEADER, (*TEXTS[0][:7], TEXTS[0][7].replace("Bront", '"Bront"')), TEXTS[1]],
    "ragged-rows.csv": [
        (*HEADER, None), (*TEXTS[0], None), (*TEXTS[0][:5], None, None, None, None), (*TEXTS[0], "more"),
        (*TEXTS[1], None),
    ],
    "trailing-delimiters.csv": [(*row, None) for row in (HEADER, *TEXTS)],
    "repeated-header.csv": [(*HEADER, "Copy"), *((*row, "9") for row in TEXTS)],
    "empty-header.csv": [(*HEADER, None), *((*row, "9") for row in TEXTS)],
    "padded-headers.csv": [tuple(f" {each}\u00a0" for each in HEADER), *TEXTS],
    "header-alone.csv": [HEADER],
    "merged-title.xlsx": [
        ("Loans of March 2024", *NOTHING[1:]), NOTHING, HEADER, *CELLS, NOTHING,
        ("Source: the library's cards", *NOTHING[1:]),
    ],
    **dict.fromkeys(
        ("merged-data.xlsx", "merged-data.xls", "merged-data.xlsb", "merged-data.ods"),
        (HEADER, CELLS[0], (*CELLS[1][:2], None, *CELLS[1][3:])),
    ),
    "cells-without-references.xlsx": [HEADER, CELLS[0], (*CELLS[1][:4], "false", None, None, None)],
    "formulas.xlsx": [HEADER, (*CELLS[0][:5], "0.3", *CELLS[0][6:]), CELLS[1]],
    **dict.fromkeys(
        ("error-cells.xlsx", "error-cells.xls", "error-cells.ods"),
        (HEADER, (*CELLS[0][:5], "#DIV/0!", *CELLS[0][6:]), (*CELLS[1][:7], "#N/A")),
    ),
    **dict.fromkeys(
        ("chart-on-the-sheet.xlsx", "chart-on-the-sheet.xls"),
        tuple((*row, None, None, shown) for row, shown in zip((HEADER, *CELLS), ("70", "80", "90"), strict=True)),
    ),
    **{f"every-kind-of-cell.{form}": every_kind(*errors) for form, errors in KNOWN_ERRORS.items()},
    **dict.fromkeys(("shown-otherwise.xlsx", "shown-otherwise.xls", "shown-otherwise.ods"), SHOWN_OTHERWISE),
    "empty-first-rows-and-columns.xlsx": [NOTHING] * 3 + [HEADER, *CELLS],
}  # fmt: skip

#: Code and words of the refusal of each file that is not read.
REFUSALS = {
    "two-encodings.csv": ("unreadable-file", "line 3 is where the second one begins"),
    "undefined-bytes.csv": ("unreadable-file", "line 2 holds bytes that mean nothing"),
    "utf-32.csv": ("unreadable-file", "UTF-32"),
    "nul.csv": ("unreadable-file", "Line 2 holds a NUL"),
    "no-byte.csv": ("empty-file", "empty"),
    "white-space.csv": ("empty-file", "empty"),
    "mark-alone.csv": ("empty-file", "empty"),
    "document.pdf": ("unreadable-file", "PDF"),
    "picture.png": ("unreadable-file", "picture"),
    "cut-short.csv.gz": ("unreadable-file", "damaged or incomplete"),
    "two-files.zip": ("unreadable-file", "holds 2 files"),
    "archive-in-archive.zip": ("unreadable-file", "not CSV"),
    "nothing.zip": ("unreadable-file", "nothing in it"),
    "bomb.csv.gz": ("too-large", "100 times"),
    "bomb.zip": ("too-large", "100 times"),
    "password.xlsx": ("unreadable-file", "password"),
    "password.ods": ("unreadable-file", "password"),
    "formula-without-result.xlsx": ("unreadable-file", "formula without a result (cell B2)"),
    "formula-without-result.ods": ("unreadable-file", "formula without a result (row 1, column 1)"),
    "cut-short.xlsx": ("unreadable-file", "damaged"),
    "wrong-checksum.xlsx": ("unreadable-file", "damaged"),
    "part-twice.xlsx": ("unreadable-file", "two parts of one name"),
    "document-type.xlsx": ("unreadable-file", "declares a document type"),
    "utf-16-part.xlsx": ("unreadable-file", "UTF-16"),
    "too-many-parts.xlsx": ("too-large", "at most 2,000"),
    "bomb.xlsx": ("too-large", "100 times"),
    "untrue-size.xlsx": ("unreadable-file", "damaged"),
    "far-cell.xlsx": ("too-large", "17,179,869,184 cells"),
    "far-cell.xls": ("too-large", "65,536 columns"),
    "far-row-without-reference.xlsx": ("too-large", "row 1,048,576"),
    "far-cell.xlsb": ("too-large", "17,179,869,184 cells"),
    "repeated-cells.ods": ("too-large", "17,179,869,184 cells"),
    "letter.docx": ("unreadable-file", "a Word document"),
    "lists.parquet": ("unreadable-file", "Column 1"),
    "cut-short.parquet": ("unreadable-file", "damaged"),
}

#: What is read otherwise than agreed, and the warning that says so.
WARNINGS = {
    "utf-16-little-endian.csv": ("wrong-encoding", "UTF-16"),
    "utf-16-big-endian.csv": ("wrong-encoding", "UTF-16"),
    "windows-1252.csv": ("wrong-encoding", "Windows-1252"),
    "semicolons.csv": ("wrong-delimiter", "‘;’"),
    "semicolons-and-decimal-commas.csv": ("wrong-delimiter", "‘;’"),
    "tabs.tsv": ("wrong-delimiter", "tabs"),
    "vertical-bars.csv": ("wrong-delimiter", "‘|’"),
}


def read(name: str) -> list[Grid]:
    return read_grids((MUSEUM / name).read_bytes())


def test_every_file_of_the_museum_is_in_the_table_once() -> None:
    assert {path.name for path in MUSEUM.iterdir()} == TABLES.keys() | REFUSALS.keys()
    assert not TABLES.keys() & REFUSALS.keys()
    assert WARNINGS.keys() <= TABLES.keys()


@pytest.mark.parametrize("name", TABLES)
def test_it_is_read_as_a_person_reads_it(name: str) -> None:
    first = read(name)[0]
    assert first.cells.rows() == list(TABLES[name])
    warnings = [(each.code, each.value) for each in first.findings if each.severity == "warning"]
    assert warnings == ([WARNINGS[name]] if name in WARNINGS else [])
    assert len(first.findings) == len(warnings)


@pytest.mark.parametrize("name", REFUSALS)
def test_it_is_refused_with_a_reason_and_at_once(name: str) -> None:
    began = time.process_time()
    with pytest.raises(UnreadableFile) as caught:
        read(name)
    assert caught.value.code == REFUSALS[name][0]
    assert REFUSALS[name][1] in str(caught.value)
    assert "Bront" not in str(caught.value)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "name", ["far-cell.xlsx", "far-cell.xlsb", "far-cell.xls", "repeated-cells.ods", "bomb.xlsx", "bomb.csv.gz"]
)
def test_what_asks_for_gigabytes_gets_none(name: str) -> None:
    """In a process of its own that may take 200 MB more than it had with every library loaded."""
    program = f"""
import resource
from pathlib import Path
from probation_etl.intake.readers import read_grids
from probation_etl.errors import UnreadableFile
read_grids(Path({str(MUSEUM / "plain.xlsx")!r}).read_bytes())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_grids(Path({str(MUSEUM / name)!r}).read_bytes())
except UnreadableFile:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert 0 <= int(run.stdout) < 200_000


def test_hidden_sheets_are_read_and_reported_as_hidden() -> None:
    assert [(grid.sheet, grid.hidden) for grid in read("hidden-sheets.xlsx")] == [
        ("Loans", False), ("Lists", True), ("Codes", True)
    ]  # fmt: skip


def test_only_files_that_know_dates_are_typed() -> None:
    typed = {name for name in TABLES if read(name)[0].typed}
    assert typed == {name for name in TABLES if Path(name).suffix[1:4] in {"xls", "ods", "par", "arr"}}


@pytest.mark.parametrize(
    "name",
    [
        "utf-8.csv", "utf-16-little-endian.csv", "windows-1252.csv", "semicolons.csv", "tabs.tsv", "cr-alone.csv",
        "title-and-blank-lines-above.csv", "notes-below.csv", "blank-lines-inside.csv", "trailing-delimiters.csv",
        "padded-headers.csv", "packed.csv.gz", "packed.zip",
    ],
)  # fmt: skip
def test_a_good_return_is_accepted_in_every_form(library: Library, name: str) -> None:
    result = library.assess((MUSEUM / name).read_bytes())
    assert result.verdict == ("accepted_with_warnings" if name in WARNINGS else "accepted")
    assert result.accepted["notes"].to_list() == ["Brontë", None]
    assert [code for _, _, code in library.faults(result)] == ([WARNINGS[name][0]] if name in WARNINGS else [])


def test_broken_rows_are_faults_and_the_others_go_on(library: Library) -> None:
    result = library.assess((MUSEUM / "ragged-rows.csv").read_bytes())
    assert [(row, code) for row, _, code in library.faults(result)] == [(3, "malformed-row"), (4, "malformed-row")]
    assert (result.rows.read, result.rows.accepted, result.rows.quarantined) == (4, 2, 2)


@pytest.mark.parametrize(
    ("name", "code"), [("repeated-header.csv", "duplicate-column"), ("empty-header.csv", "unexpected-column")]
)
def test_faults_of_the_header_are_found(library: Library, name: str, code: str) -> None:
    result = library.assess((MUSEUM / name).read_bytes())
    assert [found for _, _, found in library.faults(result)] == [code]


@pytest.mark.parametrize(
    "name", ["plain.xlsx", "plain.xls", "plain.xlsb", "plain.ods", "empty-first-rows-and-columns.xlsx"]
)
def test_a_good_workbook_is_accepted_in_every_form(library: Library, name: str) -> None:
    rulebook = library.rulebook(library.contract(custom={"identification": {"sheet": "Loans", "fileName": LOANS}}))
    result = library.assess((MUSEUM / name).read_bytes(), rulebook, name="B1_loans_2024-03-31.xlsx")
    assert result.verdict == "accepted", result.findings
    assert result.rows.accepted == 2


@pytest.mark.parametrize("name", [name for name in TABLES if name.startswith("merged-data.")])
def test_a_value_merged_over_several_rows_is_not_taken_for_the_first_alone(library: Library, name: str) -> None:
    rulebook = library.rulebook(library.contract(custom={"identification": {"sheet": "Loans", "fileName": LOANS}}))
    result = library.assess((MUSEUM / name).read_bytes(), rulebook, name="B1_loans_2024-03-31.xlsx")
    assert result.findings.select("cell", "code", "value", "severity").rows() == [
        ("C2", "merged-cell", "Central", "error"), ("C3", "merged-cell", None, "error")
    ]  # fmt: skip
    assert (result.rows.read, result.rows.accepted, result.rows.quarantined) == (2, 0, 2)


def test_a_merged_title_is_not_a_fault(library: Library) -> None:
    rulebook = library.rulebook(library.contract(custom={"identification": {"sheet": "Loans", "fileName": LOANS}}))
    result = library.assess((MUSEUM / "merged-title.xlsx").read_bytes(), rulebook, name="B1_loans_2024-03-31.xlsx")
    assert (result.verdict, library.faults(result)) == ("accepted", [])


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_becomes_a_finding(library: Library, name: str) -> None:
    result = library.assess((MUSEUM / name).read_bytes())
    assert result.verdict == "rejected"
    assert [code for _, _, code in library.faults(result)] == [REFUSALS[name][0]]


def test_limits_on_cells_hold_in_an_old_workbook_too() -> None:
    with pytest.raises(UnreadableFile, match="24 cells") as caught:
        read_grids((MUSEUM / "plain.xls").read_bytes(), limits=Limits(cells=23))
    assert caught.value.code == "too-large"


def test_nothing_in_the_working_directory_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert read("plain.xls")[0].cells.height == 3
