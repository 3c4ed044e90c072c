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


def called(kind: pl.DataType) -> str:
    """A type for messages: those of days and times have long names of their own."""
    return str(kind).partition("(")[0] if kind.is_temporal() else str(kind)
