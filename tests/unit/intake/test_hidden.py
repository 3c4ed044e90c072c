"""Hidden rows, columns and sheets are read and told; a hidden sheet never counts before one that can be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.hidden import in_groups
from probation_etl.intake.readers import Grid
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

FILE = "B1_return_2024-03-31.xlsx"
NAME = r"(?P<supplier_code>[A-Z]\d)_return_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx"


def grid(library: Library, *copies: str, above: int = 0, below: tuple[str, ...] = (), **more: Any) -> Grid:
    """A sheet of loans of these copies, below so many rows of a title and above some notes."""
    width = len(library.header)
    title, note = (("Loans of March",) + (None,) * (width - 1)), (None,) * width
    loans = [tuple(library.row(Copy=copy).values()) for copy in copies]
    notes = [(text,) + (None,) * (width - 1) for text in below]
    rows = [*[title] * above, library.header, *loans, *([note, *notes] if notes else [])]
    cells = pl.DataFrame(rows, schema={f"c{at}": pl.String for at in range(width)}, orient="row")
    return Grid(cells, sheet="Loans", **more)


def warned(library: Library, loans: Rulebook, sheet: Grid) -> list[tuple[str, str, str]]:
    result = library.assess(b"", loans, grids=[sheet])
    assert result.rows.accepted == result.rows.read > 0
    return result.findings.select("code", "severity", "message").rows()


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        ((3, 4, 6), "Rows 4 to 5 and 7 are hidden; they were read."),
        ((2,), "Row 3 is hidden; it was read."),
        ((0, 1, 2, 6), "Rows 3 and 7 are hidden; they were read."),
    ],
    ids=["groups", "one", "title and header too"],
)
def test_hidden_rows_are_read_with_one_warning(
    library: Library, loans: Rulebook, hidden: tuple[int, ...], message: str
) -> None:
    sheet = grid(library, "1", "2", "3", "4", "5", above=1, hidden_rows=hidden)
    assert warned(library, loans, sheet) == [("hidden-rows", "warning", message)]


def test_hidden_rows_above_the_header_and_hidden_notes_do_not_matter(library: Library, loans: Rulebook) -> None:
    sheet = grid(library, "1", "2", above=2, below=("A note of the library.",), hidden_rows=(0, 1, 6))
    assert warned(library, loans, sheet) == []


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ((5,), "5"), ((5, 6), "5 to 6"), ((5, 6, 7, 8, 9, 12), "5 to 9 and 12"), ((2, 4, 6), "2, 4 and 6"),
        (range(2, 26, 2), "2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 2 more"),
    ],
)  # fmt: skip
def test_rows_are_named_in_groups(rows: tuple[int, ...], text: str) -> None:
    assert in_groups(rows) == text


def test_hidden_columns_of_the_return_are_read_with_one_warning(library: Library, loans: Rulebook) -> None:
    sheet = grid(library, "1", first_column=2, hidden_columns=(3, 4))
    message = "The columns ‘Copy’ and ‘Branch’ are hidden; they were read."
    assert warned(library, loans, sheet) == [("hidden-columns", "warning", message)]
    one = replace(sheet, hidden_columns=(9,))
    assert warned(library, loans, one) == [("hidden-columns", "warning", "The column ‘Notes’ is hidden; it was read.")]


def test_hidden_columns_beside_the_return_do_not_matter(library: Library, loans: Rulebook) -> None:
    assert warned(library, loans, grid(library, "1", first_column=2, hidden_columns=(0, 1, 10))) == []


# Sheets


@pytest.fixture(scope="module")
def family(library: Library) -> Rulebook:
    """Two returns that come as sheets of one workbook, with a cover."""
    cover = {"sheet": "Cover", "supplierCode": "Code", "periodEnd": "Period end"}
    members = [
        {"name": "member", "physicalName": "Member", "logicalType": "string", "required": True},
        {"name": "branch", "physicalName": "Branch", "logicalType": "string", "required": True},
    ]
    loans = {"identification": {"sheet": "Loans", "fileName": NAME, "cover": cover}}
    other = {"identification": {"sheet": "Members", "fileName": NAME, "cover": cover}}
    return library.rulebook(
        library.contract(custom=loans), library.contract(name="members", columns=members, rules=[], custom=other)
    )


def members(**more: Any) -> Grid:
    return Grid(pl.DataFrame({"c0": ["Member", "Ann"], "c1": ["Branch", "Central"]}), sheet="Members", **more)


def cover(name: str = "Cover", **more: Any) -> Grid:
    cells = pl.DataFrame({"c0": ["Code", "Period end"], "c1": ["B1", "31/03/2024"]})
    return Grid(cells, sheet=name, **more)


def judged(rulebook: Rulebook, *grids: Grid) -> dict[str, ReturnResult]:
    return {str(each.contract and each.contract.id): each for each in assess(FILE, b"", rulebook, grids=list(grids))}


def told(result: ReturnResult) -> list[tuple[str, str, str]]:
    return result.findings.select("code", "severity", "message").rows()


def test_a_hidden_sheet_is_not_taken_before_a_copy_that_can_be_seen(library: Library, family: Rulebook) -> None:
    original, copy = grid(library, "1", hidden=True), replace(grid(library, "1", "2"), sheet="Loans (2)")
    found = judged(family, original, copy, members())
    message = "The sheet ‘Loans’ is hidden, and the sheet ‘Loans (2)’, which can be seen, would fit as well: which of them is meant?"
    assert told(found["loans"]) == [("ambiguous-return", "error", message)]
    assert (found["loans"].verdict, found["loans"].sheet, found["loans"].rows.read) == ("rejected", "Loans", 0)
    assert (found["members"].verdict, told(found["members"])) == ("accepted", [])


@pytest.mark.parametrize("name", ["Sheet1", "Copy of Loans", "March"])
def test_a_copy_is_known_by_its_header_whatever_its_name(library: Library, family: Rulebook, name: str) -> None:
    found = judged(family, grid(library, "1", hidden=True), replace(grid(library, "2"), sheet=name), members())
    assert [code for code, *_ in told(found["loans"])] == ["ambiguous-return"]
    assert told(found["members"]) == []


def test_a_copy_without_a_required_column_is_known_by_its_name(library: Library, family: Rulebook) -> None:
    copy = replace(grid(library, "2"), cells=grid(library, "2").cells.select("c0", "c2"), sheet="Loans v2")
    found = judged(family, grid(library, "1", hidden=True), copy, members())
    assert [code for code, *_ in told(found["loans"])] == ["ambiguous-return"]


def test_a_hidden_sheet_alone_is_taken_with_a_warning(library: Library, family: Rulebook) -> None:
    found = judged(family, grid(library, "1", hidden=True), members())
    assert told(found["loans"]) == [("hidden-sheet", "warning", "The sheet ‘Loans’ is hidden; it was read.")]
    assert (found["loans"].verdict, found["loans"].rows.accepted) == ("accepted_with_warnings", 1)
    assert told(found["members"]) == []


def test_other_sheets_that_can_be_seen_are_no_rivals(library: Library, family: Rulebook) -> None:
    notes = Grid(pl.DataFrame({"c0": ["Read me", "Copy the loans here."]}), sheet="Notes")
    found = judged(family, grid(library, "1", hidden=True), notes, members())
    assert [code for code, *_ in told(found["loans"])] == ["hidden-sheet", "unexpected-sheet"]


def test_a_hidden_copy_beside_the_sheet_that_can_be_seen_does_not_matter(library: Library, family: Rulebook) -> None:
    copy = replace(grid(library, "2"), sheet="Loans (2)", hidden=True)
    found = judged(family, grid(library, "1"), copy, members())
    assert (told(found["loans"]), found["loans"].rows.accepted) == ([], 1)


def test_the_only_sheet_of_a_workbook_is_told_if_it_is_hidden(library: Library, loans: Rulebook) -> None:
    (result,) = assess("B1_loans_2024-03-31.csv", b"", loans, grids=[grid(library, "1", hidden=True)])
    assert told(result) == [("hidden-sheet", "warning", "The sheet ‘Loans’ is hidden; it was read.")]


def test_a_hidden_cover_is_told(library: Library, family: Rulebook) -> None:
    found = judged(family, cover(hidden=True), grid(library, "1"), members())
    assert sorted(found) == ["loans", "members"]
    for each in found.values():
        assert told(each) == [("hidden-sheet", "warning", "The sheet ‘Cover’ is hidden; it was read.")]


def test_a_hidden_cover_is_not_taken_before_one_that_can_be_seen(library: Library, family: Rulebook) -> None:
    found = judged(family, cover(hidden=True), cover("Cover (2)"), grid(library, "1"), members())
    assert sorted(found) == ["loans", "members"]
    for each in found.values():
        assert [code for code, *_ in told(each)] == ["ambiguous-return"]


def test_a_cover_that_can_be_seen_is_no_finding(library: Library, family: Rulebook) -> None:
    found = judged(family, cover(), grid(library, "1"), members())
    assert [told(each) for each in found.values()] == [[], []]
