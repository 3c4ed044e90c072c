"""What a return should add to the unified tables, counted by another road than that of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from probation_etl.contract import Contract
from probation_etl.schema import TYPES
from probation_etl.schema.measures import amounts, counted


@dataclass(frozen=True)
class Contribution:
    """What one return should have added to a unified table, counted before it was mapped."""

    return_id: str
    table: str
    totals: dict[str, int | Decimal]


def contribution(rows: pl.DataFrame, contract: Contract, unified: Contract, *, return_id: str) -> Contribution:
    """Rows and measures of accepted rows, by the mapping's expressions but without the mapping's engine."""
    given = amounts(unified)
    needed = {name for text in given.values() for name in pl.sql_expr(text).meta.root_names()}
    mapped = {each.name: each for each in contract.mapping.columns} if contract.mapping else {}
    columns = {
        name: pl.sql_expr(_in_sql(mapped[name].expression or "NULL", mapped[name].codes))
        if name in mapped
        else pl.lit(None)
        for name in needed
    }
    made = rows.with_columns(
        each.cast(TYPES[unified.column(name).type]).alias(f"unified:{name}") for name, each in columns.items()
    )
    return Contribution(return_id, unified.table, counted(_renamed(made, needed), given))


def _renamed(made: pl.DataFrame, needed: Iterable[str]) -> pl.DataFrame:
    """Only once all are made may they hide columns of the return that have the same names."""
    return made.with_columns(pl.col(f"unified:{name}").alias(name) for name in needed)


def _in_sql(expression: str, codes: Mapping[str, str]) -> str:
    if not codes:
        return expression
    cases = " ".join(f"WHEN {_text(code)} THEN {_text(value)}" for code, value in codes.items())
    return f"CASE ({expression}) {cases} END"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
