"""What a file says of a cell beside its text: a cell of another kind, or one that shows something else, is not taken as its text."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.readers import Grid
from probation_etl.intake.readers.base import SHOWN_SCHEMA, CellKind, Otherwise
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

#: What a cell is: its text, its kind, and what it shows where that is something else.
Cell = tuple[str, CellKind] | tuple[str, CellKind, str, Otherwise]
KINDS = {"Copy": CellKind.NUMBER, "Lent on": CellKind.DATE, "Returned on": CellKind.DATE, "Fine": CellKind.NUMBER}
DAYS = {"Lent on": "2024-03-01", "Returned on": "2024-03-15"}


def grid(library: Library, *rows: Mapping[str, Cell]) -> Grid:
    """A sheet of faultless loans in cells of the right kinds, with some cells changed; no two loans have one key."""
    headers, cells, kinds, shown = library.header, [library.header], [[0] * len(library.header)], []
    for number, changes in enumerate(rows, start=1):
        row = library.row() | DAYS | {"Copy": str(number)}
        kind = {header: KINDS.get(header, CellKind.TEXT) for header in headers}
        for header, (text, its_kind, *more) in changes.items():
            row[header], kind[header] = text, its_kind
            shown += [(number, headers.index(header), *more)] if more else []
        cells.append(tuple(row[header] or None for header in headers))
        kinds.append([kind[header] for header in headers])
    names = [f"c{at}" for at in range(len(headers))]
    return Grid(
        pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row"), sheet="Loans", typed=True,
        kinds=pl.DataFrame(kinds, schema=dict.fromkeys(names, pl.UInt8), orient="row"),
        shown=pl.DataFrame(shown, schema=SHOWN_SCHEMA, orient="row"),
    )  # fmt: skip


def assessed(library: Library, rulebook: Rulebook, **changes: Cell) -> ReturnResult:
    """A return of one loan with some cells changed, and of another without a fault."""
    rows = ({header.replace("_", " "): cell for header, cell in changes.items()}, {})
    return library.assess(b"", rulebook, grids=[grid(library, *rows)])


def told(result: ReturnResult) -> list[tuple[str | None, str, str, str]]:
    return result.findings.filter(pl.col("row").is_not_null()).select("cell", "code", "severity", "message").rows()


def test_cells_of_the_kinds_of_their_columns_are_no_fault(library: Library, loans: Rulebook) -> None:
    renewed = ("true", CellKind.BOOLEAN)
    assert told(assessed(library, loans, Renewed=renewed, Notes=("", CellKind.TEXT))) == []


# Another kind


@pytest.mark.parametrize(
    ("header", "cell", "message"),
    [
        ("Notes", ("2024-03-05", CellKind.DATE), "The cell holds a date, ‘2024-03-05’; a text is due."),
        ("Notes", ("2024-03-05", CellKind.DATE, "05/03/2024", Otherwise.FORMAT),
         "The cell holds a date, shown ‘05/03/2024’; a text is due."),
        ("Notes", ("2024-03-05", CellKind.DATE, "Mar-24", Otherwise.DATE_PART),
         "The cell holds a date, shown ‘Mar-24’; a text is due."),
        ("Branch", ("true", CellKind.BOOLEAN), "The cell holds a truth value, shown ‘TRUE’; a text is due."),
        ("Notes", ("20.4", CellKind.NUMBER), "The cell holds a number, ‘20.4’; a text is due."),
        ("Notes", ("20.44", CellKind.NUMBER, "20.4", Otherwise.ROUNDED),
         "The cell holds a number, shown ‘20.4’; a text is due."),
        ("Notes", ("1234567890123456", CellKind.NUMBER), "The cell holds a number, ‘1234567890123456’; a text is due."),
        ("Loan_reference", ("2024-03-05", CellKind.DATE), "The cell holds a date, ‘9999-99-99’; a text is due."),
        ("Fine", ("2024-03-05", CellKind.DATE), "The cell holds a date, ‘2024-03-05’; a number is due."),
        ("Copy", ("true", CellKind.BOOLEAN), "The cell holds a truth value, shown ‘TRUE’; a whole number is due."),
        ("Fine", ("36:30:00", CellKind.TIME, "36:30", Otherwise.TIME),
         "The cell holds a time of day or a duration, shown ‘36:30’; a number is due."),
        ("Lent_on", ("12:30:00", CellKind.TIME),
         "The cell holds a time of day or a duration, ‘12:30:00’; a date is due."),
        ("Lent_on", ("00:00:00", CellKind.TIME), "The cell holds 0, which is no day; a date is due."),
        ("Lent_on", ("true", CellKind.BOOLEAN), "The cell holds a truth value, shown ‘TRUE’; a date is due."),
        ("Renewed", ("2024-03-05", CellKind.DATE), "The cell holds a date, ‘2024-03-05’; true or false is due."),
    ],
)  # fmt: skip
def test_a_cell_of_another_kind_than_its_column_is_reported_once(
    library: Library, loans: Rulebook, header: str, cell: Cell, message: str
) -> None:
    result = assessed(library, loans, **{header: cell})
    assert [(code, severity, said) for _, code, severity, said in told(result)] == [("wrong-kind", "error", message)]
    assert result.quarantined["source_row"].to_list() == [2]


@pytest.mark.parametrize("text", ["101", "0", "-7", "123456789012345"])
def test_a_whole_number_in_a_column_of_texts_is_its_digits(library: Library, loans: Rulebook, text: str) -> None:
    result = assessed(library, loans, Notes=(text, CellKind.NUMBER))
    assert (told(result), result.accepted["notes"][0]) == ([], text)


def test_a_number_that_the_list_or_the_pattern_has_is_taken_as_it_is_shown(library: Library) -> None:
    columns = library.columns(
        branch={"enum": [{"value": "1.5"}, {"value": "Central"}]},
        notes={"logicalTypeOptions": {"pattern": r"^\d\.\d$"}},
    )
    book = library.rulebook(library.contract(columns=columns))
    good = assessed(library, book, Branch=("1.5", CellKind.NUMBER), Notes=("2.4", CellKind.NUMBER))
    assert told(good) == []
    bad = assessed(library, book, Branch=("1.7", CellKind.NUMBER), Notes=("2.44", CellKind.NUMBER))
    assert [(cell, code) for cell, code, *_ in told(bad)] == [("C2", "wrong-kind"), ("H2", "wrong-kind")]


def test_a_number_in_a_column_of_dates_is_named(library: Library, loans: Rulebook) -> None:
    ((cell, code, _, message),) = told(assessed(library, loans, Lent_on=("44102", CellKind.NUMBER)))
    assert (cell, code, message) == (
        "D2",
        "not-a-date",
        "The cell holds a number, ‘44102’, and not a date: the cell is not formatted as one.",
    )


def test_a_text_in_a_column_of_another_kind_is_parsed(library: Library, loans: Rulebook) -> None:
    texts = {"Copy": "3", "Lent_on": "01/03/2024", "Fine": "0.50", "Renewed": "FALSE"}
    assert told(assessed(library, loans, **{header: (text, CellKind.TEXT) for header, text in texts.items()})) == []


def test_an_error_is_one_whatever_the_program_calls_it_and_its_column_is(library: Library, loans: Rulebook) -> None:
    result = assessed(library, loans, Notes=("#SPILL!", CellKind.ERROR), Fine=("#N/A", CellKind.ERROR))
    assert [(cell, code) for cell, code, *_ in told(result)] == [("F2", "error-cell"), ("H2", "error-cell")]


def test_what_the_contract_takes_for_an_empty_cell_is_empty_whatever_its_kind(library: Library) -> None:
    columns = library.columns(notes={"customProperties": [{"property": "nullTokens", "value": ["9.5"]}]})
    result = assessed(library, library.rulebook(library.contract(columns=columns)), Notes=("9.5", CellKind.NUMBER))
    assert (told(result), result.accepted["notes"][0]) == ([], None)


# Shown otherwise


@pytest.mark.parametrize(
    ("header", "cell", "message"),
    [
        ("Fine", ("0.28", CellKind.NUMBER, "28%", Otherwise.PER_CENT), "The cell shows ‘28%’, but ‘0.28’ is stored."),
        ("Notes", ("101", CellKind.NUMBER, "0101", Otherwise.FORMAT), "The cell shows ‘0101’, but ‘101’ is stored."),
        ("Loan_reference", ("1001", CellKind.NUMBER, "X1001", Otherwise.FORMAT), "The cell shows ‘A9999’, but ‘9999’ is stored."),
        ("Notes", ("1234567890123450", CellKind.NUMBER, "1.23457E+15", Otherwise.DIGITS),
         "The cell shows ‘1.23457E+15’, but ‘1234567890123450’ is stored: a spreadsheet keeps no more than 15 digits of a number."),
        ("Branch", ("North2", CellKind.TEXT, "North²", Otherwise.RAISED),
         "The cell shows raised or lowered characters: ‘North²’, but ‘North2’ is stored."),
        ("Copy", ("4201", CellKind.TEXT, "420¹", Otherwise.RAISED),
         "The cell shows raised or lowered characters: ‘420¹’, but ‘4201’ is stored."),
        ("Fine", ("1.5", CellKind.NUMBER, "36:00", Otherwise.TIME), "The cell shows ‘36:00’, but ‘1.5’ is stored."),
    ],
)  # fmt: skip
def test_a_cell_that_shows_something_else_is_reported_once_with_both(
    library: Library, loans: Rulebook, header: str, cell: Cell, message: str
) -> None:
    result = assessed(library, loans, **{header: cell})
    assert [(code, severity, said) for _, code, severity, said in told(result)] == [
        ("shown-otherwise", "error", message)
    ]
    assert result.quarantined["source_row"].to_list() == [2]


def test_a_date_that_shows_its_month_alone_is_taken_with_a_warning(library: Library, loans: Rulebook) -> None:
    result = assessed(library, loans, Lent_on=("2024-03-01", CellKind.DATE, "Mar-24", Otherwise.DATE_PART))
    message = "The cell shows only ‘Mar-24’ of the date ‘2024-03-01’ that is stored."
    assert told(result) == [("D2", "shown-in-part", "warning", message)]
    assert str(result.accepted["lent_on"][0]) == "2024-03-01"


def test_a_rounded_number_is_taken_with_a_warning(library: Library, loans: Rulebook) -> None:
    result = assessed(library, loans, Fine=("0.25", CellKind.NUMBER, "0.3", Otherwise.ROUNDED))
    message = "The cell shows ‘0.3’, rounded from ‘0.25’, which is stored."
    assert told(result) == [("F2", "shown-in-part", "warning", message)]
    assert str(result.accepted["fine"][0]) == "0.250000"


@pytest.mark.parametrize(
    ("header", "shown", "code", "rest"),
    [
        ("Fine", "42.14", "too-precise", "has too many decimal places. At most 2 can be given."),
        ("Copy", "42", "not-an-integer", "is not a whole number."),
    ],
)
def test_a_number_with_too_many_digits_is_reported_with_those_that_it_shows(
    library: Library, loans: Rulebook, header: str, shown: str, code: str, rest: str
) -> None:
    result = assessed(library, loans, **{header: ("42.142857143", CellKind.NUMBER, shown, Otherwise.ROUNDED)})
    message = f"The cell shows ‘{shown}’, but ‘42.142857143’ is stored, which {rest}"
    assert [(each, said) for _, each, _, said in told(result)] == [(code, message)]


def test_an_empty_cell_shows_nothing_else(library: Library, loans: Rulebook) -> None:
    assert told(assessed(library, loans, Notes=("", CellKind.TEXT, " ", Otherwise.FORMAT))) == []


def test_a_contract_can_make_warnings_of_them_and_then_what_is_stored_counts(library: Library) -> None:
    mild = [{"property": "severities", "value": {"shown-otherwise": "warning", "wrong-kind": "warning"}}]
    columns = library.columns(fine={"customProperties": mild}, notes={"customProperties": mild})
    result = assessed(
        library, library.rulebook(library.contract(columns=columns)),
        Fine=("0.28", CellKind.NUMBER, "28%", Otherwise.PER_CENT), Notes=("2024-03-05", CellKind.DATE),
    )  # fmt: skip
    assert [(code, severity) for _, code, severity, _ in told(result)] == [
        ("shown-otherwise", "warning"),
        ("wrong-kind", "warning"),
    ]
    assert (str(result.accepted["fine"][0]), result.accepted["notes"][0]) == ("0.280000", "2024-03-05")


def test_a_contract_can_make_an_error_of_what_is_shown_in_part(library: Library) -> None:
    strict = [{"property": "severities", "value": {"shown-in-part": "error"}}]
    book = library.rulebook(library.contract(columns=library.columns(lent_on={"customProperties": strict})))
    result = assessed(library, book, Lent_on=("2024-03-01", CellKind.DATE, "Mar-24", Otherwise.DATE_PART))
    assert (result.verdict, result.quarantined["source_row"].to_list()) == ("partly_accepted", [2])
    assert [(code, severity) for _, code, severity, _ in told(result)] == [("shown-in-part", "error")]


def test_what_is_said_of_cells_outside_the_columns_of_the_contract_does_not_matter(
    library: Library, loans: Rulebook
) -> None:
    sheet = grid(library, {})
    more = [pl.lit("2024-03-05").alias("c8")], [pl.lit(CellKind.DATE, dtype=pl.UInt8).alias("c8")]
    assert sheet.kinds is not None
    shown = pl.DataFrame([(1, 8, "Mar-24", Otherwise.DATE_PART)], schema=SHOWN_SCHEMA, orient="row")
    wider = Grid(
        sheet.cells.with_columns(more[0]),
        sheet="Loans",
        typed=True,
        kinds=sheet.kinds.with_columns(more[1]),
        shown=shown,
    )
    result = library.assess(b"", loans, grids=[wider])
    assert [code for _, _, code in library.faults(result)] == ["unexpected-column"]


# Files whose columns have types


def framed(library: Library, rulebook: Rulebook, **columns: Any) -> list[tuple[str, str]]:
    """Codes and messages for a Parquet file of one loan, with a column of some values in place of another."""
    table = pl.DataFrame([library.row()]).with_columns(
        **{header.replace("_", " "): pl.Series(values) for header, values in columns.items()}
    )
    target = io.BytesIO()
    table.write_parquet(target)
    return library.assess(target.getvalue(), rulebook).findings.select("code", "message").rows()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (date(2024, 3, 5), "The cell holds a date, ‘2024-03-05’; a text is due."),
        (datetime(2024, 3, 5, 14, 30), "The cell holds a date, ‘2024-03-05 14:30:00’; a text is due."),
        (time(14, 30), "The cell holds a time of day or a duration, ‘14:30:00’; a text is due."),
        (True, "The cell holds a truth value, shown ‘TRUE’; a text is due."),
        (20.4, "The cell holds a number, ‘20.4’; a text is due."),
        (Decimal("20.40"), "The cell holds a number, ‘20.40’; a text is due."),
    ],
)  # fmt: skip
def test_a_column_of_another_type_is_of_another_kind(
    library: Library, loans: Rulebook, value: object, message: str
) -> None:
    found = [each for each in framed(library, loans, Notes=[value]) if each[0] != "acceptance-limit"]
    assert found == [("wrong-kind", message)]


@pytest.mark.parametrize("value", [101, 101.0, 12345678901234567, None, "20.4"])
def test_whole_numbers_and_texts_of_a_frame_are_taken_exactly(library: Library, loans: Rulebook, value: object) -> None:
    assert framed(library, loans, Notes=[value]) == []


def test_columns_of_their_own_types_are_no_fault(library: Library, loans: Rulebook) -> None:
    good = {
        "Copy": [1.0],
        "Lent_on": [date(2024, 3, 1)],
        "Returned_on": [datetime(2024, 3, 15)],
        "Fine": [0.5],
        "Renewed": [True],
    }
    assert framed(library, loans, **good) == []


@pytest.mark.parametrize("value", [date(2024, 3, 17), True, 20.4, time(17, 45)])
def test_of_a_restricted_column_only_the_shape_is_told(library: Library, value: Any) -> None:
    row = [value, 1, "Central", "01/03/2024", None, None, None, None]
    result = library.assess(library.workbook(Loans=[library.header, row]), name="B1_loans_2024-03-31.xlsx")
    told = " ".join(map(str, result.findings.select("message", "value").row(-1)))
    assert result.findings["code"].to_list()[-1] == "wrong-kind"
    assert not any(text in told for text in ("2024", "17", "TRUE", "true", "20.4", "45"))
