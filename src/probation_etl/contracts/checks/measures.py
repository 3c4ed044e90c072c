"""What adds up over a unified table, as SQL that Polars and every store compute alike."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

import polars as pl

from probation_etl.contracts.checks.compiled import TYPES
from probation_etl.contracts.checks.dialect import type_of
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
    sums = {name: rows.select(pl.sql_expr(text).sum()).item() or 0 for name, text in given.items() if name != ROWS}
    return {ROWS: rows.height, **sums}


def amount(expression: str, table: TableContract) -> str:
    """What a row adds to a total: the number that an expression gives, or 1 where it is a condition that is met."""
    counts = _is_condition(expression, tuple((each.name, TYPES[each.type]) for each in table.columns))
    return f"CASE WHEN {expression} THEN 1 ELSE 0 END" if counts else f"({expression})"


@lru_cache(maxsize=1 << 10)  # asked for each measure of each return
def _is_condition(expression: str, types: tuple[tuple[str, pl.DataType], ...]) -> bool:
    return type_of(pl.sql_expr(expression), dict(types)) == pl.Boolean()
