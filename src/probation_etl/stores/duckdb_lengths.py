"""Lengths of time out of DuckDB: Polars does not read its intervals, so that they come as microseconds."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import polars as pl

from probation_etl.contracts.identifiers import quoted

if TYPE_CHECKING:
    import duckdb


def lengths_of_time(relation: duckdb.DuckDBPyRelation) -> list[str]:
    """The columns of a result that are intervals; none in nearly every one."""
    return [name for name, kind in zip(relation.columns, relation.types, strict=True) if str(kind) == "INTERVAL"]


def counted_in_microseconds(relation: duckdb.DuckDBPyRelation, lengths: Collection[str]) -> duckdb.DuckDBPyRelation:
    """The result with these columns as whole numbers."""
    if not lengths:
        return relation
    counted = ", ".join(f"epoch_us({quoted(name)}) AS {quoted(name)}" for name in lengths)
    return relation.project(f"* REPLACE ({counted})")


def with_lengths(frame: pl.DataFrame, lengths: Collection[str]) -> pl.DataFrame:
    """The frame with these columns as lengths of time."""
    return frame.with_columns(pl.col(name).cast(pl.Duration("us")) for name in lengths) if lengths else frame
