"""Workbooks that show something else than they store, as people and programs make them: nothing of it is taken in silence."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

FILE = "B1_desks_2024-03-31.xlsx"
HEADER = ("Desk", "Area", "Visitors", "Share", "Average", "As at")
#: Two desks as they should be sent: a value and its number format.
GOOD: Mapping[str, tuple[Any, str]] = {
    "Desk": ("D000101", "@"), "Area": ("0101", "@"), "Visitors": (420, "#,##0"), "Share": (28, "0.0"), "Average": (42.14, "0.00"),
    "As at": (date(2024, 3, 31), "dd/mm/yyyy"),
}  # fmt: skip


@pytest.fixture(scope="module")
def desks(library: Library) -> Rulebook:
    """A return of the desks of a library, in a sheet of its own."""
    columns: list[dict[str, Any]] = [
        {
            "name": "desk",
            "logicalType": "string",
            "logicalTypeOptions": {"pattern": r"^D\d{6}$"},
            "classification": "restricted",
        },
        {"name": "area", "logicalType": "string"},
        {"name": "visitors", "logicalType": "integer"},
        {"name": "share", "logicalType": "number", "logicalTypeOptions": {"minimum": 0, "maximum": 100}},
        {"name": "average", "logicalType": "number", "logicalTypeOptions": {"multipleOf": 0.01}},
        {"name": "as_at", "logicalType": "date", "logicalTypeOptions": {"format": "dd/MM/yyyy"}},
    ]
    named = [
        column | {"physicalName": header, "required": True} for column, header in zip(columns, HEADER, strict=True)
    ]
    name = r"(?P<supplier_code>[A-Z]\d)_desks_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx"
    custom = {"identification": {"sheet": "Desks", "fileName": name}}
    return library.rulebook(library.contract(name="desks", columns=named, rules=[], custom=custom))


def fill(book: Workbook, name: str, *rows: Mapping[str, Any]) -> Worksheet:
    """A sheet of desks, each with some cells changed: a value with its number format, or the pieces of a text."""
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, HEADER)
    for number, changes in enumerate(rows, start=1):
        for at, cell in enumerate((GOOD | changes)[header] for header in HEADER):
            if isinstance(cell, list):
                sheet.write_rich_string(number, at, *cell)
            else:
                sheet.write(number, at, cell[0], book.add_format({"num_format": cell[1]}))
    return sheet


def workbook(*rows: Mapping[str, Any]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        fill(book, "Desks", *rows)
    return target.getvalue()


def judged(rulebook: Rulebook, data: bytes) -> ReturnResult:
    (result,) = assess(FILE, data, rulebook)
    return result


def told(result: ReturnResult) -> list[tuple[str, str, str]]:
    """Cell, code and message of each finding of a cell."""
    return result.findings.drop_nulls("row").select("cell", "code", "message").rows()


def test_a_workbook_that_shows_what_it_stores_is_accepted(desks: Rulebook) -> None:
    result = judged(desks, workbook({}, {}))
    assert (result.verdict, result.findings.height, result.rows.accepted) == ("accepted", 0, 2)


def test_per_cent_cells(desks: Rulebook) -> None:
    result = judged(desks, workbook({}, {"Share": (0.28, "0%")}))
    assert told(result) == [("D3", "shown-otherwise", "The cell shows ‘28%’, but ‘0.28’ is stored.")]


def test_a_code_with_leading_zeros_by_its_number_format(desks: Rulebook) -> None:
    result = judged(desks, workbook({"Area": (101, "0000")}))
    assert told(result) == [("B2", "shown-otherwise", "The cell shows ‘0101’, but ‘101’ is stored.")]


def test_a_reference_with_its_letter_by_number_format(desks: Rulebook) -> None:
    result = judged(desks, workbook({"Desk": (101, '"D"000000')}))
    assert told(result) == [("A2", "shown-otherwise", "The cell shows ‘A999999’, but ‘999’ is stored.")]


def test_a_code_typed_as_a_number_into_a_column_of_texts(desks: Rulebook) -> None:
    result = judged(desks, workbook({"Area": (101, "General")}))
    assert (told(result), result.accepted["area"].to_list()) == ([], ["101"])


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ((date(2020, 3, 1), "mmm-d"), "The cell holds a date, shown ‘Mar-1’; a text is due."),
        ((True, "General"), "The cell holds a truth value, shown ‘TRUE’; a text is due."),
        ((20.4, "General"), "The cell holds a number, ‘20.4’; a text is due."),
    ],
    ids=["a date", "TRUE", "a number"],
)
def test_a_text_that_the_spreadsheet_made_something_else_of(desks: Rulebook, cell: object, message: str) -> None:
    assert told(judged(desks, workbook({"Area": cell}))) == [("B2", "wrong-kind", message)]


def test_footnotes_as_raised_digits(desks: Rulebook) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        up = book.add_format({"font_script": 1})
        fill(book, "Desks", {"Visitors": ["420", up, "1"], "Area": ["Oldham", up, "2"]})
    assert told(judged(desks, target.getvalue())) == [
        ("B2", "shown-otherwise", "The cell shows raised or lowered characters: ‘Oldham²’, but ‘Oldham2’ is stored."),
        ("C2", "shown-otherwise", "The cell shows raised or lowered characters: ‘420¹’, but ‘4201’ is stored."),
    ]


def test_dates_that_show_their_month_alone(desks: Rulebook) -> None:
    result = judged(desks, workbook({"As at": (date(2024, 3, 1), "mmm-yy")}))
    message = "The cell shows only ‘Mar-24’ of the date ‘2024-03-01’ that is stored."
    assert (told(result), result.verdict) == ([("F2", "shown-in-part", message)], "accepted_with_warnings")


def test_a_computed_average(desks: Rulebook) -> None:
    result = judged(desks, workbook({"Average": (295 / 7, "0.00")}))
    message = "The cell shows ‘42.14’, but ‘42.142857143’ is stored, which has too many decimal places. At most 2 can be given."
    assert told(result) == [("E2", "too-precise", message)]


def test_hours_where_a_number_is_due(desks: Rulebook) -> None:
    result = judged(desks, workbook({"Average": (36.5 / 24, "[h]:mm")}))
    message = "The cell holds a time of day or a duration, shown ‘36:30’; a number is due."
    assert told(result) == [("E2", "wrong-kind", message)]


def test_a_date_that_is_not_formatted_as_one(desks: Rulebook) -> None:
    ((cell, code, message),) = told(judged(desks, workbook({"As at": (45382, "General")})))
    assert (cell, code) == ("F2", "not-a-date")
    assert message.startswith("The cell holds a number, ‘45382’")


def test_rows_that_a_filter_hides(desks: Rulebook) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = fill(book, "Desks", *[{}] * 6)
        sheet.autofilter("A1:F7")
        for row in (2, 3, 5):
            sheet.set_row(row, options={"hidden": True})
    result = judged(desks, target.getvalue())
    assert result.findings["message"].to_list() == ["Rows 3 to 4 and 6 are hidden; they were read."]
    assert (result.verdict, result.rows.accepted) == ("accepted_with_warnings", 6)


def test_hidden_columns(desks: Rulebook) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        fill(book, "Desks", {}).set_column("C:D", options={"hidden": True})
    result = judged(desks, target.getvalue())
    assert result.findings["message"].to_list() == ["The columns ‘Visitors’ and ‘Share’ are hidden; they were read."]


def test_a_hidden_original_and_an_edited_copy_that_can_be_seen(desks: Rulebook) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        fill(book, "Desks (2)", {}, {}).activate()
        fill(book, "Desks", {}).hide()
    result = judged(desks, target.getvalue())
    ((code, message),) = result.findings.select("code", "message").rows()
    assert (code, result.verdict, result.rows.read) == ("ambiguous-return", "rejected", 0)
    assert "‘Desks’" in message
    assert "‘Desks (2)’" in message


def test_a_hidden_sheet_alone(desks: Rulebook) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet("Read me").activate()
        fill(book, "Desks", {}).hide()
    result = judged(desks, target.getvalue())
    assert result.findings["message"].to_list() == ["The sheet ‘Desks’ is hidden; it was read."]
    assert (result.verdict, result.rows.accepted) == ("accepted_with_warnings", 1)


# Covers


def covered(library: Library, period: tuple[Any, str], code: tuple[Any, str] = ("B1", "@")) -> ReturnResult:
    """A return with a cover that gives the code of the supplier and the period end in these formats."""
    cover = {"sheet": "Cover", "supplierCode": "Code", "periodEnd": "Period end"}
    columns = [{"name": "desk", "physicalName": "Desk", "logicalType": "string", "required": True}]
    custom = {"identification": {"sheet": "Desks", "fileName": r"desks\.xlsx", "cover": cover}}
    book = library.rulebook(library.contract(name="desks", columns=columns, rules=[], custom=custom))
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as written:
        sheet = written.add_worksheet("Cover")
        for row, (label, (value, form)) in enumerate((("Code", code), ("Period end", period))):
            sheet.write(row, 0, label)
            sheet.write(row, 2, value, written.add_format({"num_format": form}))
        written.add_worksheet("Desks").write_column(0, 0, ["Desk", "D000101"])
    (result,) = assess("desks.xlsx", target.getvalue(), book)
    return result


def test_a_cover_that_shows_the_month_of_the_period_end_alone(library: Library) -> None:
    result = covered(library, (date(2024, 3, 31), "mmmm yyyy"))
    message = "The cover shows ‘March 2024’ for ‘Period end’, but ‘2024-03-31’ is stored."
    assert result.findings.select("code", "severity", "message").rows() == [("shown-in-part", "warning", message)]
    assert (result.period_end, result.verdict) == (date(2024, 3, 31), "accepted_with_warnings")


def test_a_cover_that_shows_another_code_than_is_stored(library: Library) -> None:
    result = covered(library, (date(2024, 3, 31), "dd/mm/yyyy"), (1, '"B"0'))
    assert "The cover shows ‘B1’ for ‘Code’, but ‘1’ is stored." in result.findings["message"].to_list()
    assert result.verdict == "rejected"


def test_a_cover_that_shows_what_is_stored(library: Library) -> None:
    assert covered(library, (date(2024, 3, 31), "d mmmm yyyy")).findings.height == 0
