"""Rows of no return, in the types of a contract: enough to see what an expression gives, before any return comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

import polars as pl

from probation_etl.contracts.checks.compiled import CONTEXT_TYPES, KEY_UNCERTAIN, TYPES
from probation_etl.contracts.model import Contract
from probation_etl.contracts.model.marks import mark_of
from probation_etl.contracts.suggestions import did_you_mean


def blank_rows(contract: Contract, derived: tuple[pl.Expr, ...] = ()) -> pl.DataFrame:
    """Two rows without a value, in the types of a return: enough to tell what an expression gives, and for which rows."""
    types = {column.name: TYPES[column.type] for column in contract.columns}
    marks = {mark_of(column.name): pl.String() for column in contract.columns if column.shorthand}
    kinds = {"source_row": pl.Int64(), KEY_UNCERTAIN: pl.Boolean(), **CONTEXT_TYPES, **marks, **types}
    return pl.DataFrame({name: [None, None] for name in kinds}, schema=kinds).with_columns(derived)


def fails_on_values(expression: pl.Expr, rows: pl.DataFrame) -> bool:
    """Whether an expression ends in an error once there are values, such as a regular expression that cannot be read.

    Args:
        expression: It can be computed from the rows.
        rows: Rows without values, in their types.
    """
    try:
        plain_rows(rows.schema).select(expression)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return True
    return False


def plain_rows(types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Two rows with a plain value in every column."""
    plain = {pl.String(): "a", pl.Boolean(): True, pl.Date(): date(2020, 1, 31), pl.Time(): time(9, 30)}
    return pl.DataFrame(
        [pl.Series(name, [plain.get(kind, 1)] * 2, dtype=kind, strict=False) for name, kind in types.items()]
    )


def unknown_columns(expression: pl.Expr, empty: pl.DataFrame) -> str:
    """The columns that are not there, each with the nearest that is."""
    names = sorted(set(expression.meta.root_names()) - set(empty.columns))
    return ", ".join(f"no such column: ‘{name}’{did_you_mean(name, empty.columns)}" for name in names)
