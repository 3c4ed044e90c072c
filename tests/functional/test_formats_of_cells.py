"""Workbooks that show something else than they store: the situations that suppliers send, from the file to the finding."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

if TYPE_CHECKING:
    from conftest import Library

from probation_etl.intake.result import ReturnResult

HEADER = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")
LOAN: tuple[Any, ...] = ("L0001", 1, "Central", date(2024, 3, 1), date(2024, 3, 20), 0.5, True, "none")


def result(library: Library, change: Callable[[Workbook, Worksheet], None], rows: int = 1) -> ReturnResult:
    """What comes of a good return after a change to its sheet; its first loan is in row 2."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Loans")
        sheet.write_row(0, 0, HEADER)
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, (f"L{row:04}", *LOAN[1:]))
        change(book, sheet)
    return library.assess(target.getvalue())


def formatted(place: str, value: object, code: str) -> Callable[[Workbook, Worksheet], None]:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet.write(place, value, book.add_format({"num_format": code}))

    return change


def findings(found: ReturnResult) -> list[tuple[str, str, str]]:
    return [(each["code"], each["severity"], each["message"]) for each in found.findings.to_dicts()]


def test_a_good_return_shows_what_it_stores(library: Library) -> None:
    assert findings(result(library, lambda _, __: None)) == []


@pytest.mark.parametrize(
    ("place", "value", "code", "shown", "stored"),
    [
        pytest.param("F2", 0.28, "0%", "‘28%’", "0.28", id="per cent where a number up to 50 is due"),
        pytest.param("B2", 7, "0000", "‘0007’", "7", id="noughts before a number that are not stored"),
        pytest.param("B2", 7, '"C"0', "‘C7’", "7", id="a letter before a number that is not stored"),
        pytest.param("F2", 12, "#,##0.0,", "‘0.0’", "12", id="thousands that are not shown"),
        pytest.param("F2", 5, ";;;", "nothing", "5", id="a number that is not shown at all"),
        pytest.param("F2", 1.5, "# ?/?", "‘1 1/2’", "1.5", id="a fraction"),
    ],
)
def test_a_number_that_its_format_changes_is_an_error(
    library: Library, place: str, value: float, code: str, shown: str, stored: str
) -> None:
    found = result(library, formatted(place, value, code))
    assert findings(found) == [
        ("shown-otherwise", "error", f"The cell shows {shown}, but ‘{stored}’ is stored."),
    ]
    assert found.rows.accepted == 0


def test_a_reference_that_its_format_completes_is_told_masked(library: Library) -> None:
    found = result(library, formatted("A2", 1, '"L"0000'))
    assert findings(found) == [("shown-otherwise", "error", "The cell shows ‘A9999’, but ‘9’ is stored.")]


@pytest.mark.parametrize(
    ("place", "text", "mark", "shown"), [("B2", "42", "1", "42¹"), ("C2", "Central", "2", "Central²")]
)
def test_a_raised_footnote_is_not_part_of_its_value(
    library: Library, place: str, text: str, mark: str, shown: str
) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_rich_string(place, text, book.add_format({"font_script": 1}), mark)

    found = result(library, change)
    ((code, severity, message),) = findings(found)
    assert (code, severity) == ("shown-otherwise", "error")
    assert f"‘{shown}’" in message
    assert found.rows.accepted == 0


def test_a_date_of_which_the_month_is_shown_alone_is_a_warning(library: Library) -> None:
    found = result(library, formatted("D2", date(2024, 3, 1), "mmm-yy"))
    ((code, severity, message),) = findings(found)
    assert (code, severity) == ("shown-in-part", "warning")
    assert "‘Mar-24’" in message
    assert found.rows.accepted == 1


def test_a_computed_average_names_what_is_shown_and_what_is_stored(library: Library) -> None:
    found = result(library, formatted("F2", 295 / 7, "0.00"))
    ((code, severity, message),) = findings(found)
    assert (code, severity) == ("too-precise", "error")
    assert "‘42.14’" in message
    assert "‘42.142857143’" in message


def test_rows_that_a_filter_hides_are_read_with_a_warning(library: Library) -> None:
    def hide(_: Workbook, sheet: Worksheet) -> None:
        sheet.autofilter("A1:H6")
        for row in (2, 3, 4):
            sheet.set_row(row, options={"hidden": True})

    found = result(library, hide, rows=5)
    ((code, severity, message),) = findings(found)
    assert (code, severity) == ("hidden-rows", "warning")
    assert "3 to 5" in message
    assert found.rows.accepted == 5
