"""What a contract asks of a column must be possible: else no return could ever be right, and nobody would know why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from probation_etl.contracts.model import RESERVED_NAMES, Bound, Column
from probation_etl.contracts.odcs.schema_errors import did_you_mean, nearest
from probation_etl.contracts.patterns import python_pattern


def column_faults(column: Column, data: dict[str, Any]) -> Iterator[str]:
    """Why no value, or not each of those listed, could meet all that is asked of a column.

    Args:
        column: The column as it was read.
        data: The same as it stands in the document, for what the column has no place for.
    """
    if not column.header.strip():
        yield "the header (physicalName) is empty"
    if column.type != "string" and data.get("enum"):
        yield f"a list of allowed values is for a string column; this one is of type {column.type}"
    elif column.type == "string":
        yield from (fault for value in column.labels for fault in _listed_faults(value, column))
        if "format" in (data.get("logicalTypeOptions") or {}):
            yield "format is checked for a date alone: use logicalType: date, or a pattern"
    if None not in (column.min_length, column.max_length) and column.min_length > column.max_length:  # type: ignore[operator] # neither is None
        yield f"minLength is {column.min_length}, more than maxLength, {column.max_length}: no text has that length"
    yield from _bound_faults(column)
    yield from _classification_faults(str(data.get("classification", "")))


def _listed_faults(value: str, column: Column) -> Iterator[str]:
    """Why a listed value would be refused by another rule of its column."""
    pattern = python_pattern(column.pattern or "")
    if pattern and not re.search(pattern, value):
        yield f"the listed value ‘{value}’ does not have the form {column.pattern}"
    if not (column.min_length or 0) <= len(value) <= (len(value) if column.max_length is None else column.max_length):
        yield f"the listed value ‘{value}’ has {len(value)} characters, which minLength or maxLength does not allow"
    if value in column.null_tokens:
        yield f"the listed value ‘{value}’ is among the nullTokens: it would be read as an empty cell"


def _bound_faults(column: Column) -> Iterator[str]:
    given = (column.minimum, column.exclusive_minimum, column.maximum, column.exclusive_maximum)
    for bound in given:
        if column.type == "integer" and isinstance(bound, Decimal) and bound != bound.to_integral_value():
            yield f"the bound {bound} is no whole number, and the column is of whole numbers"
    low, high = _lowest(column), _highest(column)
    if low is not None and high is not None and low > high:  # type: ignore[operator] # bounds of one column are of one type
        words = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
        told = ", ".join(f"{word} {bound}" for word, bound in zip(words, given, strict=True) if bound is not None)
        yield f"no value lies between these bounds: {told}"


def _step(column: Column) -> Decimal:
    """The least by which two values of the column differ."""
    return Decimal(1) if column.type == "integer" else Decimal(1).scaleb(-(6 if column.decimals is None else column.decimals))  # fmt: skip


def _lowest(column: Column) -> Bound | None:
    lows: list[Any] = [
        each for each in (column.minimum, _beyond(column.exclusive_minimum, column, 1)) if each is not None
    ]
    low = max(lows, default=None)
    return low.quantize(_step(column), ROUND_CEILING) if isinstance(low, Decimal) else low


def _highest(column: Column) -> Bound | None:
    highs: list[Any] = [
        each for each in (column.maximum, _beyond(column.exclusive_maximum, column, -1)) if each is not None
    ]
    high = min(highs, default=None)
    return high.quantize(_step(column), ROUND_FLOOR) if isinstance(high, Decimal) else high


def _beyond(bound: Bound | None, column: Column, sign: int) -> Bound | None:
    """The nearest value on the good side of a bound that is itself excluded."""
    if bound is None:
        return None
    if not isinstance(bound, Decimal):
        return bound + timedelta(days=sign)
    step, rounding = _step(column), ROUND_FLOOR if sign > 0 else ROUND_CEILING
    return bound.quantize(step, rounding) + sign * step


def _classification_faults(given: str) -> Iterator[str]:
    """A slip here would print case references that must be masked."""
    if given != "restricted" and nearest(given, ("restricted",)):
        yield f"the classification is ‘{given}’; did you mean ‘restricted’? Values are masked under that word alone"


def key_faults(properties: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """Positions in the key that contradict each other, with the position of the column."""
    taken: dict[int, str] = {}
    for at, each in enumerate(properties):
        place = each.get("primaryKeyPosition")
        if place in (None, -1) or each.get("primaryKey") is False:
            continue
        if "primaryKey" not in each:
            yield at, "it has a primaryKeyPosition, and is no part of the key: set primaryKey: true, or leave it out"
        elif place in taken:
            yield at, f"primaryKeyPosition {place} is also that of ‘{taken[place]}’"
        taken.setdefault(place, each["name"])


def derived_faults(name: str, sources: tuple[str, ...], columns: tuple[Column, ...]) -> Iterator[str]:
    """Why a derived column cannot be computed from its sources."""
    types = {column.name: column.type for column in columns}
    if name in types:
        yield f"derived: ‘{name}’ is the name of a column already"
    if name in RESERVED_NAMES:
        yield f"derived: ‘{name}’ is a name that we use ourselves: name the column otherwise"
    for each in sources:
        if each not in types:
            yield f"derived: ‘{name}’ is made of ‘{each}’, which is no column of the return{did_you_mean(each, types)}"
        elif types[each] != "date":
            yield f"derived: ‘{name}’ is made of ‘{each}’, which is no date but of type {types[each]}"


def group_faults(pattern: str | None) -> Iterator[str]:
    """Named groups of a pattern of file names that nothing reads."""
    known = ("supplier_code", "period_end")
    for name in re.compile(pattern or "").groupindex:
        if name not in known:
            yield f"fileName: the group ‘{name}’ is read by nothing; expected {' or '.join(known)}{did_you_mean(name, known)}"
