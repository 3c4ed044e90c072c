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
        ("fine", {"yearPivot": 2030}, {}, "yearPivot is for a date or timestamp column"),
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


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"logicalType": "timestamp", "logicalTypeOptions": {"format": "HH:mm"}}, "not a valid timestamp format: it must have one day"),
        ({"logicalType": "time", "logicalTypeOptions": {"format": "dd HH:mm"}}, "not a valid time format: it must have a time of day alone"),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"format": "dd/MM/yyyy HH:mm z"}}, "a time zone is not read"),
        ({"logicalType": "timestamp", "logicalTypeOptions": {"minimum": "1 May"}}, "expected a timestamp such as 2020-11-29T09:30:00"),
        ({"logicalType": "time", "logicalTypeOptions": {"minimum": "9am"}}, "expected a time such as 09:30"),
        ({"customProperties": [{"property": "duration", "value": "mm:H"}]}, "‘mm:H’ is not a form of durations"),
        ({"customProperties": [{"property": "duration", "value": "Hh"}]}, "‘h’ is not one of D, H"),
        ({"customProperties": [{"property": "duration", "value": "H:mm"}], "logicalType": "number"}, "duration is for a string column"),
        ({"customProperties": [{"property": "duration", "value": "H:mm"}], "logicalTypeOptions": {"maxLength": 3}}, "a rule says them"),
        ({"logicalType": "time", "logicalTypeOptions": {"minimum": "10:00", "maximum": "09:00"}}, "no value lies between these bounds"),
    ],
)  # fmt: skip
def test_a_moment_time_or_length_that_cannot_be_meant_is_a_fault(
    library: Library, own: dict[str, Any], told: str
) -> None:
    directory = library.directory(library.contract(columns=library.columns(notes=own)))
    assert any(told in fault for fault in faults_of(directory))


@pytest.mark.parametrize(
    ("expression", "told"),
    [("notes > '09:00'", "‘notes’ (a time of day) with the text ‘09:00’"), ("notes > 3", "a time of day"), ("notes = lent_on", "a time of day")],
)  # fmt: skip
def test_a_time_is_compared_with_its_like_alone(library: Library, expression: str, told: str) -> None:
    rule = {
        "id": "early", "type": "custom", "engine": "probation-etl", "description": "Too early.",
        "implementation": {"expression": expression, "column": "notes"},
    }  # fmt: skip
    contract = library.contract(columns=library.columns(notes={"logicalType": "time"}), rules=[rule])
    assert any(told in fault for fault in faults_of(library.directory(contract)))
