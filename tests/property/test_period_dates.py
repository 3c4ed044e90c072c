"""A return of another period under a new name is questioned, whatever its dates; one with a date in its period never."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from conftest import Library

#: The period of ``LOANS_FILE``.
START, END = date(2024, 3, 1), date(2024, 3, 31)
_WITHIN = st.dates(START, END)
_NEAR = st.dates(START - timedelta(days=31), START - timedelta(days=1))
_FAR = st.dates(date(2019, 1, 1), START - timedelta(days=32)) | st.dates(END + timedelta(days=32), date(2026, 1, 1))


def codes(library: Library, days: list[date]) -> set[str]:
    rows = [
        library.row(Loan_reference=f"L{at:04}", Lent_on=f"{day:%d/%m/%Y}", Returned_on=f"{day:%d/%m/%Y}")
        for at, day in enumerate(days)
    ]
    return {code for _, _, code in library.faults(library.assess(library.csv(*rows)))}


@given(st.lists(_FAR, min_size=1, max_size=8) | st.lists(_NEAR, min_size=3, max_size=8))
def test_a_return_without_a_date_in_its_period_is_questioned(library: Library, days: list[date]) -> None:
    assert "dates-outside-period" in codes(library, days)


@given(st.lists(_FAR | _NEAR, max_size=7), _WITHIN, st.data())
def test_one_date_in_the_period_is_enough(
    library: Library, days: list[date], within: date, data: st.DataObject
) -> None:
    days.insert(data.draw(st.integers(0, len(days))), within)
    assert "dates-outside-period" not in codes(library, days)


@given(st.lists(_NEAR, max_size=2))
def test_one_or_two_rows_from_before_the_period_are_no_sign(library: Library, days: list[date]) -> None:
    assert "dates-outside-period" not in codes(library, days)
