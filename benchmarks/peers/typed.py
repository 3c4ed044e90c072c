"""A file as text, and with its columns cast: what the tools that check Polars frames need first."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from work import Work

#: What is added to the name of a column for its text.
TEXT = "__text"


def as_text(path: Path) -> pl.DataFrame:
    """The file as text; an empty cell is null."""
    return pl.read_csv(path, infer_schema=False)


def cast(work: Work) -> list[pl.Expr]:
    """The columns that are no texts in their types; null where a cell is of another."""
    return [
        *(pl.col(name).cast(pl.Int64, strict=False) for name in work.of_type("integer")),
        *(pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in work.of_type("date")),
    ]


def typed(path: Path, work: Work) -> pl.DataFrame:
    """The file in its types, with the texts of what was cast beside it."""
    names = [*work.of_type("integer"), *work.of_type("date")]
    return as_text(path).with_columns(pl.col(names).name.suffix(TEXT)).with_columns(cast(work))


def is_of_type(name: str) -> pl.Expr:
    """Whether a cell is of the type of its column, or empty."""
    return pl.col(name).is_not_null() | pl.col(name + TEXT).is_null()
