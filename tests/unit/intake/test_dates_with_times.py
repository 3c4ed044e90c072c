"""A date with a time of day in a text: the message says so, and speaks of date cells only in a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Library


def told(library: Library, day: str, **column: object) -> tuple[str, str]:
    """Message and hint for the date of a loan in CSV."""
    rulebook = library.rulebook(library.contract(columns=library.columns(lent_on=column), rules=[])) if column else None
    result = library.assess(library.csv(library.row(Lent_on=day)), rulebook)
    found = result.findings.filter(result.findings["code"] == "not-a-date")
    return found.select("message", "hint").row(0)


@pytest.mark.parametrize(
    "day",
    ["01/03/2024 00:00:00", "01/03/2024 00:00", "2024-03-01T00:00:00", "2024-03-01T00:00:00.000Z", "2024-03-01 12:30:00+00:00", "01/03/2024 9:15 AM"],
)  # fmt: skip
def test_a_time_of_day_is_told(library: Library, day: str) -> None:
    message, hint = told(library, day)
    assert message == f"‘{day}’ has a time of day; only the date is due, in the form dd/MM/yyyy."
    assert "cell" not in hint


@pytest.mark.parametrize("day", ["soon", "12:30", "31/02/2024x", "1 March 2024 00:00", "01/03/2024 00"])
def test_any_other_text_is_not_a_date(library: Library, day: str) -> None:
    message, hint = told(library, day)
    assert message == f"‘{day}’ is not a date in the form dd/MM/yyyy."
    assert hint == "Check that the date exists, and write it in that form."


def test_a_date_column_without_a_form_has_that_of_iso_8601(library: Library) -> None:
    message, _ = told(library, "01/03/2024", logicalTypeOptions={})
    assert message == "‘01/03/2024’ is not a date in the form yyyy-MM-dd."


def test_a_workbook_may_have_a_date_cell(library: Library) -> None:
    row = {**library.row(), "Lent on": "soon"}
    rulebook = library.rulebook(library.contract(custom={"identification": {"sheet": "Loans"}}))
    result = library.assess(library.workbook(Loans=[library.header, list(row.values())]), rulebook)
    found = result.findings.filter(result.findings["code"] == "not-a-date")
    assert found["hint"][0] == "Check that the date exists, and write it in that form. A date cell will do too."
