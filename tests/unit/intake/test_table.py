"""Where the table is: header, columns, data, blank rows, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.model import Column, Mapping, ReturnContract
from probation_etl.intake.header_texts import headers_of
from probation_etl.intake.notes import Note
from probation_etl.intake.readers import SHOWN_SCHEMA, CellKind, Grid, Otherwise, read_grids
from probation_etl.intake.table import RawTable, extract

if TYPE_CHECKING:
    from conftest import Library

TITLE = Column("title", "string", "Title", synonyms=("Name of the book",), required=True)
COPIES = Column("copies", "integer", "Copies held")
SHELF = Column("shelf", "string", "Shelf")


def contract(*columns: Column) -> ReturnContract:
    return ReturnContract(
        id="books",
        version="1.0.0",
        table="books",
        columns=columns or (TITLE, COPIES, SHELF),
        mapping=Mapping("book", ()),
    )


def table_in(text: str, *columns: Column) -> RawTable:
    (grid,) = read_grids(text.encode())
    table = extract(grid, contract(*columns))
    assert table is not None
    return table


def sheet(library: Library, rows: list[list[Any]], *columns: Column) -> RawTable:
    (grid,) = read_grids(library.workbook(Books=rows))
    table = extract(grid, contract(*columns))
    assert table is not None
    return table


def data(table: RawTable) -> list[tuple[Any, ...]]:
    return table.frame.rows()


def codes(table: RawTable) -> list[tuple[str, str, str | None]]:
    return [(finding.code, finding.severity, finding.column) for finding in table.findings]


# The header


def test_columns_may_stand_in_any_order() -> None:
    table = table_in("Shelf,Title,Copies held\nA,Emma,3\n")
    assert table.frame.columns == ["source_row", "shelf", "title", "copies"]
    assert table.frame.to_dicts() == [{"source_row": 2, "title": "Emma", "copies": "3", "shelf": "A"}]
    assert table.findings == ()


@pytest.mark.parametrize(
    "written",
    ["Copies held", "COPIES HELD", "  copies  held ", '"Copies\nheld"', "Copies\u00a0held", "Copies\u200b held"],
    ids=["as agreed", "capitals", "spaces", "line break", "no-break space", "zero-width space"],
)
def test_a_header_is_known_whatever_the_accidents_of_typing(written: str) -> None:
    table = table_in(f"Title,{written},Shelf\nEmma,3,A\n")
    assert table.missing == ()
    assert table.frame["copies"].to_list() == ["3"]
    assert table.headers["copies"] == written.strip('"')


def test_a_synonym_is_as_good_as_the_header_and_is_quoted_as_written() -> None:
    table = table_in("Name of the Book,Copies held,Shelf\nEmma,3,A\n")
    assert table.frame["title"].to_list() == ["Emma"]
    assert table.headers["title"] == "Name of the Book"


def test_titles_above_the_header_are_passed_over_and_rows_keep_their_numbers(library: Library) -> None:
    rows = [["Books of the branch"], ["March", 2024], [], ["Title", "Copies held", "Shelf"], ["Emma", 3, "A"]]
    table = sheet(library, rows)
    assert data(table) == [(5, "Emma", "3", "A")]
    assert (table.blank, table.notes) == (0, ())


def test_a_title_that_is_one_of_the_headers_is_not_the_header(library: Library) -> None:
    assert data(sheet(library, [["Shelf"], ["Title", "Copies held", "Shelf"], ["Emma", 3, "A"]])) == [
        (3, "Emma", "3", "A")
    ]


@pytest.mark.parametrize("text", ["Emma,3,A\nVillette,1,B\n", "Title\nEmma\n", "a,b,c\n"])
def test_without_a_header_there_is_no_table(text: str) -> None:
    (grid,) = read_grids(text.encode())
    assert extract(grid, contract()) is None


def test_one_header_is_enough_where_the_contract_has_one_column() -> None:
    table = table_in("Title\nEmma\n\nVillette\n", TITLE)
    assert data(table) == [(2, "Emma"), (4, "Villette")]
    assert (table.blank, table.notes) == (1, ())


def test_a_missing_column_is_an_error_where_it_is_required_and_a_warning_elsewhere() -> None:
    table = table_in("Copies held,Pages\n3,1\n", TITLE, COPIES, SHELF, Column("pages", "integer", "Pages"))
    assert table.missing == ("title", "shelf")
    assert codes(table) == [("missing-column", "error", "Title"), ("missing-column", "warning", "Shelf")]
    assert [finding.rule for finding in table.findings] == ["title|present", "shelf|present"]


def test_an_unexpected_column_is_a_warning_that_quotes_it() -> None:
    table = table_in("Title,Colour,Copies held,Shelf\nEmma,red,3,A\n")
    assert codes(table) == [("unexpected-column", "warning", "Colour")]
    assert data(table) == [(2, "Emma", "3", "A")]


def test_a_column_without_a_header_is_named_by_its_letter_where_it_holds_something() -> None:
    table = table_in("Title,,Copies held,,Shelf\nEmma,red,3,,A\n")
    assert codes(table) == [("unexpected-column", "warning", "B (no header)")]


def test_a_column_that_is_there_twice_is_an_error(library: Library) -> None:
    table = table_in("Title,Copies held,name of the book,Shelf\nEmma,3,Villette,A\n")
    assert codes(table) == [("duplicate-column", "error", "name of the book")]
    assert table.findings[0].rule == "title|once"


def test_every_header_and_synonym_is_known_folded() -> None:
    assert headers_of(contract()) == {
        "title": "title", "name of the book": "title", "copies held": "copies", "shelf": "shelf"
    }  # fmt: skip


def test_letters_of_cells_are_those_of_the_spreadsheet(library: Library) -> None:
    (grid,) = read_grids(library.workbook(Books={"C2": "Shelf", "E2": "Title", "D2": "Copies held", "E3": "Emma"}))
    table = extract(grid, contract())
    assert table is not None
    assert table.letters == {"shelf": "C", "copies": "D", "title": "E"}
    assert table_in("Title,Copies held\nEmma,3\n").letters is None


# The rows


def test_blank_rows_are_counted_beside_and_keep_the_row_numbers_right() -> None:
    table = table_in("Title,Copies held,Shelf\nEmma,3,A\n\n,,\n \u00a0,\t,\u200b\nVillette,1,B\n\n,,\n")
    assert data(table) == [(2, "Emma", "3", "A"), (6, "Villette", "1", "B")]
    assert (table.blank, table.notes) == (3, ())


def test_a_header_alone_is_a_table_without_rows() -> None:
    table = table_in("Title,Copies held,Shelf\n")
    assert (data(table), table.blank, table.notes) == ([], 0, ())


def test_notes_after_a_blank_row_are_kept_aside_and_not_read() -> None:
    table = table_in(
        "Title,Copies held,Shelf\nEmma,3,A\nVillette,1,B\n,,\nSource: the branch,,\n,,\nChecked by hand,,\n"
    )
    assert data(table) == [(2, "Emma", "3", "A"), (3, "Villette", "1", "B")]
    assert table.blank == 0
    assert table.notes == (Note(5, "Source: the branch"), Note(7, "Checked by hand"))


def test_a_text_right_below_the_data_is_a_row_and_no_note() -> None:
    table = table_in("Title,Copies held,Shelf\nEmma,3,A\nSource: the branch,,\n")
    assert table.frame["source_row"].to_list() == [2, 3]
    assert table.notes == ()


def test_rows_between_the_data_are_not_notes() -> None:
    table = table_in("Title,Copies held,Shelf\nEmma,3,A\n,,\nVillette,,\n,,\nShirley,2,B\n")
    assert table.frame["title"].to_list() == ["Emma", "Villette", "Shirley"]
    assert (table.blank, table.notes) == (2, ())


@pytest.mark.parametrize("below", [",7,", "Emma,7,", ",,B"], ids=["a number alone", "two cells", "the last cell alone"])
def test_a_row_that_fills_more_or_other_than_the_first_column_is_data(below: str) -> None:
    table = table_in(f"Title,Copies held,Shelf\nEmma,3,A\n\n{below}\n")
    assert table.frame["source_row"].to_list() == [2, 4]
    assert table.notes == ()


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (Column("reference", "string", "Reference", pattern=r"^L\d{4}$"), "L0002"),
        (Column("reference", "string", "Reference", pattern=r"^L\d{4}$"), " L0002 "),
        (Column("branch", "string", "Reference", labels={"N": "North"}), "N"),
        (Column("copies", "integer", "Reference"), "7"),
        (Column("fine", "number", "Reference"), "7.5"),
        (Column("lent_on", "date", "Reference", formats=("dd/MM/yyyy",)), "01/03/2024"),
        (Column("renewed", "boolean", "Reference"), "true"),
    ],
    ids=["of the pattern", "of the pattern with spaces", "of the list", "integer", "number", "date", "boolean"],
)
def test_a_row_with_its_first_cell_alone_is_data_where_that_could_be_a_value(first: Column, text: str) -> None:
    table = table_in(f"Reference,Title\n{text},Emma\n\n{text},\n", first, TITLE)
    assert table.frame["source_row"].to_list() == [2, 4]
    assert (table.blank, table.notes) == (1, ())


def test_a_note_is_what_could_be_no_value_of_its_column() -> None:
    first = Column("reference", "string", "Reference", pattern=r"^L\d{4}$")
    table = table_in("Reference,Title\nL0001,Emma\n\nL means lent,\n", first, TITLE)
    assert table.frame["source_row"].to_list() == [2]
    assert table.notes == (Note(4, "L means lent"),)


def test_broken_records_are_located_among_the_data() -> None:
    table = table_in("Title,Copies held,Shelf\nEmma,3,A\n\nVillette,1\nShirley,2,B,C\nEmma,1,B\n")
    assert table.broken.to_list() == [1, 2]
    assert [(each.row, each.message) for each in table.findings] == [
        (4, "The row has 2 cells, but the header has 3."),
        (5, "The row has 4 cells, but the header has 3."),
    ]


def test_a_workbook_has_no_broken_records(library: Library) -> None:
    table = sheet(library, [["Title", "Copies held", "Shelf"], ["Emma"], ["Villette", 1, "B"]])
    assert table.broken.to_list() == []
    assert table.findings == ()


def test_the_raw_rows_have_every_cell_that_was_sent() -> None:
    table = table_in("Title,Colour,Copies held,Shelf\nEmma, red ,3,A\n")
    assert table.raw.select("source_row", "c0", "c1", "c2", "c3").rows() == [(2, "Emma", " red ", "3", "A")]


def test_what_the_file_says_of_cells_stays_with_the_rows() -> None:
    cells = pl.DataFrame({"c0": ["Title", None, "Emma", "Persuasion"], "c1": ["Copies held", None, "3", "0.28"]})
    kinds = pl.DataFrame({"c0": [0, 0, 0, 0], "c1": [0, 0, 1, 1]}, schema=dict.fromkeys(cells.columns, pl.UInt8))
    shown = pl.DataFrame([[3, 1, "28%", Otherwise.PER_CENT]], schema=SHOWN_SCHEMA, orient="row")
    table = extract(Grid(cells, sheet="Books", kinds=kinds, shown=shown), contract())
    assert table is not None
    assert table.kinds["copies"].to_list() == [CellKind.NUMBER, CellKind.NUMBER]
    assert table.shown.rows() == [(1, "copies", "28%", "per cent")]


@pytest.mark.parametrize("text", ["e.g. Emma", "E.g.: Emma", "For example Emma", "Example: Emma"])
def test_a_row_that_says_it_is_an_example_is_no_data(text: str) -> None:
    table = table_in(f"Title,Copies held,Shelf\n{text},3,A\nPersuasion,4,B\n")
    assert codes(table) == [("instruction-row", "error", None)]


@pytest.mark.parametrize("text", ["Egmont", "Example Street", "Examples of prose"])
def test_a_title_that_looks_like_an_example_is_data(text: str) -> None:
    assert codes(table_in(f"Title,Copies held,Shelf\n{text},3,A\nPersuasion,4,B\n")) == []
