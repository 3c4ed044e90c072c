"""What lint finds wrong with how cells are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contract_faults import faults_of

if TYPE_CHECKING:
    from conftest import Library


@pytest.mark.parametrize(
    ("name", "custom", "more", "told"),
    [
        ("notes", {"decimalSeparator": ","}, {}, "decimalSeparator is for a number column; this one is of type string"),
        ("fine", {"yearPivot": 2030}, {}, "yearPivot is for a date column"),
        ("fine", {"decimalSeparator": ",", "thousandsSeparator": ","}, {}, "thousandsSeparator and decimalSeparator are both ‘,’"),
        ("notes", {"trueValues": ["Y"], "falseValues": ["y"]}, {"logicalType": "boolean"}, "‘y’ is among both trueValues and falseValues"),
        ("notes", {"trueValues": ["-"], "nullTokens": ["-"]}, {"logicalType": "boolean"}, "is among the nullTokens"),
        ("notes", {"ignore": ["dashes"]}, {"enum": [{"value": "A-1"}, {"value": "A1"}]}, "‘A-1’ and ‘A1’ are the same text when dashes are ignored"),
        ("notes", {"valueSynonyms": {"Paper": "Q"}}, {"enum": [{"value": "P"}]}, "‘Paper’ means ‘Q’, which is not listed"),
        ("notes", {"list": {"separator": ";"}}, {}, "give an enum or a pattern"),
        ("notes", {"list": {"separator": ";"}}, {"enum": [{"value": "A;B"}]}, "‘A;B’ has ‘;’ in it"),
        ("notes", {"unit": {"texts": ["km"]}}, {}, "unit is for a number or integer column"),
        ("fine", {"unit": {"texts": ["."]}}, {}, "the unit ‘.’ is a sign of the number itself"),
    ],
)  # fmt: skip
def test_a_column_that_cannot_be_meant_is_a_fault(
    library: Library, name: str, custom: dict[str, Any], more: dict[str, Any], told: str
) -> None:
    own = {"customProperties": [{"property": key, "value": value} for key, value in custom.items()]}
    directory = library.directory(library.contract(columns=library.columns(**{name: {**own, **more}})))
    assert any(told in fault for fault in faults_of(directory))
