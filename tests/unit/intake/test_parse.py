"""Text to types: what does not parse is a fault of its cell, never a guess and never an exception."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.lint.rules import compile_contract
from probation_etl.contracts.model import Column, Mapping, ReturnContract
from probation_etl.intake.parse import TypedTable, parse, read_date
from probation_etl.intake.readers import Grid, read_grids
from probation_etl.intake.table import extract

if TYPE_CHECKING:
    from conftest import Library

NOTHING: dict[str, object] = {}


def parsed(column: Column, *cells: str, sheet: str | None = None) -> TypedTable:
    """One column of cells, parsed; each cell is a record."""
    quoted = "".join('"{}",x\n'.format(cell.replace('"', '""')) for cell in cells)
    (grid,) = read_grids(f"Value,Other\n{quoted}".encode())
    other = Column("other", "string", "Other")
    contract = ReturnContract(
        id="values", version="1.0.0", table="values", columns=(column, other), mapping=Mapping("value", ())
    )
    table = extract(Grid(grid.cells, sheet=sheet, widths=grid.widths), contract)
    assert table is not None
    return parse(table, compile_contract(contract), NOTHING)


def value(column: Column, cell: str, *, sheet: str | None = None) -> Any:
    """What a cell becomes; the rules it breaks where it breaks any."""
    result = parsed(column, cell, sheet=sheet)
    return result.faults["rule"].to_list() or result.frame["value"].item()


def column(kind: Any, **more: Any) -> Column:
    return Column("value", kind, "Value", **more)


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("47", 47), ("-3", -3), ("+5", 5), ("007", 7), ("999999999999999999", 10**18 - 1)]
)
def test_whole_numbers(text: str, number: int) -> None:
    assert value(column("integer"), text) == number


@pytest.mark.parametrize("text", ["47.0", "47.5", "-1.0"])
def test_a_number_with_decimals_is_not_an_integer(text: str) -> None:
    assert value(column("integer"), text) == ["value|integer"]


@pytest.mark.parametrize(
    "text",
    ["1,000", "1 000", "1\u00a0000", "1'000", "4e2", "0x10", "٤٧", "\uff14\uff17", "½", "4-7", "-", "+", ".", "47.", "--4", "[c]", "nil",
     "1_000", "12%", "£4", "1000000000000000000", "9999999999999999999", "not a number", "true"],
)  # fmt: skip
def test_what_is_not_a_number_is_not_an_integer(text: str) -> None:
    assert value(column("integer"), text) == ["value|type"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("47", "47"),
        ("47.0", "47"),
        ("52.43", "52.43"),
        ("-0.5", "-0.5"),
        ("+1.250", "1.25"),
        ("0.000001", "0.000001"),
    ],
)
def test_numbers_are_exact(text: str, number: str) -> None:
    assert value(column("number"), text) == Decimal(number)


@pytest.mark.parametrize("text", ["1,000.5", "1 000", "52,43", "1e3", ".5", "5.", "£4", "12%", "٥", "1.2.3", "[c]"])
def test_numbers_are_digits_with_a_point(text: str) -> None:
    assert value(column("number"), text) == ["value|type"]


@pytest.mark.parametrize(
    ("text", "good"),
    [("1.25", True), ("1.250", True), ("1.2", True), ("1", True), ("1.255", False), ("1.2500001", False)],
)
def test_decimals_are_counted_without_zeros_at_the_end(text: str, good: bool) -> None:
    assert (value(column("number", decimals=2), text) == ["value|decimals"]) is not good


def test_more_decimals_than_we_can_keep_are_a_fault_even_without_a_limit() -> None:
    assert value(column("number"), "0.0000001") == ["value|decimals"]


@pytest.mark.parametrize("text", ["29/02/2024", "01/03/2024", "31/12/1999"])
def test_dates_in_the_contract_s_format(text: str) -> None:
    day, month, year = map(int, text.split("/"))
    assert value(column("date", formats=("dd/MM/yyyy",)), text) == date(year, month, day)


@pytest.mark.parametrize(
    "text",
    ["1/3/20", "1/3/2020", "01/03/20", "2024-03-01", "01-03-2024", "01.03.2024", "31/02/2024", "29/02/2023", "13/13/2024",
     "00/01/2024", "03/31/2024", "01/03/2024 00:00", "1 March 2024", "45352", "٠١/٠٣/٢٠٢٤", "October 20201", "today"],
)  # fmt: skip
def test_dates_in_no_other_format(text: str) -> None:
    assert value(column("date", formats=("dd/MM/yyyy",)), text) == ["value|type"]


def test_without_a_format_dates_are_iso_8601() -> None:
    assert value(column("date"), "2024-03-01") == date(2024, 3, 1)
    assert value(column("date"), "01/03/2024") == ["value|type"]


def test_a_real_date_of_a_spreadsheet_needs_no_format() -> None:
    formats = {"formats": ("dd/MM/yyyy",)}
    assert value(column("date", **formats), "2024-03-01", sheet="Loans") == date(2024, 3, 1)
    assert value(column("date", **formats), "01/03/2024", sheet="Loans") == date(2024, 3, 1)
    assert value(column("date", **formats), "2024-03-01 10:30:00", sheet="Loans") == ["value|type"]


@pytest.mark.parametrize(("text", "meant"), [("true", True), ("FALSE", False), ("True", True)])
def test_true_and_false_in_any_case(text: str, meant: bool) -> None:
    assert value(column("boolean"), text) is meant


@pytest.mark.parametrize("text", ["yes", "1", "0", "t", "wahr"])
def test_nothing_else_is_true_or_false(text: str) -> None:
    assert value(column("boolean"), text) == ["value|type"]


BLANKS = [" ", "\t", "\u00a0", "\u2007", "\u202f", "\u3000", "\u200b", "\ufeff", "\n", "\r\n", " \u00a0\t"]


@pytest.mark.parametrize("blank", BLANKS)
def test_white_space_around_a_value_is_not_part_of_it(blank: str) -> None:
    assert value(column("integer"), f"{blank}47{blank}") == 47
    assert value(column("string"), f"{blank}two words{blank}") == "two words"
    assert value(column("date", formats=("dd/MM/yyyy",)), f"{blank}01/03/2024{blank}") == date(2024, 3, 1)


@pytest.mark.parametrize("blank", ["", *BLANKS])
@pytest.mark.parametrize("kind", ["string", "integer", "number", "date", "boolean"])
def test_white_space_alone_is_an_empty_cell(kind: str, blank: str) -> None:
    assert value(column(kind), blank) is None


@pytest.mark.parametrize("kind", ["string", "integer", "date"])
def test_the_contract_s_words_for_nothing_are_empty_cells(kind: str) -> None:
    assert value(column(kind, null_tokens=("n/a", "-")), " n/a ") is None
    assert value(column(kind, null_tokens=("n/a", "-")), "-") is None


def test_text_stays_as_it_is() -> None:
    for text in ("007", "1,000", "Brontë", "n/a", "None of these", "Nan", "a  b", "a\nb", "=1+1", "<b>"):
        assert value(column("string"), text) == text


def test_a_cell_that_does_not_parse_leaves_its_neighbours_alone() -> None:
    result = parsed(column("integer"), "1", "x", "", "4")
    assert result.frame["value"].to_list() == [1, None, None, 4]
    assert result.frame["source_row"].to_list() == [2, 3, 4, 5]
    assert result.faults.select("position", "rule").rows() == [(1, "value|type")]
    assert result.uncertain["value"].to_list() == [False, True, False, False]


def test_every_row_keeps_its_place_whatever_it_holds() -> None:
    cells = [str(number) if number % 3 else "x" for number in range(100)]
    result = parsed(column("integer"), *cells)
    assert result.frame["source_row"].to_list() == list(range(2, 102))
    assert result.faults["position"].to_list() == list(range(0, 100, 3))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01/03/2024", date(2024, 3, 1)),
        ("2024-03-01", date(2024, 3, 1)),
        ("31/02/2024", None),
        ("1/3/24", None),
        ("", None),
        (None, None),
    ],
)
def test_one_date_of_a_cover(text: str | None, day: date | None) -> None:
    assert read_date(text, "dd/MM/yyyy") == day


def test_a_value_is_the_same_however_its_accents_are_composed(library: Library) -> None:
    """As two characters, e and diaeresis are the ë of the list; what was sent is kept as it was."""
    columns = library.columns(branch={"enum": [{"value": "Brontë"}]})
    rulebook = library.rulebook(library.contract(columns=columns))
    row = library.row(Branch="\u200bBronte\u0308\u00a0", Notes="Bronte\u0308")
    result = library.assess(library.csv(row), rulebook)
    assert library.faults(result) == []
    assert result.accepted.select("branch", "notes").rows() == [("Brontë", "Brontë")]


def test_keys_that_differ_in_how_accents_are_composed_are_one_key(library: Library) -> None:
    columns = library.columns(loan_reference={"logicalTypeOptions": {}})
    rulebook = library.rulebook(library.contract(columns=columns))
    rows = [library.row(Loan_reference=reference) for reference in ("Brontë", "Bronte\u0308")]
    result = library.assess(library.csv(*rows), rulebook)
    assert {code for _, _, code in library.faults(result)} == {"duplicate-row"}
    assert result.quarantined["c0"].to_list() == ["Brontë", "Bronte\u0308"]


# Control characters


@pytest.mark.parametrize("char", ["\x01", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\u200f", "\u202e", "\u2066"])
@pytest.mark.parametrize("kind", ["string", "integer", "date"])
def test_a_control_character_is_a_fault_and_the_cell_is_not_read(kind: str, char: str) -> None:
    result = parsed(column(kind), f"4{char}7", "")
    assert result.faults.select("position", "rule").rows() == [(0, "value|control")]
    assert result.frame["value"].to_list() == [None, None]
    assert result.uncertain["value"].to_list() == [True, False]


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\r\nb", "a\u200bb", "a\u00adb", "…–’"])
def test_tabs_line_ends_and_spaces_inside_a_text_are_none(text: str) -> None:
    assert value(column("string"), text) == text


def test_a_row_with_a_control_character_is_quarantined_and_its_other_faults_are_reported(library: Library) -> None:
    """The character is named and not shown, as it could steer the terminal or the page that shows it."""
    faulty = library.row(Loan_reference="L0002", Branch="Cen\x1b[31mtral", Copy="100")
    result = library.assess(library.csv(library.row(), faulty), library.loans)
    assert library.faults(result) == [(3, "Copy", "out-of-range"), (3, "Branch", "control-character")]
    assert result.accepted["source_row"].to_list() == [2]
    assert result.findings["value"].to_list() == ["100", "Cen<U+001B>[31mtral"]
    assert not any("\x1b" in message for message in result.findings["message"])
    assert result.quarantined["c2"].to_list() == ["Cen\x1b[31mtral"]


def test_a_nul_in_a_file_that_can_hold_one_is_a_control_character_too(library: Library) -> None:
    target = io.BytesIO()
    pl.DataFrame([library.row(Notes="a\0b")]).write_parquet(target)
    result = library.assess(target.getvalue())
    assert library.faults(result) == [(2, "Notes", "control-character")]
