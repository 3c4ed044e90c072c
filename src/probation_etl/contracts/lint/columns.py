"""What can be wrong with a column: some value must meet everything that the contract asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from probation_etl.contracts.lint.cells import form_faults
from probation_etl.contracts.model import RESERVED_NAMES, Column
from probation_etl.contracts.model.windows import NOTHING_SAID
from probation_etl.contracts.patterns import found_in, group_names
from probation_etl.contracts.suggestions import did_you_mean, nearest


def column_faults(column: Column, data: dict[str, Any]) -> Iterator[str]:
    """Why no value, or not every listed value, can meet everything that is asked of a column.

    Args:
        column: The column as it was read.
        data: The column in the document, for what the value has no field for.
    """
    if not column.header.strip():
        yield "the header (physicalName) is empty"
    if column.type != "string" and data.get("enum"):
        yield f"a list of allowed values is for a string column; this one is of type {column.type}"
    elif column.type == "string":
        yield from (fault for value in column.labels for fault in _listed_faults(value, column))
        if "format" in (data.get("logicalTypeOptions") or {}):
            yield "format is checked for a date, timestamp or time alone: use such a logicalType, or a pattern"
    least, most = column.length.least or 0, column.length.most
    if most is not None and least > most:
        yield f"minLength is {least}, more than maxLength, {most}: no text has that length"
    if max(least, most or 0) > _MOST_CHARACTERS:
        yield f"minLength and maxLength are {_MOST_CHARACTERS:,} at most: a cell cannot be longer"
    yield from form_faults(column, data)
    if column.type == "duration" and (column.interval or column.length or column.pattern):
        yield "a duration has no bounds of its own: a rule says them, such as ‘length <= INTERVAL '12 hours'’"
    yield from _bound_faults(column)
    yield from _window_faults(column)
    yield from _classification_faults(str(data.get("classification", "")))


def _listed_faults(value: str, column: Column) -> Iterator[str]:
    """Why a listed value would be refused by another rule of its column."""
    if column.pattern and not found_in(column.pattern, (value,))[0]:
        yield f"the listed value ‘{value}’ does not have the form {column.pattern}"
    least, most = column.length.least or 0, column.length.most
    if len(value) < least or (most is not None and len(value) > most):
        yield f"the listed value ‘{value}’ has {len(value)} characters, which minLength or maxLength does not allow"
    if value in column.null_tokens:
        yield f"the listed value ‘{value}’ is among the nullTokens: it would be read as an empty cell"


#: Characters of a cell that a reader takes.
_MOST_CHARACTERS = 1_000_000
#: What the standard calls a bound, by how values compare with it.
_KEYWORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def _bound_faults(column: Column) -> Iterator[str]:
    limits = column.interval.limits
    for bound in column.interval.bounds:
        if column.type == "integer" and isinstance(bound, Decimal) and bound != bound.to_integral_value():
            yield f"the bound {bound} is not a whole number, but the column holds whole numbers"
    low, high = column.interval.least(column.step), column.interval.greatest(column.step)
    if low is not None and high is not None and low > high:  # type: ignore[operator] # bounds of one column are of one type
        bounds = ", ".join(f"{_KEYWORDS[each.comparison]} {each.bound}" for each in limits)
        yield f"no value lies between these bounds: {bounds}"


def _window_faults(column: Column) -> Iterator[str]:
    """Two things that are said of one side, or something that is said of days where there are none."""
    if not column.has_days and column.window != NOTHING_SAID:
        yield f"dateWindow is for a date or timestamp column; this one is of type {column.type}"
    for side, name, is_lower in (
        (column.window.years_before, "yearsBefore", True),
        (column.window.days_after, "daysAfter", False),
    ):
        bound = next((each for each in column.interval.limits if each.is_lower is is_lower), None)
        if side is not None and bound is not None:
            yield f"dateWindow.{name} has no effect, because {_KEYWORDS[bound.comparison]} is {bound.bound}: leave one of them out"


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
            yield at, "it has a primaryKeyPosition, but is not part of the key: set primaryKey: true, or leave it out"
        elif place in taken:
            yield at, f"primaryKeyPosition {place} is also that of ‘{taken[place]}’"
        taken.setdefault(place, each["name"])


def derived_faults(name: str, sources: tuple[str, ...], columns: tuple[Column, ...]) -> Iterator[str]:
    """Why a derived column cannot be computed from its sources."""
    types = {column.name: column.type for column in columns}
    if name in types:
        yield f"derived: ‘{name}’ is the name of a column already"
    if name in RESERVED_NAMES:
        yield f"derived: ‘{name}’ is a reserved name: give the column another name"
    for each in sources:
        if each not in types:
            yield f"derived: ‘{name}’ is made of ‘{each}’, which is not a column of the return{did_you_mean(each, types)}"
        elif types[each] != "date":
            yield f"derived: ‘{name}’ is made of ‘{each}’, which is of type {types[each]}, not a date"


def group_faults(pattern: str | None) -> Iterator[str]:
    """Named groups of a pattern of names that nothing reads."""
    known = ("supplier_code", "period_end")
    for name in group_names(pattern or ""):
        if name not in known:
            yield f"the group ‘{name}’ is read by nothing; expected {' or '.join(known)}{did_you_mean(name, known)}"
