"""Numbers as people and as JSON write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.contracts.numbers import counted, json_number, json_value, plain_number

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, max_value=10**20, min_value=-(10**20))


@pytest.mark.parametrize(
    ("number", "text"),
    [(Decimal("40.000000"), "40"), (Decimal("1E+3"), "1000"), (100, "100"), (0.5, "0.5"), (Decimal("-1.50"), "-1.5")],
)
def test_a_number_as_a_person_writes_it(number: Decimal | float, text: str) -> None:
    assert plain_number(number) == text


@given(NUMBERS)
def test_nothing_of_a_number_is_lost_and_nothing_is_needless(number: Decimal) -> None:
    text = plain_number(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert "." not in text or text[-1] not in "0."


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (1234, "1,234 rows")])
def test_a_count_with_its_noun(count: int, text: str) -> None:
    assert counted(count, "row") == text


def test_json_has_whole_numbers_without_a_point() -> None:
    assert repr([json_number(Decimal("5.00")), json_number(Decimal("5.5")), json_number(7)]) == "[5, 5.5, 7]"
    assert [json_value(each) for each in (Decimal("5.00"), date(2020, 11, 29), "x", None, True)] == [
        5, "2020-11-29", "x", None, True,
    ]  # fmt: skip
