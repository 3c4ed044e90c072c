"""The columns of a contract's table, and its key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

from probation_etl.contract import Column, Type
from probation_etl.odcs.document import Document, Steps
from probation_etl.odcs.parts import custom_properties, read_date, read_pattern

_COLUMN_PROPERTIES = ("hints", "nullTokens", "joined")


def read_columns(document: Document, table: dict[str, Any], steps: Steps) -> tuple[Column, ...]:
    """The columns, in their order."""
    properties = table.get("properties") or []
    if not properties:
        document.fault(steps, "the table has no properties")
    columns = [_column(document, each, (*steps, "properties", at)) for at, each in enumerate(properties)]
    names = [column.name for column in columns]
    for name in {name for name in names if names.count(name) > 1}:
        document.fault((*steps, "properties"), f"the column ‘{name}’ stands more than once")
    return tuple(columns)


def _column(document: Document, data: dict[str, Any], steps: Steps) -> Column:
    options = data.get("logicalTypeOptions") or {}
    kind = data.get("logicalType", "string")
    if kind not in get_args(Type):
        document.fault((*steps, "logicalType"), f"‘{kind}’ is not supported; use one of {', '.join(get_args(Type))}")
    custom = custom_properties(document, data, steps, _COLUMN_PROPERTIES)
    bounds = {name: _bound(document, kind, options, name, steps) for name in _BOUNDS}
    return Column(
        name=data["name"],
        type=kind,
        header=data.get("physicalName", data["name"]),
        description=data.get("description", ""),
        synonyms=tuple(each["synonym"] for each in data.get("synonyms") or ()),
        required=bool(data.get("required")),
        unique=bool(data.get("unique")),
        restricted=data.get("classification") == "restricted",
        pattern=read_pattern(document, options.get("pattern"), (*steps, "logicalTypeOptions", "pattern")),
        min_length=options.get("minLength"),
        max_length=options.get("maxLength"),
        minimum=bounds["minimum"],
        maximum=bounds["maximum"],
        exclusive_minimum=bounds["exclusiveMinimum"],
        exclusive_maximum=bounds["exclusiveMaximum"],
        decimals=_decimals(options.get("multipleOf")),
        formats=tuple(filter(None, (options.get("format"),))) if kind == "date" else (),
        labels={str(each["value"]): each.get("label", str(each["value"])) for each in data.get("enum") or ()},
        null_tokens=tuple(custom.get("nullTokens", ())),
        hints=custom.get("hints", {}),
        physical_type=data.get("physicalType"),
        joined=bool(custom.get("joined")),
    )


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _bound(document: Document, kind: str, options: dict[str, Any], name: str, steps: Steps) -> Any:
    value = options.get(name)
    if value is None:
        return None
    if kind == "date":
        return read_date(document, value, name, (*steps, "logicalTypeOptions", name))
    return Decimal(str(value))


def _decimals(multiple_of: float | None) -> int | None:
    """Decimal places allowed by ``multipleOf``: 0.01 allows two."""
    if multiple_of is None:
        return None
    return max(0, -int(Decimal(str(multiple_of)).normalize().as_tuple().exponent))


def read_key(table: dict[str, Any]) -> tuple[str, ...]:
    """Names of the columns of the primary key, in their order."""
    keys = [each for each in table.get("properties") or () if each.get("primaryKey")]
    return tuple(each["name"] for each in sorted(keys, key=lambda each: each.get("primaryKeyPosition", 0)))
