"""pandera on Polars: a schema made of the work, validated lazily; its failure cases carry the index of the row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from peers.typed import TEXT, is_of_type, typed
from work import Column, Work


def checker(work: Work) -> Callable[[Path], int]:
    """Validates the typed frame."""
    columns: dict[str, Any] = {each.name: _column(each) for each in work.columns}
    wide = [_wide(each.id, pl.sql_expr(each.sql)) for each in work.rules]
    kept = [*work.of_type("integer"), *work.of_type("date")]
    wide += [_wide(f"{name} is of its type", is_of_type(name)) for name in kept]
    wide.append(_wide("key", pl.struct(work.key).is_unique()))
    schema = pa.DataFrameSchema(
        columns | {name + TEXT: pa.Column(pl.String, nullable=True) for name in kept}, checks=wide
    )

    def faulty(path: Path) -> int:
        try:
            schema.validate(typed(path, work), lazy=True)
        except SchemaErrors as error:
            return int(error.failure_cases["index"].drop_nulls().n_unique())
        return 0

    return faulty


def _column(column: Column) -> Any:
    checks = []
    if column.pattern:
        checks.append(pa.Check.str_matches(column.pattern))
    if column.least is not None and column.most is not None:
        checks.append(pa.Check.in_range(column.least, column.most))
    if column.longest is not None:
        checks.append(pa.Check.str_length(max_value=column.longest))
    if column.values:
        checks.append(pa.Check.isin(column.values))
    kind: Any = {"string": pl.String, "integer": pl.Int64, "date": pl.Date}[column.type]
    return pa.Column(kind, checks=checks, nullable=not column.required, unique=column.unique)


def _wide(name: str, holds: pl.Expr) -> Any:
    verdict = holds.fill_null(value=True).alias("check_output")
    return pa.Check(lambda data: data.lazyframe.select(verdict), name=name)
