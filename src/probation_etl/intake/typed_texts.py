"""What the plain text of a value is in the type of its column; null where it is none."""

from __future__ import annotations

import polars as pl

from probation_etl.contracts.checks import NUMBER
from probation_etl.contracts.date_formats import ISO, date_plan
from probation_etl.contracts.model import Column

_WHOLE = r"^[+-]?[0-9]{1,18}$"
#: A number, with decimals or without.
DECIMAL = r"^[+-]?[0-9]{1,18}(\.[0-9]+)?$"


def typed(cell: pl.Expr, column: Column, *, native: bool) -> pl.Expr:
    """The value of a text without blanks around it.

    Args:
        cell: The text.
        column: Its column.
        native: Whether date cells come as ISO 8601.
    """
    if column.type == "integer":
        return pl.when(cell.str.contains(_WHOLE)).then(cell).cast(pl.Int64, strict=False)
    if column.type == "number":
        return pl.when(cell.str.contains(DECIMAL)).then(cell).cast(NUMBER, strict=False)
    if column.type == "boolean":
        return cell.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
        )
    if column.type == "date":
        return pl.coalesce([_date(cell, each) for each in formats_of(column, native=native)])
    return cell


def formats_of(column: Column, *, native: bool) -> list[str]:
    """The formats of a column of dates. The reader gives the dates of a spreadsheet as ISO 8601."""
    return list(dict.fromkeys((ISO, *column.formats) if native or not column.formats else column.formats))


def _date(cell: pl.Expr, written: str) -> pl.Expr:
    pattern, strptime = date_plan(written)
    return pl.when(cell.str.contains(pattern)).then(cell).str.to_date(strptime, strict=False)
