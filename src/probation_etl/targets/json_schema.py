"""A contract as JSON Schema (2020-12) of one typed row: dates as ISO 8601 text, numbers as JSON numbers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from probation_etl.contracts.checks import NUMBER, Schema, decimals
from probation_etl.contracts.checks.listed import (
    ListedRule,
    Split,
    Why,
    listed_rules,
    provenance,
    split,
    typed_differences,
    typed_only,
    warnings_as_errors,
)
from probation_etl.contracts.model import Column
from probation_etl.contracts.patterns import plain_pattern

_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"}, "integer": {"type": "integer"}, "number": {"type": "number"},
    "date": {"type": "string", "format": "date"}, "boolean": {"type": "boolean"},
}  # fmt: skip


def to_json_schema(schema: Schema) -> str:
    """The schema of one row as JSON text. A value that is missing may be null or left out."""
    contract = schema.contract
    rules = listed_rules(schema)
    found = split(rules, _express)
    also = {
        **typed_differences(contract), **warnings_as_errors(rules, found),
        "multipleOf": "exact only with decimal numbers, such as json.loads(text, parse_float=Decimal) of Python",
    }  # fmt: skip
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": contract.title, "description": contract.description, "type": "object",
        "properties": {column.name: _property(column, found) for column in contract.columns},
        "required": [column.name for column in contract.columns if f"{column.name}|required" in found.expressed],
        "_probation_etl": provenance(contract, found, also),
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, indent=2)


def _property(column: Column, found: Split) -> dict[str, Any]:
    needed = f"{column.name}|required" in found.expressed
    described = {"title": column.header, **({"description": column.description} if column.description else {})}
    typed = dict(_TYPES[column.type])
    typed["type"] = typed["type"] if needed else [typed["type"], "null"]
    own = [each for name, each in found.expressed.items() if name.partition("|")[0] == column.name]
    keywords = {key: value for each in own for key, value in each.items()}
    if "enum" in keywords and not needed:
        keywords["enum"] = [*keywords["enum"], None]
    return {**described, **typed, **keywords}


def _express(rule: ListedRule) -> dict[str, Any] | Why:
    """Keywords of the rule's property."""
    if rule.kind in ("unique", "key"):
        return Why("it looks at other rows, and the schema is of one row")
    if rule.kind == "row":
        return Why("JSON Schema compares no values of a row with one another")
    return typed_only(rule) or _keywords(rule.kind, rule.its_column)


def _keywords(kind: str, column: Column) -> dict[str, Any] | Why:
    if kind == "range":
        return _range(column)
    if kind == "decimals":
        return _multiple(column)
    sizes = {"minLength": column.min_length, "maxLength": column.max_length}
    made: dict[str, dict[str, Any]] = {
        "required": {},
        "pattern": {"pattern": plain_pattern(column.pattern or "")},
        "length": {key: value for key, value in sizes.items() if value is not None},
        "enum": {"enum": list(column.labels)},
    }
    return made[kind]


def _range(column: Column) -> dict[str, Any] | Why:
    if column.type == "date":
        return Why("JSON Schema knows no first and last day")
    bounds = {
        "minimum": column.minimum, "exclusiveMinimum": column.exclusive_minimum,
        "maximum": column.maximum, "exclusiveMaximum": column.exclusive_maximum,
    }  # fmt: skip
    return {key: json_number(bound) for key, bound in bounds.items() if isinstance(bound, Decimal)}


def _multiple(column: Column) -> dict[str, Any] | Why:
    allowed = decimals(column)
    if allowed >= NUMBER.scale:
        return Why(f"typed numbers have no more than {NUMBER.scale} decimal places")
    return {"multipleOf": json_number(Decimal(1).scaleb(-allowed))}


def json_number(value: Decimal) -> int | float:
    """A number as JSON writes it: whole ones without a decimal point."""
    return int(value) if value == value.to_integral_value() else float(value)
