"""A contract as JSON Schema (2020-12) of one typed row: days and times as ISO 8601 text, numbers as JSON numbers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.forms import USUAL
from probation_etl.contracts.model import DECIMAL_PLACES, Column, Interval, Length
from probation_etl.contracts.numbers import json_number
from probation_etl.contracts.patterns import plain_pattern
from probation_etl.targets.expressed import (
    Split,
    Why,
    handed_over,
    provenance,
    split,
    typed_differences,
    typed_only,
    warnings_as_errors,
)

_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"}, "integer": {"type": "integer"}, "number": {"type": "number"},
    "date": {"type": "string", "format": "date"}, "boolean": {"type": "boolean"},
    # A date-time of JSON Schema has a time zone, which ours have not.
    "timestamp": {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?$"},
    "time": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?$"},
    "duration": {"type": "string", "format": "duration"},
}  # fmt: skip
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
#: What a rule adds to the schema of its property.
_Keywords = dict[str, Any]


def to_json_schema(schema: Schema) -> str:
    """The schema of one row as JSON text. A value that is missing may be null or left out."""
    contract = schema.contract
    found = split(handed_over(schema), _express)
    also = {
        **typed_differences(contract), **warnings_as_errors(found),
        "multipleOf": "exact only with decimal numbers, such as json.loads(text, parse_float=Decimal) of Python",
    }  # fmt: skip
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": contract.title, "description": contract.description, "type": "object",
        "properties": {column.name: _property(column, found) for column in contract.columns},
        "required": [column.name for column in contract.columns if found.is_required(column)],
        "_probation_etl": provenance(contract, found.expressed, found.not_expressed, also),
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=2)


def _property(column: Column, found: Split[_Keywords]) -> dict[str, Any]:
    needed = found.is_required(column)
    described = {"title": column.header, **({"description": column.description} if column.description else {})}
    typed = dict(_TYPES[column.type])
    typed["type"] = typed["type"] if needed else [typed["type"], "null"]
    keywords = {key: value for each in found.of_column(column) for key, value in each.items()}
    if "enum" in keywords and not needed:
        keywords["enum"] = [*keywords["enum"], None]
    return {**described, **typed, **keywords}


def _express(rule: Check) -> _Keywords | Why:
    """Keywords of the rule's property."""
    if rule.kind in (Kind.UNIQUE, Kind.KEY):
        return Why("it looks at other rows, and the schema is of one row")
    if rule.kind is Kind.ROW:
        return Why("JSON Schema compares no values of a row with one another")
    if rule.kind is Kind.RANGE and rule.its_column.type in USUAL:
        return Why("JSON Schema knows no first and last day")
    if rule.places is not None and rule.places >= DECIMAL_PLACES:
        return Why(f"typed numbers have no more than {DECIMAL_PLACES} decimal places")
    return typed_only(rule) or _keywords(rule)


def _keywords(rule: Check) -> _Keywords:
    if rule.kind is Kind.PATTERN:
        return {"pattern": plain_pattern(rule.pattern)}
    if rule.kind is Kind.ENUM:
        return {"enum": list(rule.values)}
    if rule.places is not None:
        return {"multipleOf": json_number(Decimal(1).scaleb(-rule.places))}
    return {**sizes(rule.length), **_bounds(rule.interval)}


def sizes(length: Length) -> dict[str, int]:
    """The keywords for a length, which Table Schema has as well."""
    given = {"minLength": length.least, "maxLength": length.most}
    return {keyword: characters for keyword, characters in given.items() if characters is not None}


def _bounds(interval: Interval) -> dict[str, int | float]:
    limits = interval.limits
    return {_BOUNDS[each.comparison]: json_number(each.bound) for each in limits if isinstance(each.bound, Decimal)}
