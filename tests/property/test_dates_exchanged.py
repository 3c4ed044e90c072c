"""Dates with day and month exchanged at random places make every date uncertain that could be two days, and no other."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probation_etl.contracts.rulebook import Rulebook
from table_files import KINDS, table_file

if TYPE_CHECKING:
    from conftest import Library

FORMS = {"dd/MM/yyyy": "%d/%m/%Y", "MM/dd/yyyy": "%m/%d/%Y", "yyyy-MM-dd": "%Y-%m-%d"}
EXCHANGED = {"dd/MM/yyyy": "%m/%d/%Y", "MM/dd/yyyy": "%d/%m/%Y", "yyyy-MM-dd": "%Y-%d-%m"}
days = st.dates(date(2023, 6, 1), date(2024, 3, 31))


@pytest.fixture(scope="module")
def rulebooks(library: Library) -> dict[str, Rulebook]:
    """Loans without rules between columns, by the form of the day of return."""
    columns = {form: library.columns(returned_on={"logicalTypeOptions": {"format": form}}) for form in FORMS}
    return {form: library.rulebook(library.contract(columns=each, rules=[])) for form, each in columns.items()}


def sent(library: Library, rulebook: Rulebook, kind: str, cells: list[str]) -> list[tuple[int | None, str]]:
    rows = [[f"L{at:04}", "1", "N", "01/03/2024", cell, "", "", ""] for at, cell in enumerate(cells)]
    result = library.assess(table_file(kind, [library.header, *rows]), rulebook)
    return result.findings.select("row", "code").rows()


@settings(max_examples=40)
@given(
    form=st.sampled_from(list(FORMS)), kind=st.sampled_from(KINDS), drawn=st.lists(days, min_size=1, max_size=15), data=st.data()
)  # fmt: skip
def test_one_exchanged_date_makes_those_uncertain_that_could_be_two_days(
    library: Library, rulebooks: dict[str, Rulebook], form: str, kind: str, drawn: list[date], data: st.DataObject
) -> None:
    cells = [day.strftime(FORMS[form]) for day in drawn]
    assert sent(library, rulebooks[form], kind, cells) == []
    at = data.draw(st.integers(0, len(drawn)))
    late = data.draw(days.filter(lambda day: day.day > 12))
    cells.insert(at, late.strftime(EXCHANGED[form]))
    drawn.insert(at, late)
    uncertain = [
        row for row, day in enumerate(drawn, start=2) if row != at + 2 and day.day <= 12 and day.day != day.month
    ]
    rows = sorted([(at + 2, "not-a-date"), *((row, "ambiguous-date") for row in uncertain)])
    assert sent(library, rulebooks[form], kind, cells) == [*([(None, "ambiguous-dates")] if uncertain else []), *rows]
