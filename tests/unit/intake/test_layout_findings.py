"""The layout of a table as a whole: headers in two rows, many strange columns, records of another width, full sheets."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

HEADER = ["Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes"]


def loan(number: int) -> list[str]:
    return [f"L{number:04}", "1", "Central", "01/03/2024", "15/03/2024", "0.50", "true", ""]


def told(result: ReturnResult) -> list[tuple[int | None, str, str]]:
    return result.findings.select("row", "severity", "message").rows()


# A header in two rows


@pytest.mark.parametrize(
    ("upper", "lower", "second"),
    [
        ([*HEADER[:3], "When", "", *HEADER[5:]], ["", "", "", *HEADER[3:5], "", "", ""], 2),
        ([*HEADER[:2], "", "", "", "", "", ""], ["", "", *HEADER[2:]], 1),
        (
            ["Loan", "Copy", "Branch", "Lent", "Returned", "Fine", "Renewed", "Notes"],
            ["reference", "", "", "on", "on", "", "", ""],
            2,
        ),
        ([*HEADER[:3], "Dates", "", *HEADER[5:]], [*HEADER[:5], "", "", ""], 2),
    ],
    ids=["below a group", "above", "split", "repeated in part"],
)
def test_a_header_in_two_rows_is_one_finding(library: Library, upper: list[str], lower: list[str], second: int) -> None:
    result = library.assess(library.text(upper, lower, loan(1), loan(2)))
    (whole,) = told(result)
    assert (whole[:2], result.rows.read) == ((None, "error"), 2)
    assert whole[2].startswith("The header stands in two rows, 1 and 2: ")
    assert whole[2].endswith(f"are in row {second}, the others are not.")


def test_a_group_header_above_a_whole_header_is_a_title(library: Library) -> None:
    assert told(library.assess(library.text(["", "", "", "Dates", "", "", "", ""], HEADER, loan(1)))) == []


def test_a_missing_column_alone_is_not_a_second_row(library: Library) -> None:
    result = library.assess(library.text(HEADER[:-1], loan(1)[:-1]))
    assert [code for _, _, code in library.faults(result)] == ["missing-column"]


# Strange columns


def test_up_to_five_strange_columns_are_told_one_by_one(library: Library) -> None:
    more = [f"More {at}" for at in range(5)]
    assert len(told(library.assess(library.text([*HEADER, *more], [*loan(1), *more])))) == 5


def test_more_than_five_strange_columns_are_one_finding(library: Library) -> None:
    more = [f"More {at}" for at in range(6)]
    assert told(library.assess(library.text([*HEADER, *more], [*loan(1), *more]))) == [
        (
            None,
            "warning",
            f"6 columns are not part of the return and were not read: {', '.join(f'‘{each}’' for each in more)}.",
        )
    ]


# Records of another width


def test_an_empty_cell_too_many_in_every_record_is_one_warning(library: Library) -> None:
    result = library.assess(library.text(HEADER, *([*loan(at), ""] for at in range(1, 5))))
    assert [each[:2] for each in told(result)] == [(None, "warning")]
    assert result.rows.accepted == 4


def test_an_empty_cell_too_many_in_the_header_is_one_warning(library: Library) -> None:
    result = library.assess(library.text([*HEADER, ""], *map(loan, range(1, 5))))
    assert [each[:2] for each in told(result)] == [(None, "warning")]
    assert result.rows.accepted == 4


@pytest.mark.parametrize("record", [[*loan(1), "seen"], ["7", *loan(1)[:-1], "torn"], loan(1)[:-1]])
def test_another_width_in_every_record_is_one_error(library: Library, record: list[str]) -> None:
    result = library.assess(library.text(HEADER, *[record] * 4))
    message = (
        f"Every row has {len(record)} cells, but the header has 8. It is not clear which columns the cells belong to."
    )
    assert told(result) == [(None, "error", message)]


def test_records_of_several_widths_are_told_one_by_one(library: Library) -> None:
    result = library.assess(library.text(HEADER, loan(1), [*loan(2), "x"], [*loan(3), "x"], loan(4)))
    assert [row for row, _, code in library.faults(result) if code == "malformed-row"] == [3, 4]


# Full sheets


@pytest.fixture(scope="module")
def titles(library: Library) -> Rulebook:
    columns = [{"name": name, "physicalName": name, "logicalType": "string"} for name in ("Title", "Shelf")]
    return library.rulebook(library.contract(columns=columns, rules=[]))


@pytest.mark.parametrize(("lines", "expected"), [(65_535, []), (65_536, ["perhaps-cut-off"]), (65_537, [])])
def test_a_file_of_as_many_lines_as_a_sheet_has_rows_is_told(
    library: Library, titles: Rulebook, lines: int, expected: list[str]
) -> None:
    result = library.assess(("Title,Shelf\n" + "Emma,A\n" * (lines - 1)).encode(), titles)
    assert result.findings["code"].to_list() == expected
    assert result.verdict == ("rejected" if expected else "accepted")


def test_a_note_below_the_data_says_that_a_long_file_is_whole(library: Library, titles: Rulebook) -> None:
    text = "Title,Shelf\n" + "Emma,A\n" * 65_535 + "\nNote: this is all,\n"
    assert library.assess(text.encode(), titles).verdict == "accepted"


def test_a_sheet_that_is_full_is_told(library: Library, titles: Rulebook) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("loans")
        sheet.write_row(0, 0, ["Title", "Shelf"])
        for row in range(1, 65_536):
            sheet.write_row(row, 0, ["Emma", "A"])
    (result,) = assess("B1_loans_2024-03-31.csv", target.getvalue(), titles)
    assert "perhaps-cut-off" in result.findings["code"].to_list()


def test_a_sheet_with_all_its_columns_filled_and_one_missing_is_told(library: Library, titles: Rulebook) -> None:
    header = ["Title", "Unused", *(f"Unused {at}" for at in range(254))]
    rulebook = library.rulebook(
        library.contract(
            columns=[
                {"name": name, "physicalName": name, "logicalType": "string"} for name in ("Title", "Unused", "Shelf")
            ],
            rules=[],
        )
    )
    result = library.assess(library.text(header, ["Emma", *["x"] * 255]), rulebook)
    assert "perhaps-cut-off" in result.findings["code"].to_list()
