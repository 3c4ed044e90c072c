"""The columns of a contract's table, and its key."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any, get_args

from probation_etl.contracts.date_formats import format_faults
from probation_etl.contracts.findings import CATALOGUE, COLUMN_CODES
from probation_etl.contracts.model import Column, Type
from probation_etl.contracts.odcs.document import Document
from probation_etl.contracts.odcs.possible import column_faults, key_faults
from probation_etl.contracts.odcs.properties import check_codes, custom_properties, read_date, read_pattern
from probation_etl.contracts.odcs.schema_errors import Steps


def read_columns(
    document: Document, table: dict[str, Any], steps: Steps, *, reserved: Collection[str]
) -> tuple[Column, ...]:
    """The columns, in their order; names that we use ourselves become faults."""
    properties = table.get("properties") or []
    if not properties:
        document.fault(steps, "the table has no properties")
    columns = [_column(document, each, (*steps, "properties", at)) for at, each in enumerate(properties)]
    for at, (column, data) in enumerate(zip(columns, properties, strict=True)):
        for fault in column_faults(column, data) if column.type in get_args(Type) else ():
            document.fault((*steps, "properties", at), fault)
    for at, fault in key_faults(properties):
        document.fault((*steps, "properties", at, "primaryKeyPosition"), fault)
    names = [column.name for column in columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        document.fault((*steps, "properties"), f"the column ‘{name}’ stands more than once")
    for at, name in enumerate(names):
        if name in reserved:
            text = f"‘{name}’ is a name that we use ourselves: name the column otherwise, and keep the header"
            document.fault((*steps, "properties", at, "name"), text)
    _headers_differ(document, columns, steps)
    return tuple(columns)


def _headers_differ(document: Document, columns: list[Column], steps: Steps) -> None:
    """Two columns of one header could not be told apart."""
    first: dict[str, str] = {}
    for at, column in enumerate(columns):
        for text in (column.header, *column.synonyms):
            other = first.setdefault(" ".join(text.casefold().split()), column.name)
            if other != column.name:
                document.fault((*steps, "properties", at), f"the header ‘{text}’ is also that of ‘{other}’")


def _column(document: Document, data: dict[str, Any], steps: Steps) -> Column:
    options = data.get("logicalTypeOptions") or {}
    kind = data.get("logicalType", "string")
    if kind not in get_args(Type):
        document.fault((*steps, "logicalType"), f"‘{kind}’ is not supported; use one of {', '.join(get_args(Type))}")
        document.sound = False
    custom = custom_properties(document, data, steps, "column")
    _labels_are_text(document, data.get("enum") or (), steps)
    check_codes(document, custom.get("hints", {}), steps, CATALOGUE)
    check_codes(document, custom.get("severities", {}), steps, COLUMN_CODES)
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
        decimals=_decimals(document, kind, options.get("multipleOf"), steps),
        formats=_formats(document, kind, options, custom, steps),
        labels=_labels(kind, data.get("enum") or ()),
        null_tokens=tuple(map(str, custom.get("nullTokens", ()))),
        shorthand=tuple(map(str, custom.get("shorthand", ()))),
        markers=tuple(map(str, custom.get("markers", ()))),
        thousands_separator=custom.get("thousandsSeparator"),
        severities=custom.get("severities", {}),
        hints=custom.get("hints", {}),
        physical_type=data.get("physicalType"),
        joined=bool(custom.get("joined")),
    )


def _labels(kind: str, values: Any) -> dict[str, str]:
    """Allowed values with their labels. Another type than text has none: that is told as a fault."""
    return {str(each["value"]): each.get("label", str(each["value"])) for each in values} if kind == "string" else {}


def _labels_are_text(document: Document, values: Any, steps: Steps) -> None:
    for at, each in enumerate(values):
        if isinstance(each["value"], bool):
            document.fault(
                (*steps, "enum", at, "value"), "write the value in quotation marks: YAML reads it as a truth value"
            )


def _formats(
    document: Document, kind: str, options: dict[str, Any], custom: dict[str, Any], steps: Steps
) -> tuple[str, ...]:
    if kind != "date":
        return ()
    formats = tuple(dict.fromkeys(filter(None, (options.get("format"), *custom.get("formats", ())))))
    for fault in format_faults(formats):
        document.fault((*steps, "logicalTypeOptions"), fault)
    return formats


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _bound(document: Document, kind: str, options: dict[str, Any], name: str, steps: Steps) -> Any:
    value = options.get(name)
    if value is None:
        return None
    if kind == "date":
        return read_date(document, value, name, (*steps, "logicalTypeOptions", name))
    return Decimal(str(value))


def _decimals(document: Document, kind: str, multiple_of: float | None, steps: Steps) -> int | None:
    """Decimal places allowed by ``multipleOf``: 0.01 allows two."""
    if multiple_of is None:
        return None
    step = Decimal(str(multiple_of)).normalize()
    if kind != "number" or step.as_tuple().digits != (1,) or step > 1:
        text = f"multipleOf is {multiple_of}; it says how many decimals a number may have: 1, 0.1, 0.01 and so on"
        document.fault((*steps, "logicalTypeOptions", "multipleOf"), text)
    return max(0, -int(step.as_tuple().exponent))


def read_key(table: dict[str, Any]) -> tuple[str, ...]:
    """Names of the columns of the primary key, in their order."""
    keys = [each for each in table.get("properties") or () if each.get("primaryKey")]
    return tuple(each["name"] for each in sorted(keys, key=lambda each: each.get("primaryKeyPosition", 0)))
