"""What a return should add to the unified tables, counted from its accepted rows without mapping them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from probation_etl.contracts.checks import TYPES, column_types, safe_sql
from probation_etl.contracts.checks.measures import amounts, counted
from probation_etl.contracts.identifiers import literal
from probation_etl.contracts.model import MappedColumn, ReturnContract, TableContract
from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class Contribution(Discreet):
    """What one return should have added to a unified table, counted before it was mapped."""

    return_id: str
    table: str
    totals: dict[str, int | Decimal]


def contribution(
    parts: Iterable[pl.DataFrame], contract: ReturnContract, unified: TableContract, *, return_id: str
) -> Contribution:
    """Rows and measures of accepted rows, from the expressions of the mapping but without :mod:`harmonise`.

    Args:
        parts: The rows, in one frame or several: what the parts add up to is what the whole does.
        contract: The contract of the return.
        unified: The contract of the unified table.
        return_id: Name of the return.
    """
    given = amounts(unified)
    totals: dict[str, int | Decimal] = dict.fromkeys(given, 0)
    for rows, row in ((rows, row) for rows in parts for row in contract.mapping.rows):
        applies = rows if row.when is None else rows.filter(safe_sql(row.when, column_types(contract)))
        for name, total in counted(_made(applies, row.columns, contract, unified, given.values()), given).items():
            totals[name] += total
    return Contribution(return_id, unified.table, totals)


def _made(
    rows: pl.DataFrame,
    mapped: Iterable[MappedColumn],
    contract: ReturnContract,
    unified: TableContract,
    given: Iterable[str],
) -> pl.DataFrame:
    """The columns of the unified table that the measures read."""
    needed = {name for text in given for name in pl.sql_expr(text).meta.root_names()}
    how = {each.name: _in_sql(each.expression or "NULL", each.codes) for each in mapped}
    columns = {name: safe_sql(how.get(name, "NULL"), column_types(contract)) for name in needed}
    made = rows.with_columns(
        each.cast(TYPES[unified.column(name).type]).alias(f"unified:{name}") for name, each in columns.items()
    )
    return _renamed(made, needed)


def _renamed(made: pl.DataFrame, needed: Iterable[str]) -> pl.DataFrame:
    """Takes the final names last: a column of the return may have the same name and be read by another expression."""
    return made.with_columns(pl.col(f"unified:{name}").alias(name) for name in needed)


def _in_sql(expression: str, codes: Mapping[str, str]) -> str:
    if not codes:
        return expression
    cases = " ".join(f"WHEN {literal(code)} THEN {literal(value)}" for code, value in codes.items())
    return f"CASE ({expression}) {cases} END"
