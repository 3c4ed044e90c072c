"""The type of what an expression gives."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def type_of(expression: pl.Expr, types: Mapping[str, pl.DataType]) -> pl.DataType | None:
    """The type of what an expression gives; None where it cannot be computed from these columns."""
    try:
        return pl.LazyFrame(schema=dict(types)).select(expression.alias("value")).collect_schema()["value"]
    except pl.exceptions.PolarsError:
        return None
