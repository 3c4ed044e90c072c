"""Values of a column by the number, and texts in their types."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from probation_etl.contracts.checks import NUMBER
from probation_etl.contracts.date_formats import date_plan
from probation_etl.contracts.model import Column
from probation_etl.intake.parse import read_date
from probation_etl.proof.patterns import UnsupportedPattern, series

_ISO = "yyyy-MM-dd"


def many_values(column: Column, count: int, period_end: date) -> list[str]:
    """Up to so many different values of a column that are probably good: for rows that must differ."""
    if column.labels:
        return list(column.labels)[:count]
    if column.type == "string":
        try:
            return series(column.pattern or f"^[a-z]{{{max(3, column.min_length or 0)}}}$", count)
        except UnsupportedPattern:
            return []
    if column.type == "date":
        strptime = date_plan((column.formats or (_ISO,))[0])[1]
        return [(period_end - timedelta(each)).strftime(strptime) for each in range(count)]
    if column.type == "boolean":
        return ["true", "false"][:count]
    low = next((each.bound for each in column.interval.limits if each.is_lower), None)
    return [str(int(low if isinstance(low, Decimal) else 0) + each) for each in range(1, count + 1)]


def typed_value(text: str, column: Column) -> Any:
    """The text in the type of its column; None where it is none of it."""
    try:
        if column.type in ("integer", "number"):
            number = Decimal(text)
            return int(number) if column.type == "integer" else round(number, NUMBER.scale)
    except (InvalidOperation, ValueError):
        return None
    if column.type == "date":
        return read_date(text, (column.formats or (_ISO,))[0])
    return text == "true" if column.type == "boolean" else text
