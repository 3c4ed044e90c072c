"""Rows without values, in the types of a contract: enough to see what an expression gives, before any return comes."""

from __future__ import annotations

import polars as pl

from probation_etl.contracts.checks.compiled import CONTEXT_TYPES, KEY_UNCERTAIN, TYPES
from probation_etl.contracts.model import Contract
from probation_etl.contracts.suggestions import did_you_mean


def blank_rows(contract: Contract, derived: tuple[pl.Expr, ...] = ()) -> pl.DataFrame:
    """Two rows without a value, in the types of a return: enough to tell what an expression gives, and for which rows."""
    types = {column.name: TYPES[column.type] for column in contract.columns}
    kinds = {**types, "source_row": pl.Int64(), KEY_UNCERTAIN: pl.Boolean(), **CONTEXT_TYPES}
    return pl.DataFrame({name: [None, None] for name in kinds}, schema=kinds).with_columns(derived)


def unknown_columns(expression: pl.Expr, empty: pl.DataFrame) -> str:
    """The columns that are not there, each with the nearest that is."""
    names = sorted(set(expression.meta.root_names()) - set(empty.columns))
    return ", ".join(f"no such column: ‘{name}’{did_you_mean(name, empty.columns)}" for name in names)
