"""A contract as a Table Schema (v1) of Frictionless Data, for the file as it is supplied, saved as CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.durations import ISO_LENGTHS
from probation_etl.contracts.model import DECIMAL_PLACES, Bound, Column, Contract
from probation_etl.contracts.numbers import json_number
from probation_etl.contracts.patterns import whole_pattern
from probation_etl.targets.expressed import (
    UNKNOWN_TO_PYTHON,
    Split,
    Why,
    handed_over,
    provenance,
    reading_differences,
    split,
    warnings_as_errors,
    withheld,
)
from probation_etl.targets.json_schema import sizes

#: What the standard calls types of days and times.
_TIMED = {"date": "date", "timestamp": "datetime", "time": "time"}
_ALSO: Mapping[str, str] = {
    "header": "the first line must hold these names, in this order; other headers, titles and notes are not found",
    "white space": "it is part of a text; here what surrounds a value is not",
    "numbers": "more forms are read: exponents, NaN, underscores in whole numbers",
    "dates": "a day or month of one digit is read where the form has two",
    "unique": "of rows that are the same the first is not reported: the others name it",
    "primaryKey": "rows can be the same though part of the key is missing or could not be read; no key at all is an error",
}


def to_table_schema(schema: Schema) -> str:
    """The Table Schema as JSON text: fields by header, in the order of the contract."""
    contract = schema.contract
    found = split(handed_over(schema), _express)
    also = {**_ALSO, **reading_differences(contract), **_own_tokens(contract), **warnings_as_errors(found)}
    key = {"primaryKey": [contract.column(name).header for name in contract.key]} if contract.key else {}
    document = {
        "fields": [_field(column, found) for column in contract.columns],
        **key,
        "missingValues": [""],
        "_probation_etl": provenance(contract, found.expressed, found.not_expressed, also),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _field(column: Column, found: Split[dict[str, Any]]) -> dict[str, Any]:
    constraints = {key: value for each in found.of_column(column) for key, value in each.items()}
    tokens = _tokens(column)
    return {
        "name": column.header, "title": column.name, "description": column.description, **_typed(column),
        **({"missingValues": ["", *tokens]} if tokens else {}),
        **({"constraints": constraints} if constraints else {}),
    }  # fmt: skip


def _typed(column: Column) -> dict[str, Any]:
    if _not_plain(column):
        return {"type": "string"}
    if column.type in _TIMED:
        return {"type": _TIMED[column.type], "format": _strptime(column)}
    if column.type == "boolean":
        words = {"trueValues": column.true_values, "falseValues": column.false_values}
        spelt = {
            key: [*dict.fromkeys(spelling for text in texts for spelling in _spelt(text))]
            for key, texts in words.items()
        }
        return {"type": "boolean", **spelt}
    if column.decimal_separator != ".":
        return {"type": column.type, "decimalChar": column.decimal_separator}
    return {"type": column.type}


def _spelt(text: str) -> tuple[str, ...]:
    """A word in capital and in small letters, which mean the same."""
    return (text, text.lower(), text.title(), text.upper())


def _strptime(column: Column) -> str:
    return column.forms[0].strptime


def _tokens(column: Column) -> list[str]:
    return [*column.null_tokens, *(f"[{mark}]" for mark in column.shorthand)]


def _own_tokens(contract: Contract) -> dict[str, str]:
    """Columns whose missing values are their own, which the first version of the standard does not know."""
    words = "missing values of one field, which tools of the first version may not know"
    return {f"{column.name}|missing": words for column in contract.columns if _tokens(column)}


def _not_plain(column: Column) -> Why | None:
    """Why the cells of a column are of no type of the standard; None where they are."""
    if column.type == "duration" and column.formats != (ISO_LENGTHS,):
        return Why("lengths of time have the form of ISO 8601 there")
    if len(column.forms) > 1:
        return Why("a field has one form of date, and the contract allows several")
    if any("yy" in each.letters for each in column.forms):
        return Why("tools have years of their own that two digits mean")
    if column.type == "date" and any(each.has_time for each in column.forms):
        return Why("the cell has a time of day, of which the contract takes the day alone")
    if column.type in ("integer", "number") and (column.markers or column.thousands_separator or column.unit_texts):
        return Why("the cell may contain marks, units and separators of thousands")
    return None


def _express(rule: Check) -> dict[str, Any] | Why:
    """Constraints of the rule's field."""
    if rule.kind is Kind.ROW:
        return Why("Table Schema compares no cells of a row with one another")
    if rule.kind is Kind.DECIMALS:
        return Why("Table Schema does not count decimal places")
    if rule.kind in (Kind.TYPE, Kind.INTEGER, Kind.RANGE) and (why := _not_plain(rule.its_column)):
        return why
    if rule.kind is Kind.ENUM and rule.its_column.is_respelt:
        return Why("the cell may spell a listed value in another way")
    if rule.kind is Kind.PATTERN and whole_pattern(rule.pattern) is None:
        return Why(UNKNOWN_TO_PYTHON)
    return withheld(rule) or _constraints(rule)


def _constraints(rule: Check) -> dict[str, Any]:
    if rule.kind in (Kind.REQUIRED, Kind.UNIQUE):
        return {str(rule.kind): True}
    if rule.kind is Kind.PATTERN:
        return {"pattern": whole_pattern(rule.pattern)}
    if rule.kind is Kind.ENUM:
        return {"enum": list(rule.values)}
    return _range(rule) if rule.kind is Kind.RANGE else dict(sizes(rule.length))


def _range(rule: Check) -> dict[str, Any]:
    """Bounds, all inclusive: values come in steps, so that the next step beyond an exclusive one is the same."""
    step = Decimal(1) if rule.its_column.type == "integer" else Decimal(1).scaleb(-DECIMAL_PLACES)
    bounds = {"minimum": rule.interval.least(step), "maximum": rule.interval.greatest(step)}
    return {key: _lexical(bound, rule.its_column) for key, bound in bounds.items() if bound is not None}


def _lexical(bound: Bound, column: Column) -> str | int | float:
    return json_number(bound) if isinstance(bound, Decimal) else column.forms[0].write(bound)
