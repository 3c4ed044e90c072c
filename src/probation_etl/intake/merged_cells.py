"""Cells of a table that are merged with others, so that it is not known to which rows and columns their value belongs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import polars as pl

from probation_etl.intake.readers import Block, Grid


def merged_cells(grid: Grid, frame: pl.DataFrame, places: Mapping[str, int]) -> dict[str, pl.Series]:
    """Whether each cell is merged with others, for the columns that have such cells.

    Merged titles and notes do not matter, nor merged cells of which only one belongs to the table.

    Args:
        grid: The sheet with its blocks of merged cells, of which there may be very many.
        frame: ``source_row`` and the rows of the table.
        places: Position of each column in the grid.
    """
    if not grid.merged:
        return {}
    rows = frame["source_row"].to_list()
    filled = {name: [0, *frame[name].is_not_null().cum_sum().to_list()] for name in places}
    changes: dict[str, list[int]] = {}
    for block in grid.merged:
        top, end = bisect_left(rows, block.first_row + 1), bisect_left(rows, block.last_row + 2)
        names = [*_across(block, grid.first_column, places)] if top < end else []
        is_filled = any(filled[name][end] > filled[name][top] for name in names)
        if is_filled and (len(names) * (end - top) > 1 or rows[top] != block.first_row + 1):
            for name in names:
                if name not in changes:
                    changes[name] = [0] * (len(rows) + 1)
                steps = changes[name]
                steps[top] += 1
                steps[end] -= 1
    return {name: (pl.Series(steps[:-1]).cum_sum() > 0).alias(name) for name, steps in changes.items()}


def _across(block: Block, first: int, places: Mapping[str, int]) -> Iterable[str]:
    """The columns that a block covers."""
    return (name for name, at in places.items() if block.first_column <= at + first <= block.last_column)
