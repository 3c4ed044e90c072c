"""Turns records into columns, some thousands at a time: Python's lists take many times the memory of columns."""

from __future__ import annotations

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.limits import Limits


def next_chunk(chunks: list[pl.DataFrame], records: list[list[str]], widths: list[int], limits: Limits) -> pl.DataFrame:
    """The next columns; refused where one broken record with very many cells would widen all the others.

    Args:
        chunks: The columns so far.
        records: The next records.
        widths: Number of cells of every record so far.
        limits: How many cells there may be.

    Raises:
        UnreadableFile: The table would be many times larger than its records.
    """
    widest = max([*(chunk.width - 1 for chunk in chunks), *map(len, records)], default=0)
    padded, real = widest * len(widths), sum(widths)
    if padded > limits.cells and padded > 10 * real:
        raise UnreadableFile(
            f"Record {widths.index(widest) + 1} has {widest:,} cells, many times more than the others: as a table the "
            f"file would have {padded:,} cells, at most {limits.cells:,} are read.",
            code="too-large",
        )
    return _columns(records)


def widened(chunk: pl.DataFrame, width: int) -> pl.DataFrame:
    """The same chunk with so many columns, the new ones empty."""
    missing = range(chunk.width - 1, width - 1)
    return chunk.with_columns(pl.lit(None, dtype=pl.String).alias(f"c{number}") for number in missing)


def _columns(records: list[list[str]]) -> pl.DataFrame:
    """The records as columns, with a column of row numbers that preserves blank lines."""
    width = max(map(len, records), default=0)
    padded = [record if len(record) == width else record + [""] * (width - len(record)) for record in records]
    columns = zip(*padded, strict=True) if width else ()
    texts = [pl.Series(f"c{number}", column, dtype=pl.String) for number, column in enumerate(columns)]
    rows = pl.Series("row", range(len(records)), dtype=pl.UInt32)
    return pl.DataFrame([rows, *texts]).with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))
