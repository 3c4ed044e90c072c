"""Rows that are no rows of data, planted in random places of random returns, are told; clean returns have no finding.

Each return is written as CSV, as an Excel workbook and as an OpenDocument spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probation_etl.intake.result import ReturnResult
from probation_etl.sample.ods import ods_bytes
from probation_etl.sample.sheets import Sheet

if TYPE_CHECKING:
    from conftest import Library

Record = list[str]
Judge = Callable[[bytes], ReturnResult]
Writer = Callable[["Library", list[Record]], bytes]

LOANS = ["Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes"]
STOCK = ["Branch", "Kind", "Counted on", "Shelves", "Books", "Books a shelf"]
KINDS = ["Novels", "Poems", "Plays"]
#: Texts that a clean return may hold, though they sound like something else.
ODD = [
    "",
    "",
    "",
    "Total loss",
    "Optional",
    "see note",
    "No fine this month",
    "end",
    "All pages torn",
    "Page 1",
    "nil",
    "e.g. torn",
    "Notes",
]
BRANCHES = [
    "Central",
    "North End",
    "All Saints",
    "Total Care Ltd",
    "Overton",
    "Sumner Road",
    "Whole Street",
    "Endsleigh",
    "Nilgiri",
    "Noteby",
]

few = settings(max_examples=12)


def as_csv(_library: Library, records: list[Record]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(records)
    return text.getvalue().encode()


def as_xlsx(library: Library, records: list[Record]) -> bytes:
    return library.workbook(Sheet1=[[text or None for text in record] for record in records])


def as_ods(_library: Library, records: list[Record]) -> bytes:
    return ods_bytes([Sheet("Sheet1", [[text or None for text in record] for record in records])], title="Return")


WRITERS = pytest.mark.parametrize("write", [as_csv, as_xlsx, as_ods])


@pytest.fixture(scope="module")
def stock(library: Library) -> Judge:
    """Judges the stock of each branch: counts, and an average that adds up to nothing."""
    columns: list[dict[str, Any]] = [
        {"name": "branch", "physicalName": "Branch", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 1},
        {"name": "kind", "physicalName": "Kind", "logicalType": "string", "required": True, "primaryKey": True, "primaryKeyPosition": 2},
        {"name": "counted_on", "physicalName": "Counted on", "logicalType": "date", "required": True, "logicalTypeOptions": {"format": "dd/MM/yyyy"}},
        {"name": "shelves", "physicalName": "Shelves", "logicalType": "integer"},
        {"name": "books", "physicalName": "Books", "logicalType": "integer"},
        {"name": "average", "physicalName": "Books a shelf", "logicalType": "number"},
    ]  # fmt: skip
    rulebook = library.rulebook(library.contract(columns=columns, rules=[]))
    return lambda data: library.assess(data, rulebook)


# Clean returns


@st.composite
def loans(draw: st.DrawFn, least: int = 1) -> list[Record]:
    """Rows of loans that keep all rules."""
    numbers = draw(st.lists(st.integers(0, 9999), min_size=least, max_size=10, unique=True))
    return [draw(_loan(number)) for number in numbers]


@st.composite
def _loan(draw: st.DrawFn, number: int) -> Record:
    lent = date(2024, 3, 1) + timedelta(days=draw(st.integers(0, 20)))
    returned = draw(st.one_of(st.none(), st.integers(0, 10).map(lambda days: lent + timedelta(days=days))))
    return [
        f"L{number:04}", str(draw(st.integers(1, 99))), draw(st.sampled_from(["Central", "N"])), f"{lent:%d/%m/%Y}",
        f"{returned:%d/%m/%Y}" if returned else "", draw(st.sampled_from(["", "0", "0.50", "1.00", "2", "3"])),
        draw(st.sampled_from(["", "true", "false"])), draw(st.sampled_from(ODD)),
    ]  # fmt: skip


@st.composite
def stocks(draw: st.DrawFn, least: int = 1, most: int = 5, top: int = 60) -> list[Record]:
    """Rows of stock: branches by kinds, perhaps with the whole library above them."""
    names = draw(st.lists(st.sampled_from(BRANCHES), min_size=least, max_size=most, unique=True))
    whole = [""] if draw(st.booleans()) else []
    kinds = KINDS[: draw(st.integers(1, 3))]
    return [
        _stock(name, kind, draw(st.integers(0, top)), draw(st.integers(0, 40 * top)))
        for name in [*whole, *names]
        for kind in kinds
    ]


def _stock(name: str, kind: str, shelves: int, books: int) -> Record:
    return [name, kind, "31/03/2024", str(shelves), str(books), f"{books / shelves:.2f}" if shelves else ""]


@WRITERS
@few
@given(rows=loans())
def test_clean_loans_have_no_finding(library: Library, write: Writer, rows: list[Record]) -> None:
    result = library.assess(write(library, [LOANS, *rows]))
    assert (library.faults(result), result.notes, result.verdict) == ([], (), "accepted")


@WRITERS
@few
@given(rows=stocks())
def test_clean_stocks_have_no_finding(library: Library, stock: Judge, write: Writer, rows: list[Record]) -> None:
    result = stock(write(library, [STOCK, *rows]))
    assert (library.faults(result), result.notes, result.verdict) == ([], (), "accepted")


# Rows that are none


class Planted(NamedTuple):
    """A return with a fault: its records, and the rows with the code and severity that must be found."""

    records: list[Record]
    told: list[tuple[int, str, str]]
    read: int
    notes: list[int]


BLANK = [""] * len(LOANS)
MARKS = [
    "END",
    "*** End of report ***",
    "EOF",
    "(12 rows affected)",
    "-- end --",
    "Page 1 of 3",
    "Report generated 28/09/2020 by the library",
]
NIL = ["NIL", "NIL RETURN", "None", "N/A", "No loans this period", "Nothing to report", "nil"]
NOTES = [
    "Source: the cards",
    "* counted twice",
    "Note 1: as agreed",
    "These are the loans of all branches.",
    "1. As of March",
    "Copies of the month",
]
INSTRUCTIONS = [
    ["e.g. L0001", "Number", "Select from list", "dd/mm/yyyy", "dd/mm/yyyy", "", "", "Free text"],
    ["Mandatory", "Mandatory", "Mandatory", "Mandatory", "Optional", "Optional", "Optional", "Optional"],
    ["Text", "Number", "List", "Date", "Date", "Decimal", "True/false", "Text"],
]


def alone(text: str) -> Record:
    return [text, *[""] * (len(LOANS) - 1)]


def _header(draw: st.DrawFn, rows: list[Record]) -> Planted:
    at = draw(st.integers(0, len(rows)))
    titles = (
        draw(st.sampled_from([[], [BLANK, alone("Loans (continued)")], [BLANK, alone("Loans of the branch"), BLANK]]))
        if at
        else []
    )
    named = [each.upper() for each in LOANS] if draw(st.booleans()) else LOANS
    row = at + 2 + len(titles)
    notes = [at + 2 + place for place, each in enumerate(titles) if each[0]]
    return Planted([*rows[:at], *titles, named, *rows[at:]], [(row, "repeated-header", "warning")], len(rows), notes)


def _mark(draw: st.DrawFn, rows: list[Record]) -> Planted:
    between = [BLANK] * draw(st.integers(0, 2))
    row = len(rows) + len(between) + 2
    return Planted(
        [*rows, *between, alone(draw(st.sampled_from(MARKS)))], [(row, "report-mark", "warning")], len(rows), []
    )


def _nil(draw: st.DrawFn, rows: list[Record]) -> Planted:
    if not rows:
        return _nil_alone(draw, rows)
    at = draw(st.integers(0, len(rows)))
    planted = [*rows[:at], alone(draw(st.sampled_from(NIL))), *rows[at:]]
    return Planted(planted, [(at + 2, "nil-row", "error")], len(rows) + 1, [])


def _nil_alone(draw: st.DrawFn, _rows: list[Record]) -> Planted:
    above = [BLANK] * draw(st.integers(0, 2))
    below = draw(st.sampled_from([[], [BLANK, alone("Source: the cards")]]))
    row = len(above) + 2
    notes = [row + 2] if below else []
    return Planted([*above, alone(draw(st.sampled_from(NIL))), *below], [(row, "nil-row", "warning")], 0, notes)


def _instruction(draw: st.DrawFn, rows: list[Record]) -> Planted:
    return Planted([draw(st.sampled_from(INSTRUCTIONS)), *rows], [(2, "instruction-row", "error")], len(rows) + 1, [])


def _note(draw: st.DrawFn, rows: list[Record]) -> Planted:
    below = [BLANK] * draw(st.integers(1, 2))
    row = len(rows) + len(below) + 2
    return Planted([*rows, *below, alone(draw(st.sampled_from(NOTES)))], [], len(rows), [row])


def _note_among_rows(draw: st.DrawFn, rows: list[Record]) -> Planted:
    at = draw(st.integers(0, len(rows)))
    planted = [*rows[:at], alone(draw(st.sampled_from(NOTES))), *rows[at:]]
    return Planted(planted, [(at + 2, "note-among-rows", "error")], len(rows) + 1, [])


def _incomplete(draw: st.DrawFn, rows: list[Record]) -> Planted:
    cell = draw(st.sampled_from(["L9999", "L99", "x"]))
    row = len(rows) + 3
    faults = [("wrong-pattern", "error")] if cell != "L9999" else []
    told = [(row, code, severity) for code, severity in (*faults, *[("missing-value", "error")] * 3)]
    return Planted([*rows, BLANK, alone(cell)], told, len(rows) + 1, [])


@WRITERS
@pytest.mark.parametrize(
    "plant", [_header, _mark, _nil, _nil_alone, _instruction, _note, _note_among_rows, _incomplete]
)
@few
@given(data=st.data())
def test_a_row_that_is_none_is_told_and_no_other(
    library: Library, write: Writer, plant: Any, data: st.DataObject
) -> None:
    rows = [row for row in data.draw(loans()) if row[0] != "L9999"]
    planted: Planted = plant(data.draw, rows)
    result = library.assess(write(library, [LOANS, *planted.records]))
    kept = result.findings.filter(result.findings["code"] != "acceptance-limit")
    assert sorted(kept.select("row", "code", "severity").rows()) == sorted(planted.told)
    assert result.rows.read == planted.read
    assert [note.row for note in result.notes] == planted.notes


# Totals


TOTALS = [
    "Total",
    "TOTAL",
    "Totals",
    "Grand total",
    "Overall",
    "Sum",
    "All",
    "Sub-total",
    "Total (all branches)",
    "All branches",
    "Library total",
]


def _told(result: ReturnResult) -> list[tuple[int, str]]:
    return result.findings.filter(result.findings["row"].is_not_null()).select("row", "code").rows()


def _summed(name: str, kind: str, rows: list[Record]) -> Record:
    return _stock(name, kind, sum(int(row[3]) for row in rows), sum(int(row[4]) for row in rows))


@WRITERS
@few
@given(rows=stocks(least=2), name=st.sampled_from(TOTALS))
def test_a_total_of_each_kind_is_an_error(
    library: Library, stock: Judge, write: Writer, rows: list[Record], name: str
) -> None:
    rows = [[*row[:3], str(int(row[3]) + 1), str(int(row[4]) + 1), row[5]] for row in rows]
    kinds = list(dict.fromkeys(row[1] for row in rows))
    totals = [_summed(name, kind, [row for row in rows if row[1] == kind]) for kind in kinds]
    result = stock(write(library, [STOCK, *rows, *totals]))
    assert _told(result) == [(len(rows) + 2 + at, "total-row") for at in range(len(kinds))]


@WRITERS
@few
@given(rows=stocks(least=3, top=5000))
def test_a_row_without_a_name_that_adds_up_all_others_is_an_error(
    library: Library, stock: Judge, write: Writer, rows: list[Record]
) -> None:
    rows = [[*row[:3], str(int(row[3]) + 100), str(int(row[4]) + 100), ""] for row in rows if row[0]]
    total = ["", "", "", *_summed("", "", rows)[3:5], ""]
    assert _told(stock(write(library, [STOCK, *rows, total]))) == [(len(rows) + 2, "total-row")]


@WRITERS
@few
@given(rows=stocks(), data=st.data())
def test_a_name_written_once_is_a_question_in_each_row_below(
    library: Library, stock: Judge, write: Writer, rows: list[Record], data: st.DataObject
) -> None:
    first: set[str] = set()
    asked = []
    for at, row in enumerate(rows):
        if row[0] in first and row[0] and data.draw(st.booleans()):
            asked.append((at + 2, "unclear-blank"))
            rows[at] = ["", *row[1:]]
        first.add(row[0])
    result = stock(write(library, [STOCK, *rows]))
    assert _told(result) == asked
