"""Which rows below a header are data: notes, marks, nil returns, instructions, repeated headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.intake.notes import Note
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

HEADER = ["Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes"]
BLANK = [""] * len(HEADER)


def loan(number: int) -> list[str]:
    return [f"L{number:04}", "1", "Central", "01/03/2024", "15/03/2024", "0.50", "true", ""]


def alone(text: str, at: int = 0) -> list[str]:
    """A row with one cell."""
    return [*[""] * at, text, *[""] * (len(HEADER) - at - 1)]


def sent(library: Library, *rows: list[str]) -> ReturnResult:
    return library.assess(library.text(HEADER, *rows))


def told(result: ReturnResult) -> list[tuple[Any, ...]]:
    return result.findings.select("row", "code", "severity").rows()


# Notes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Source: the library's cards", "AAAAAA: AAA AAAAAAA'A AAAAA"),
        ("Note 1. Checked", "AAAA 9. AAAAAAA"),
        ("* provisional", "* AAAAAAAAAAA"),
        ("† as agreed", "† AA AAAAAA"),
        ("1. As counted on the last day", "9. AA AAAAAAA AA AAA AAAA AAA"),
        ("These are all loans of the month.", "AAAAA AAA AAA AAAAA AA AAA AAAAA."),
        ("Loans of March", "AAAAA AA AAAAA"),
    ],
)
def test_a_note_below_the_data_is_left_out_and_told(library: Library, text: str, shown: str) -> None:
    result = sent(library, loan(1), BLANK, alone(text))
    assert told(result) == []
    assert result.notes == (Note(4, shown),)
    assert (result.rows.read, result.rows.notes) == (1, 1)


def test_a_note_in_a_column_that_is_not_restricted_is_shown(library: Library) -> None:
    result = sent(library, loan(1), BLANK, alone("Source: the cards", at=7))
    assert result.notes == (Note(4, "Source: the cards"),)


def test_the_control_characters_of_a_note_are_named(library: Library) -> None:
    assert sent(library, loan(1), BLANK, alone("Source: \x1b[31mred", at=7)).notes == (
        Note(4, "Source: <U+001B>[31mred"),
    )


@pytest.mark.parametrize("text", ["L0002", "L002", "Central", "Emma", "7", "17 March"])
def test_a_row_with_holes_is_data(library: Library, text: str) -> None:
    result = sent(library, loan(1), BLANK, alone(text))
    assert (result.rows.read, result.notes) == (2, ())
    assert {code for row, code, _ in told(result) if row == 4} >= {"missing-value"}


@pytest.mark.parametrize("at", [0, 7])
def test_a_row_with_one_cell_of_free_text_is_data(library: Library, at: int) -> None:
    columns = library.columns(loan_reference={"logicalTypeOptions": {}})
    rulebook = library.rulebook(library.contract(columns=columns))
    result = library.assess(library.text(HEADER, loan(1), BLANK, alone("Middlemarch", at)), rulebook)
    assert (result.rows.read, result.notes) == (2, ())
    assert result.verdict != "accepted"


@pytest.mark.parametrize("text", ["Cental", "North "])
def test_a_misspelt_value_of_a_list_is_data(library: Library, text: str) -> None:
    result = sent(library, loan(1), BLANK, alone(text, at=2))
    assert (result.rows.read, result.notes) == (2, ())


def test_the_lines_below_a_note_belong_to_it(library: Library) -> None:
    rows = [loan(1), BLANK, alone("Notes"), alone("Renewals"), alone("are counted once"), BLANK, alone("Checked twice")]
    assert [note.row for note in sent(library, *rows).notes] == [4, 5, 6, 8]


def test_a_value_below_a_note_is_data(library: Library) -> None:
    result = sent(library, loan(1), BLANK, alone("Notes"), BLANK, alone("L0002"))
    assert [note.row for note in result.notes] == [4]
    assert result.rows.read == 2


@pytest.mark.parametrize(
    "rows", [[loan(1), alone("Source: cards")], [loan(1), BLANK, alone("Loans of March"), loan(2)]]
)
def test_a_note_that_stands_among_the_rows_is_one_error(library: Library, rows: list[list[str]]) -> None:
    result = sent(library, *rows)
    assert [code for _, code, _ in told(result) if code != "acceptance-limit"] == ["note-among-rows"]
    assert result.notes == ()


# Headers


def test_a_repeated_header_is_one_warning_and_no_row(library: Library) -> None:
    result = sent(library, loan(1), HEADER, loan(2), [*(each.upper() for each in HEADER)], loan(3))
    assert told(result) == [(3, "repeated-header", "warning"), (5, "repeated-header", "warning")]
    assert result.accepted["source_row"].to_list() == [2, 4, 6]


@pytest.mark.parametrize(
    "above", [[BLANK, alone("Loans (continued)"), BLANK], [alone("Page 2")], [BLANK, alone("More loans")]]
)
def test_titles_above_a_repeated_header_are_left_out_with_it(library: Library, above: list[list[str]]) -> None:
    result = sent(library, loan(1), *above, HEADER, loan(2))
    assert [code for _, code, _ in told(result) if code != "report-mark"] == ["repeated-header"]
    assert result.rows.accepted == 2


def test_an_incomplete_row_above_a_repeated_header_is_data(library: Library) -> None:
    result = sent(library, loan(1), BLANK, alone("L0002"), HEADER, loan(3))
    assert (result.rows.read, result.notes) == (3, ())


def test_a_header_with_its_columns_in_other_places_refuses_the_return(library: Library) -> None:
    result = sent(library, loan(1), list(reversed(HEADER)), list(reversed(loan(2))))
    assert (None, "repeated-header", "error") in told(result)
    assert result.verdict == "rejected"


def test_a_value_that_is_a_header_is_a_value(library: Library) -> None:
    assert told(sent(library, [*loan(1)[:-1], "Notes"], [*loan(2)[:-1], "Branch"])) == []


# Marks


MARKS = [
    "END",
    "*** End of report ***",
    "EOF",
    "(120 rows affected)",
    "-- end --",
    "Page 1 of 3",
    "Report generated 28/09/2020 by A. B.",
]


@pytest.mark.parametrize("blank", [True, False])
@pytest.mark.parametrize("text", MARKS)
def test_a_mark_is_one_warning_and_no_row(library: Library, text: str, *, blank: bool) -> None:
    result = sent(library, loan(1), *([BLANK] if blank else []), alone(text))
    assert told(result) == [(3 + blank, "report-mark", "warning")]
    assert (result.rows.read, result.verdict) == (1, "accepted_with_warnings")


def test_rows_below_an_end_are_a_question(library: Library) -> None:
    assert (3, "report-mark", "error") in told(sent(library, loan(1), alone("END"), loan(2)))


def test_a_page_number_between_rows_is_left_out(library: Library) -> None:
    assert told(sent(library, loan(1), alone("Page 1 of 2"), loan(2))) == [(3, "report-mark", "warning")]


# Nil


NIL = [
    "NIL",
    "NIL RETURN",
    "None",
    "N/A",
    "No loans this period",
    "Nothing to report",
    "nil.",
    "There were no loans in March",
    "No loans",
]


@pytest.mark.parametrize("blank", [True, False])
@pytest.mark.parametrize("text", NIL)
def test_a_nil_alone_is_a_nil_return_with_a_warning(library: Library, text: str, *, blank: bool) -> None:
    result = sent(library, *([BLANK] if blank else []), alone(text))
    assert told(result) == [(2 + blank, "nil-row", "warning")]
    assert (result.is_nil, result.rows.read) == (True, 0)


def test_a_nil_in_every_cell_is_the_same(library: Library) -> None:
    assert told(sent(library, ["N/A"] * len(HEADER))) == [(2, "nil-row", "warning")]
    assert told(sent(library, ["Nil", "0", "-", "", "", "0", "", ""])) == [(2, "nil-row", "warning")]


def test_a_nil_with_a_note_below_is_still_a_nil_return(library: Library) -> None:
    result = sent(library, alone("NIL RETURN"), BLANK, alone("Source: the cards"))
    assert (result.is_nil, result.rows.notes) == (True, 1)


@pytest.mark.parametrize("text", NIL[:6])
def test_a_nil_beside_rows_is_one_error(library: Library, text: str) -> None:
    result = sent(library, loan(1), alone(text), loan(3))
    assert [each for each in told(result) if each[0]] == [(3, "nil-row", "error")]


# Instructions


INSTRUCTIONS = [
    ["e.g. L0001", "Number", "Select from list", "dd/mm/yyyy", "dd/mm/yyyy", "", "", "Free text"],
    ["Mandatory", "Mandatory", "Mandatory", "Mandatory", "Optional", "Optional", "Optional", "Optional"],
    ["Text", "Number", "List", "Date", "Date", "Decimal", "True/false", "Text"],
    ["Example: L0001", "1", "Central", "01/03/2024", "", "", "", ""],
]


@pytest.mark.parametrize("row", INSTRUCTIONS)
def test_a_row_of_instructions_is_one_error(library: Library, row: list[str]) -> None:
    result = sent(library, row, *map(loan, range(1, 10)))
    assert [each for each in told(result) if each[0]] == [(2, "instruction-row", "error")]


def test_words_of_instructions_among_values_are_values(library: Library) -> None:
    assert told(sent(library, [*loan(1)[:-1], "Optional"], [*loan(2)[:-1], "e.g. torn"])) == []
