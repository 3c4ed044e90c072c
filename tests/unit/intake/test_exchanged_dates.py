"""A column of dates speaks as a whole: where day and month were exchanged in some of them, others are not known."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.result import ReturnResult
from table_files import table_file

if TYPE_CHECKING:
    from conftest import Library

ISO = "yyyy-MM-dd"
FORMS = {"dd/MM/yyyy": "%d/%m/%Y", "MM/dd/yyyy": "%m/%d/%Y", "d.M.yyyy": "%d.%m.%Y", ISO: "%Y-%m-%d"}
CODES = ["ambiguous-dates", "ambiguous-date", "not-a-date"]


def book(library: Library, *forms: str, **more: Any) -> Rulebook:
    """Loans of which the day of return has these forms, without a rule over it."""
    custom = [{"property": "formats", "value": list(forms[1:])}] if forms[1:] else []
    column = {"logicalTypeOptions": {"format": forms[0]}, "customProperties": custom, **more}
    return library.rulebook(library.contract(columns=library.columns(returned_on=column), rules=[]))


def sent(library: Library, rulebook: Rulebook, *days: str | date, kind: str = "csv") -> ReturnResult:
    rows = [[f"L{at:04}", "1", "Central", "01/03/2024", day, "", "", ""] for at, day in enumerate(days)]
    return library.assess(table_file(kind, [library.header, *rows]), rulebook)


def found(result: ReturnResult) -> list[tuple[int | None, str]]:
    return result.findings.filter(result.findings["code"].is_in(CODES)).select("row", "code").rows()


def test_us_dates_as_text_make_every_date_that_could_be_two_days_uncertain(library: Library) -> None:
    result = sent(library, book(library, "dd/MM/yyyy"), "02/01/2024", "02/02/2024", "02/28/2024", "01/02/2024", "")
    assert found(result) == [
        (None, "ambiguous-dates"), (2, "ambiguous-date"), (4, "not-a-date"), (5, "ambiguous-date"),
    ]  # fmt: skip
    message = result.findings.filter(result.findings["code"] == "ambiguous-dates")["message"].item()
    assert "Day and month are exchanged in dates of ‘Returned on’: the text of row 4 can be read only so." in message
    assert result.verdict == "rejected"


@pytest.mark.parametrize(
    ("form", "days", "uncertain"),
    [
        ("MM/dd/yyyy", ("02/01/2024", "28/02/2024"), [2]),
        ("d.M.yyyy", ("1.2.2024", "2.13.2024"), [2]),
        ("dd/MM/yyyy", ("10/11/2023", "9/28/2023", "13/11/2023"), [2]),
        ("dd/MM/yyyy", ("10/11/2023", "12/31/23"), [2]),
        (ISO, ("2024-02-01", "2024-28-02"), [2]),
    ],
)
def test_any_form_of_dates_can_be_exchanged(
    library: Library, form: str, days: tuple[str, ...], uncertain: list[int]
) -> None:
    assert [
        row for row, code in found(sent(library, book(library, form), *days)) if code == "ambiguous-date"
    ] == uncertain


def test_dates_of_another_form_in_the_same_column_are_known(library: Library) -> None:
    result = sent(library, book(library, "dd/MM/yyyy", ISO), "01/02/2024", "2024-02-01", "02/28/2024")
    assert found(result) == [(None, "ambiguous-dates"), (2, "ambiguous-date"), (4, "not-a-date")]


@pytest.mark.parametrize(
    "days",
    [
        ("01/02/2024", "28/02/2024", "31/02/2024"),  # no day at all, either way round
        ("01/02/2024", "02/30/2024", "13/13/2024"),
        ("01/02/2024", "soon", ""),
        ("05/05/2024", "02/28/2024", "28/02/2024"),  # nothing that could be two days
    ],
)
def test_what_is_no_date_exchanged_either_says_nothing_of_the_others(library: Library, days: tuple[str, ...]) -> None:
    codes = {code for _, code in found(sent(library, book(library, "dd/MM/yyyy"), *days))}
    assert codes <= {"not-a-date"}


#: The first days of March, with day and month exchanged.
EARLY = (date(2024, 1, 3), date(2024, 2, 3), date(2024, 5, 3))


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_date_cells_with_early_days_beside_texts_with_late_ones_are_not_known(library: Library, kind: str) -> None:
    result = sent(library, book(library, "dd/MM/yyyy"), *EARLY, "28/03/2024", date(2024, 2, 2), kind=kind)
    assert found(result) == [
        (None, "ambiguous-dates"), (2, "ambiguous-date"), (3, "ambiguous-date"), (4, "ambiguous-date"),
    ]  # fmt: skip
    assert "its date cells have days up to 12 alone, and its texts later ones" in result.findings["message"][0]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_many_dates_parted_without_exception_are_not_known(library: Library, kind: str) -> None:
    days = [date(2024, 3, day) for day in range(4, 11)] + [f"{day}/03/2024" for day in range(13, 19)]
    result = sent(library, book(library, "dd/MM/yyyy"), *days, kind=kind)
    assert found(result) == [(None, "ambiguous-dates"), *((row, "ambiguous-date") for row in range(2, 9))]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_date_cells_are_not_known_beside_a_text_that_is_a_date_only_exchanged(library: Library, kind: str) -> None:
    result = sent(library, book(library, "dd/MM/yyyy"), EARLY[0], "02/28/2024", kind=kind)
    assert found(result) == [(None, "ambiguous-dates"), (2, "ambiguous-date"), (3, "not-a-date")]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@pytest.mark.parametrize(
    "days",
    [
        (*EARLY, date(2024, 2, 28), "28/03/2024"),  # a late day in a date cell
        (*EARLY[:2], "28/03/2024"),  # too few to tell
        (*EARLY, "01/02/2024"),  # no late text
        (*EARLY, "01/03/2024", "28/03/2024"),  # texts of both kinds
        (date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1), "28/02/2024"),  # the first of each month
        (date(2024, 1, 3), date(2024, 1, 4), date(2024, 1, 8), "28/12/2023"),  # of a period that begins a month
        EARLY,
    ],
)
def test_honest_mixtures_of_date_cells_and_texts_are_left_alone(
    library: Library, kind: str, days: tuple[str | date, ...]
) -> None:
    assert found(sent(library, book(library, "dd/MM/yyyy"), *days, kind=kind)) == []


def test_a_restricted_column_shows_no_date(library: Library) -> None:
    rulebook = book(library, "dd/MM/yyyy", classification="restricted")
    result = sent(library, rulebook, "01/02/2024", "02/28/2024")
    assert "2024" not in str(result.findings["message"].to_list())


def test_rows_stay_where_the_contract_makes_a_warning_of_it(library: Library) -> None:
    severities = {"property": "severities", "value": {"ambiguous-date": "warning", "not-a-date": "warning"}}
    rulebook = book(library, "dd/MM/yyyy", customProperties=[severities])
    result = sent(library, rulebook, "01/02/2024", "02/28/2024", "28/02/2024")
    assert result.verdict == "accepted_with_warnings"
    assert result.accepted["returned_on"].to_list() == [None, None, date(2024, 2, 28)]
