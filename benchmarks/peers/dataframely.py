"""dataframely: a schema made of the work; its filter separates the faulty rows and knows the rules of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from peers.typed import TEXT, is_of_type, typed
from work import Column, Work


def checker(work: Work) -> Callable[[Path], int]:
    """Filters the typed frame: with Polars 2, ``cast=True`` makes no days of texts."""
    parts: dict[str, Any] = {each.name: _column(each) for each in work.columns}
    for rule in work.rules:
        parts[rule.id] = dy.rule()(lambda _cls, sql=rule.sql: pl.sql_expr(sql).fill_null(value=True))
    parts["key"] = dy.rule()(lambda _cls: pl.len().over(work.key) == 1)
    for name in (*work.of_type("integer"), *work.of_type("date")):
        parts[name + TEXT] = dy.String(nullable=True)
        parts[f"{name} is of its type"] = dy.rule()(lambda _cls, name=name: is_of_type(name))
    schema: Any = type("Breaches", (dy.Schema,), parts)

    def faulty(path: Path) -> int:
        _, failure = schema.filter(typed(path, work))
        return int(failure.details().height)

    return faulty


def _column(column: Column) -> dy.Column:
    nullable = not column.required
    if column.type == "integer":
        return dy.Int64(nullable=nullable, unique=column.unique, min=column.least, max=column.most)
    if column.type == "date":
        return dy.Date(nullable=nullable, unique=column.unique)
    values = column.values
    return dy.String(
        nullable=nullable, unique=column.unique, regex=column.pattern, max_length=column.longest,
        check=(lambda cell: cell.is_in(values)) if values else None,
    )  # fmt: skip
