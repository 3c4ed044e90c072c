"""Records of CSV that are broken: they have too many or too few cells, or a quotation mark in them is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.intake.header import Header
from probation_etl.intake.readers import Grid, Quotation

#: How many cells a broken record has, and what is wrong with its quotation marks, where (in a column or ``cell 3``) and from
#: which row on; null where only the number of cells is wrong.
BROKEN_SCHEMA = {
    "position": pl.UInt32(), "cells": pl.Int64(), "fault": pl.String(), "place": pl.String(), "began": pl.Int64(),
}  # fmt: skip
_WORDS = {
    Quotation.INSIDE: "A quotation mark stands inside {place}, which does not begin with one.",
    Quotation.AFTER: "Text follows the quotation mark that closes {place}.",
    Quotation.OPEN: "The quotation mark at the beginning of {place} does not close where the cell ends.",
    Quotation.BELOW: "The row stands below row {began}, in which a quotation mark is wrong: it may be part of a cell there.",
}
_HINT = 'Put quotation marks around the whole cell, write those inside it twice (5"" for 5"), and send it again.'
_HINT_BELOW = "Correct the quotation marks of row {began}. If this row is one of its own, send it again."


def broken_records(grid: Grid, source_rows: pl.Series, header: Header, width: int) -> pl.DataFrame:
    """The broken records below a header, columns as in :data:`BROKEN_SCHEMA`.

    Args:
        grid: The cells of the file.
        source_rows: The rows of the table, from 1.
        header: Where the header is.
        width: Cells of it.
    """
    if grid.widths is None or not len(source_rows):
        return pl.DataFrame(schema=BROKEN_SCHEMA)
    widths = grid.widths.gather(source_rows - 1)
    if not grid.misquoted.height and (widths == width).all():
        return pl.DataFrame(schema=BROKEN_SCHEMA)
    rows = pl.DataFrame({"source_row": source_rows, "cells": widths}).with_row_index("position")
    named = rows.join(_misquoted(grid, header), on="source_row", how="left", maintain_order="left")
    broken = (pl.col("cells") != width) | pl.col("fault").is_not_null()
    return named.filter(broken).select(*BROKEN_SCHEMA)


def _misquoted(grid: Grid, header: Header) -> pl.DataFrame:
    """The records with wrong quotation marks: ``source_row``, ``fault``, ``place`` and ``began``."""
    number = pl.col("cell").cast(pl.Int64)
    headers = {at: f"‘{text}’" for at, text in enumerate(header.texts) if text}
    place = number.replace_strict(headers, default=pl.format("cell {}", number + 1), return_dtype=pl.String)
    return grid.misquoted.select("fault", "began", source_row=pl.col("row").cast(pl.Int64) + 1, place=place)


def misquoted_header(grid: Grid, header: Header) -> list[Finding]:
    """A finding for the whole file where a quotation mark in the header is wrong."""
    if not grid.misquoted.height:
        return []
    wrong = _misquoted(grid, header).filter(pl.col("source_row") == header.row + 1)
    return [
        _finding(f"In the header, row {header.row + 1}: {_WORDS[Quotation(fault)]}", _HINT, place, began)
        for fault, place, began in wrong.select("fault", "place", "began").iter_rows()
    ]


def broken_findings(broken: pl.DataFrame, source_rows: pl.Series, width: int) -> Iterator[Finding]:
    """A finding for each broken record.

    Args:
        broken: The broken records.
        source_rows: The rows of the table, from 1.
        width: Number of cells of the header.
    """
    rows = source_rows.gather(broken["position"])
    for row, (cells, fault, place, began) in zip(rows, broken.drop("position").iter_rows(), strict=True):
        if fault is None:
            yield make("malformed-row", value=str(cells), expected=str(width), row=row)
        else:
            hint = _HINT_BELOW if fault == Quotation.BELOW else _HINT
            yield replace(_finding(_WORDS[Quotation(fault)], hint, place, began), row=row)


def _finding(words: str, hint: str, place: str, began: int) -> Finding:
    found = make("malformed-row", hint=hint.format(began=began))
    return replace(found, message=words.format(place=place, began=began))
