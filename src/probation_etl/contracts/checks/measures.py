"""What adds up over a unified table, as SQL that Polars and every store compute alike."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

import polars as pl

from probation_etl.contracts.checks.compiled import TYPES
from probation_etl.contracts.checks.sql import safe_sql
from probation_etl.contracts.checks.types import type_of
from probation_etl.contracts.model import TableContract

#: The measure that every unified table has: how many rows it holds.
ROWS = "rows"


def amounts(unified: TableContract) -> dict[str, str]:
    """What a row adds to each measure that returns send, as SQL over the stored columns; ``rows`` comes first."""
    sent = {each.name: amount(each.expression, unified) for each in unified.measures if each.counterpart is None}
    return {ROWS: "1", **sent}


def shown_amounts(unified: TableContract) -> dict[str, str]:
    """The same for every measure, as SQL over the columns of the unified table, the joined ones included."""
    return {ROWS: "1", **{each.name: amount(each.expression, unified) for each in unified.measures}}


def counted(rows: pl.DataFrame, given: Mapping[str, str]) -> dict[str, int | Decimal]:
    """The totals of rows in memory: how many, and what each measure adds up to."""
    sums = {name: _sum(text, rows) for name, text in given.items() if name != ROWS}
    return {ROWS: rows.height, **sums}


def _sum(text: str, rows: pl.DataFrame) -> int | Decimal:
    """What an amount adds up to. Polars would wrap the sum of whole numbers in 64 bits."""
    added = rows.select(safe_sql(text, rows.schema).alias("amount"))["amount"]
    total = (added.cast(pl.Int128) if added.dtype.is_integer() else added).sum()
    return total if isinstance(total, int | Decimal) else 0


def amount(expression: str, table: TableContract) -> str:
    """What a row adds to a total: the number that an expression gives, or 1 where it is a condition that is met."""
    return _amount(expression, tuple((each.name, TYPES[each.type]) for each in table.columns))


@lru_cache(maxsize=1 << 10)  # asked for each measure of each return
def _amount(expression: str, types: tuple[tuple[str, pl.DataType], ...]) -> str:
    columns = dict(types)
    if type_of(pl.sql_expr(expression), columns) == pl.Boolean():
        return f"CASE WHEN {expression} THEN 1 ELSE 0 END"
    if "*" in expression:
        from probation_etl.contracts.checks.products import without_wrapping  # what reads SQL takes long to import

        return f"({without_wrapping(expression, columns)})"
    return f"({expression})"
