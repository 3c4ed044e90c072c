"""Absurd days are no days: a return has a window of likely days, which its contract can widen, narrow or open."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.errors import ContractError
from probation_etl.intake.result import ReturnResult
from table_files import table_file

if TYPE_CHECKING:
    from conftest import Library

OPEN = {"yearsBefore": "any", "daysAfter": "any"}


def own(**given: Any) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in given.items()]


def returned(
    library: Library,
    *days: str | date,
    window: dict[str, Any] | None = None,
    effective: str | None = "2020-04-01",
    rules: tuple[dict[str, Any], ...] = (),
    kind: str = "csv",
    **column: Any,
) -> ReturnResult:
    """Loans of March 2024 that came back on these days, with a contract-wide window and options of the column."""
    custom = {"dateWindow": window, "effectiveFrom": effective}
    contract = library.contract(columns=library.columns(returned_on=column), rules=rules, custom=custom)
    rows = [[f"L{at:04}", "1", "N", "01/03/2024", day, "", "", ""] for at, day in enumerate(days)]
    return library.assess(table_file(kind, [library.header, *rows]), library.rulebook(contract))


def unlikely(result: ReturnResult) -> list[int]:
    found = result.findings.filter(result.findings["code"] == "unlikely-date")
    assert set(found["column"]) <= {"Returned on"}
    return found["row"].to_list()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
@pytest.mark.parametrize("day", [date(1905, 7, 12), date(1905, 3, 14), date(1905, 7, 17), date(1909, 12, 31)])
def test_a_year_typed_into_a_date_cell_is_not_a_likely_day(library: Library, kind: str, day: date) -> None:
    cell = day if kind != "csv" else f"{day:%d/%m/%Y}"
    result = returned(library, cell, "15/03/2024", kind=kind)
    assert unlikely(result) == [2]
    assert result.accepted["source_row"].to_list() == [3]


def test_the_message_says_which_days_are_likely_and_what_may_have_happened(library: Library) -> None:
    message, hint = returned(library, "12/07/1905").findings.select("message", "hint").row(0)
    assert message == (
        "‘12/07/1905’ is not a likely day: dates of this column lie between 1 April 1920 and the period end."
    )
    assert "A year or another number in a cell that is formatted as a date" in hint


@pytest.mark.parametrize("day", ["01/04/2024", "31/03/2042", "15/03/2204", "15/03/9999"])
def test_a_day_after_the_period_end_is_not_likely(library: Library, day: str) -> None:
    assert unlikely(returned(library, "31/03/2024", day)) == [3]


@pytest.mark.parametrize("day", ["31/03/2024", "01/01/1999", "29/02/1944", "01/04/1920", ""])
def test_honest_history_is_likely_where_the_contract_says_nothing(library: Library, day: str) -> None:
    assert library.faults(returned(library, day)) == []


def test_a_contract_that_has_always_been_in_force_has_a_window_too(library: Library) -> None:
    assert unlikely(returned(library, "31/12/1909", "01/01/1910", "01/04/2024", effective=None)) == [2, 4]


@pytest.mark.parametrize(
    ("window", "likely", "not_likely"),
    [
        ({"yearsBefore": 20}, "01/04/2000", "31/03/2000"),
        ({"yearsBefore": 0}, "01/04/2020", "31/03/2020"),
        ({"daysAfter": 30}, "30/04/2024", "01/05/2024"),
        ({"yearsBefore": "any"}, "01/01/1066", "01/04/2024"),
        ({"daysAfter": "any"}, "31/12/2999", "31/03/1920"),
    ],
)
def test_the_contract_says_which_days_are_likely(
    library: Library, window: dict[str, Any], likely: str, not_likely: str
) -> None:
    assert unlikely(returned(library, likely, not_likely, window=window)) == [3]


@pytest.mark.parametrize(
    ("column", "day"),
    [
        ({"customProperties": own(dateWindow={"daysAfter": 365})}, "31/03/2025"),
        ({"customProperties": own(dateWindow={"yearsBefore": "any"})}, "01/01/1800"),
        ({"logicalTypeOptions": {"format": "dd/MM/yyyy", "minimum": "1700-01-01"}}, "01/01/1800"),
        ({"logicalTypeOptions": {"format": "dd/MM/yyyy", "exclusiveMaximum": "2030-01-01"}}, "31/12/2029"),
    ],
)
def test_a_column_has_a_window_or_bounds_of_its_own(library: Library, column: dict[str, Any], day: str) -> None:
    assert unlikely(returned(library, day, window={"yearsBefore": 5, "daysAfter": 1}, **column)) == []


def test_a_column_that_opens_one_side_keeps_the_other_of_the_contract(library: Library) -> None:
    column = {"customProperties": own(dateWindow={"daysAfter": "any"})}
    assert unlikely(returned(library, "31/03/2015", "31/12/2029", window={"yearsBefore": 5}, **column)) == [2]


@pytest.mark.parametrize("expression", ["returned_on <= period_end", "returned_on > period_end"])
def test_a_rule_that_compares_with_the_period_end_says_which_days_are_meant(library: Library, expression: str) -> None:
    rule = library.rule(expression, column="returned_on")
    result = returned(library, "31/03/2024", "01/04/2024", "12/07/1905", rules=(rule,))
    assert unlikely(result) == [4]


def test_the_contract_can_make_it_a_warning(library: Library) -> None:
    result = returned(library, "12/07/1905", customProperties=own(severities={"unlikely-date": "warning"}))
    assert result.accepted["returned_on"].to_list() == [date(1905, 7, 12)]
    assert unlikely(result) == [2]


def test_no_period_end_leaves_the_later_side_open(library: Library) -> None:
    rulebook = library.rulebook(library.contract(rules=[], custom={"effectiveFrom": "2020-04-01"}))
    rows = [library.row(Returned_on=day) for day in ("01/04/2042", "12/07/1905")]
    result = library.assess(library.csv(*rows), rulebook, name="B1_loans_2024-02-31.csv")
    assert unlikely(result) == [3]


@pytest.mark.parametrize(
    ("custom", "column", "fault"),
    [
        ({"dateWindow": {"yearsBefore": 20}}, {}, "yearsBefore counts from effectiveFrom, which the contract does not have"),
        ({"dateWindow": {"yearsBefore": -1}}, {}, "dateWindow"),
        ({"dateWindow": {"years": 1}}, {}, "years"),
        ({"dateWindow": {"daysAfter": "never"}}, {}, "dateWindow"),
        (
            {}, {"logicalTypeOptions": {"minimum": "2000-01-01"}, "customProperties": own(dateWindow={"yearsBefore": "any"})},
            "dateWindow.yearsBefore has no effect, because minimum is 2000-01-01",
        ),
        (
            {"effectiveFrom": "2020-04-01", "dateWindow": {"yearsBefore": 5}}, {"logicalTypeOptions": {"maximum": "2010-01-01"}},
            "no day up to 2010-01-01 is likely, because likely days begin on 2015-04-01",
        ),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_a_fault_of_the_contract(
    library: Library, custom: dict[str, Any], column: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ContractError) as caught:
        library.rulebook(library.contract(columns=library.columns(returned_on=column), rules=[], custom=custom))
    assert fault in str(caught.value.faults)


def test_a_window_is_for_dates_alone(library: Library) -> None:
    columns = library.columns(notes={"customProperties": own(dateWindow=OPEN)})
    with pytest.raises(ContractError) as caught:
        library.rulebook(library.contract(columns=columns))
    assert "dateWindow is for a date or timestamp column; this one is of type string" in str(caught.value.faults)
