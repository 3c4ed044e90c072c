"""What every reader gives: a grid of text, with the row and column numbers that a person sees."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet or file, all text, nothing interpreted.

    Attributes:
        cells: One String column a spreadsheet column; an empty cell is null.
        sheet: Name of the sheet, None for CSV.
        first_column: Number (from 0) of the spreadsheet column that the first one is.
        widths: Cells that each record had, for CSV: a broken record has more or fewer than its header.
            None where the format itself keeps cells in their columns.
    """

    cells: pl.DataFrame
    sheet: str | None = None
    first_column: int = 0
    widths: pl.Series | None = None


def column_letters(number: int) -> str:
    """Letters of a spreadsheet column by its number from 0: A, B, … Z, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
