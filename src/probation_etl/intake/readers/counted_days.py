"""Numbers from 0 to 60 that have the format of a date: they are shown as days, and are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import polars as pl

from probation_etl.intake.readers.base import CellKind, Grid


class Calendar(NamedTuple):
    """What a program shows for 0 and for 60 in the format of a date: days that no return is about."""

    nought: date
    last: date


#: Excel counts a day that never was, the 29 February 1900; other programs do not.
FROM_1900, FROM_1904 = Calendar(date(1899, 12, 31), date(1900, 2, 28)), Calendar(date(1904, 1, 1), date(1904, 3, 1))
OPEN_DOCUMENT = Calendar(date(1899, 12, 30), date(1900, 2, 28))


def with_counted_days_as_shown(grid: Grid, calendar: Calendar) -> Grid:
    """The grid of a workbook, with numbers from 0 to 60 in the format of a date as no days.

    Such a cell holds ``05/01/1900 (5)``: what it shows, and the number that is stored. Excel shows a 0 as a time of day.
    """
    if grid.kinds is None:
        return grid
    columns = [
        _counted(text, kind, calendar) if (kind == CellKind.DATE).any() else text
        for text, kind in zip(grid.cells.iter_columns(), grid.kinds.iter_columns(), strict=True)
    ]
    return replace(grid, cells=pl.select(columns))


def _counted(text: pl.Series, kind: pl.Series, calendar: Calendar) -> pl.Expr:
    days = text.str.slice(0, len("2020-11-29")).str.to_date("%Y-%m-%d", strict=False)
    day = pl.lit(days)
    counted = pl.lit((kind == CellKind.DATE) & days.is_between(calendar.nought, calendar.last).fill_null(value=False))
    shown = pl.format("{} ({})", day.dt.to_string("%d/%m/%Y"), (day - calendar.nought).dt.total_days())
    return pl.when(counted).then(shown).otherwise(pl.lit(text)).alias(text.name)
