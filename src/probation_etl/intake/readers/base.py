"""What every reader gives: a grid of text, with the row and column numbers that a person sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from probation_etl.contracts.findings import Finding

#: What a spreadsheet shows where a formula has no value.
ERROR_CELLS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#ERROR!")


class Block(NamedTuple):
    """Cells that are merged into one: the first and the last row and column, from 0 in the sheet."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet or file, all text, nothing interpreted.

    Attributes:
        cells: One String column a spreadsheet column; an empty cell is null.
        sheet: Name of the sheet, None for CSV.
        first_column: Number (from 0) of the spreadsheet column that the first one is.
        widths: Cells that each record had, for CSV: a broken record has more or fewer than its header.
            None where the format itself keeps cells in their columns.
        findings: What was found otherwise than agreed, and how it was read all the same.
        hidden: Whether a person does not see the sheet unless it is unhidden.
        packed_name: Name of the file in the archive that it came in.
        merged: Cells that are shown as one; the value stands in the first of them, the others are empty.
        typed: Whether the file itself tells dates from text: real dates come as ISO 8601, errors as shown.
    """

    cells: pl.DataFrame
    sheet: str | None = None
    first_column: int = 0
    widths: pl.Series | None = None
    findings: tuple[Finding, ...] = ()
    hidden: bool = False
    packed_name: str | None = None
    merged: tuple[Block, ...] = ()
    typed: bool = False


def column_letters(number: int) -> str:
    """Letters of a spreadsheet column by its number from 0: A, B, … Z, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def longest(cells: pl.DataFrame, enough: int) -> int:
    """Characters of the longest cell; bytes, which are counted faster, where even they are few enough."""
    none = pl.lit(0, dtype=pl.UInt32)
    in_bytes = cells.select(pl.max_horizontal(none, pl.all().str.len_bytes().max())).item()
    if in_bytes <= enough:
        return int(in_bytes)
    return int(cells.select(pl.max_horizontal(none, pl.all().str.len_chars().max())).item())
