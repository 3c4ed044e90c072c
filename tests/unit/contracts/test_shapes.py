"""A restricted value is shown by its shape, and the shape says nothing but where letters and numbers are."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.contracts.masking import shape, shapes

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Q987654", "A999999"),
        ("qx-12/3 ", "AA-99/9 "),
        ("x²", "A9"),
        ("Ⅷ1", "99"),
        ("½", "9"),
        ("٣", "9"),
        ("é", "A"),
        ("e\u0301", "A"),
        ("1\u0301", "9"),
        ("\u0301", "A"),
        ("Ⓠ", "A"),
        ("a_b", "A_A"),
        ("a\u200bb", "A\u200bA"),
        ("\U000e0041", "A"),
        ("", ""),
    ],
)
def test_the_shape_of_a_value(value: str, shown: str) -> None:
    assert shape(value) == shown


@given(st.lists(TEXT))
def test_many_values_have_the_shapes_that_each_has_alone(values: list[str]) -> None:
    assert shapes(pl.Series(values, dtype=pl.String)).to_list() == [shape(each) for each in values]


@given(TEXT)
def test_no_other_letter_number_or_accent_is_left(value: str) -> None:
    left = shape(value).replace("A", "").replace("9", "")
    assert not [char for char in left if char.isalnum() or unicodedata.category(char)[0] in "LNM"]


@given(st.text(st.characters(max_codepoint=0x7E)))
def test_in_plain_text_every_character_keeps_its_place(value: str) -> None:
    assert [(char == "A", char == "9") for char in shape(value)] == [(char.isalpha(), char.isdigit()) for char in value]


def test_half_of_a_pair_and_no_value_at_all() -> None:
    assert shape("a\ud83d") == "A?"
    assert shapes(pl.Series([None, "a"])).to_list() == [None, "A"]
