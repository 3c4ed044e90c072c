"""What a finding says of a value that is nearly the listed one, and of a masked value in the wrong form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Library

LISTED = ("Community order", "Proven - order to continue", "Post-sentence supervision", "Very high", "Café", "Hired")


def told(library: Library, value: str, **changes: Any) -> tuple[str, str]:
    """The message and the hint of one finding about a note."""
    hints = {"property": "hints", "value": {"not-in-list": "Ask the desk.", "wrong-pattern": "Ask the desk."}}
    listed = {"enum": [{"value": each} for each in LISTED], "logicalTypeOptions": {}}
    column = {**(changes or listed), "customProperties": [hints]}
    rulebook = library.rulebook(library.contract(columns=library.columns(notes=column)))
    result = library.assess(library.csv(library.row(Notes=value)), rulebook)
    (found,) = result.findings.select("message", "hint").rows()
    return found


@pytest.mark.parametrize(
    ("value", "listed", "difference"),
    [
        ("Community\u00a0order", "Community order", "a no-break space after ‘Community’ (the list has a space)"),
        ("Community\u2009order", "Community order", "a character called thin space after ‘Community’ (the list has a space)"),
        ("Community  order", "Community order", "a space too many after ‘Community’"),
        ("Communityorder", "Community order", "no space in ‘Communityorder’"),
        ("Proven – order to continue", "Proven - order to continue", "an en dash after ‘Proven’ (the list has a hyphen)"),
        ("Post—sentence supervision", "Post-sentence supervision", "an em dash in ‘Post—sentence’ (the list has a hyphen)"),
        ("community order", "Community order", "a small ‘c’ at the beginning (the list has a capital ‘C’)"),
        ("Community Order", "Community order", "a capital ‘O’ after ‘Community’ (the list has a small ‘o’)"),
        ("VERY HIGH", "Very high", "capital letters where the list has small ones, or the other way round"),
        ("Hired.", "Hired", "a full stop at the end"),
        ("Cafe", "Café", "a small ‘e’ in ‘Cafe’ (the list has ‘é’)"),
        ("Нired", "Hired", "a Cyrillic letter that looks like ‘H’ at the beginning (the list has a capital ‘H’)"),
        ("Ve\u200bry high", "Very high", "a zero-width space in ‘Ve\u200bry’"),
    ],
)  # fmt: skip
def test_a_value_that_looks_like_a_listed_one_is_told_by_the_difference(
    library: Library, value: str, listed: str, difference: str
) -> None:
    message, hint = told(library, value)
    assert message == f"‘{value}’ is not ‘{listed}’, which is in the list: it has {difference}."
    assert hint == f"Write ‘{listed}’, exactly as it is in the list."


@pytest.mark.parametrize("value", ["Licence", "Very, high", "Medium", "Community"])
def test_any_other_value_is_told_with_the_list_and_the_hint_of_its_column(library: Library, value: str) -> None:
    message, hint = told(library, value)
    assert message.startswith(f"‘{value}’ is not one of: Community order, Proven - order to continue")
    assert hint == "Ask the desk."


RESTRICTED = {"classification": "restricted", "logicalTypeOptions": {}, "enum": [{"value": each} for each in LISTED]}


def test_of_a_restricted_value_neither_the_value_nor_the_one_that_was_meant_is_named(library: Library) -> None:
    message, hint = told(library, "Community\u00a0order", **RESTRICTED)
    assert message == (
        "‘AAAAAAAAA\u00a0AAAAA’ is nearly a value of the list, but has a no-break space at place 10 (the list has a space)."
    )
    assert hint == "Write the value exactly as it is in the list."


MASKED = {"classification": "restricted", "logicalTypeOptions": {"pattern": r"^[A-Z]\d{6}$"}}


@pytest.mark.parametrize(
    ("value", "difference"),
    [
        ("x123456", "place 1 is not a Latin capital letter, but a small letter"),
        ("Х123456", "place 1 is not a Latin capital letter, but a capital letter that is not one of A to Z"),
        ("X12345O", "place 7 is not a digit, but a capital letter"),
        ("X 23456", "place 2 is not a digit, but a space"),
        ("X12345٣", "place 7 is not a digit, but a number that is not one of 0 to 9"),
        ("1X23456", "place 1 is not a Latin capital letter, but a digit; place 2 is not a digit, but a capital letter"),
        ("X12345", "it ends too soon; there are 6 characters, and 7 are due"),
        ("JANE DOE", "place 2 is not a digit, but a capital letter; there are 8 characters, and 7 are due"),
        ("X1234567", "place 8, a digit, should not be there; there are 8 characters, and 7 are due"),
    ],
)
def test_a_masked_value_in_the_wrong_form_is_told_by_place_and_kind(
    library: Library, value: str, difference: str
) -> None:
    message, hint = told(library, value, **MASKED)
    assert f"’ is not in the right format: {difference}." in message
    assert value not in message
    assert hint == "Ask the desk."


@pytest.mark.parametrize(
    ("pattern", "value", "difference"),
    [
        ("^[A-Z]{2,3}-[0-9]+$", "X-12", "place 2 is not a Latin capital letter, but a hyphen"),
        ("^[A-Z]{2,3}-[0-9]+$", "XYZW-12", "place 4 is not ‘-’, but a capital letter"),
        ("^[A-Z]{2,3}-[0-9]+$", "XY-", "it ends too soon; there are 3 characters, and at least 4 are due"),
        ("^[A-Z]{2,3}-[0-9]+$", "XY-12a", "place 6, a small letter, should not be there"),
    ],
)
def test_a_form_of_several_lengths_is_followed_from_the_left(
    library: Library, pattern: str, value: str, difference: str
) -> None:
    message, _ = told(library, value, **{**MASKED, "logicalTypeOptions": {"pattern": pattern}})
    assert f"right format: {difference}." in message


def test_a_pattern_that_is_no_simple_sequence_is_told_as_before(library: Library) -> None:
    message, _ = told(library, "zzz", **{**MASKED, "logicalTypeOptions": {"pattern": "^(one|two)$"}})
    assert message == "‘AAA’ is not in the right format."


def test_a_value_that_is_not_masked_is_seen_so_its_form_alone_is_told(library: Library) -> None:
    message, _ = told(library, "x123456", **{**MASKED, "classification": "public"})
    assert message == "‘x123456’ is not in the right format."
