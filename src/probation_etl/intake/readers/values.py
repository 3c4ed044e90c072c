"""Turns the values that the library reads from a workbook into text, and says of which kind each cell is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import polars as pl

from probation_etl.intake.readers.base import CellKind
from probation_etl.intake.readers.marks import clock_of

#: Rows that are turned into columns at once: more take more memory, fewer take more time.
_ROWS = 10_000
#: Floating-point numbers below this are whole numbers exactly.
_WHOLE = 2**53
#: Numbers below this can be rounded to nine decimals; from here on there are more digits than a spreadsheet keeps.
_ROUNDED, _ALL_DIGITS = 4_000_000, 10**15
_DECIMALS = 9

_KINDS = {
    str: CellKind.TEXT, int: CellKind.NUMBER, float: CellKind.NUMBER, bool: CellKind.BOOLEAN, date: CellKind.DATE,
    datetime: CellKind.DATE, time: CellKind.TIME, timedelta: CellKind.TIME,
}  # fmt: skip


def frames_of(rows: Iterable[list[Any]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells as text and their kinds, from rows of equal length.

    An empty cell is null, a day ``2020-11-29``, a whole number has no decimal point and any other at most nine decimals,
    so that 0.1 + 0.2, stored as 0.30000000000000004, reads 0.3 as shown.
    """
    remaining = iter(rows)
    cells, kinds = [], []
    while chunk := list(islice(remaining, _ROWS)):
        columns = [_column(values) for values in zip(*chunk, strict=True)]
        cells.append(pl.DataFrame([text.alias(f"c{at}") for at, (text, _) in enumerate(columns)]))
        kinds.append(pl.DataFrame([kind.alias(f"c{at}") for at, (_, kind) in enumerate(columns)]))
    return (pl.concat(cells), pl.concat(kinds)) if cells else (pl.DataFrame(), pl.DataFrame())


def _column(values: Sequence[Any]) -> tuple[pl.Series, pl.Series]:
    types = [type(value) for value in values]
    present = {*types}
    if len(present) == 1:
        (only,) = present
        return _TEXTS[only](values), pl.repeat(_KINDS[only], len(values), dtype=pl.UInt8, eager=True)
    parts = [
        _TEXTS[each]([value if kind is each else None for value, kind in zip(values, types, strict=True)])
        for each in present
    ]
    text = pl.select(pl.coalesce(parts)).to_series()
    return text, pl.Series([_KINDS[each] for each in types], dtype=pl.UInt8)


def _strings(values: Sequence[Any]) -> pl.Series:
    text = pl.Series(values, dtype=pl.String)
    return pl.select(pl.when(text != "").then(text)).to_series()


def _integers(values: Sequence[Any]) -> pl.Series:
    return pl.Series(values, dtype=pl.Int64).cast(pl.String)


def _floats(values: Sequence[Any]) -> pl.Series:
    number = pl.Series(values, dtype=pl.Float64)
    whole = (number == number.round()) & (number.abs() < _WHOLE)
    # Rounding multiplies, which is exact for small numbers alone.
    rounded = number.round(_DECIMALS)
    text = pl.select(
        pl.when(whole | ((rounded == rounded.round()) & (number.abs() < _ROUNDED)))
        .then(number.round().cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(rounded.cast(pl.String))
    ).to_series()
    unusual = text.str.contains("e", literal=True) | (~whole & (number.abs() >= _ROUNDED))
    places = unusual.fill_null(value=False).arg_true()
    return text.scatter(places, [_in_full(number[at]) for at in places]) if len(places) else text


def _in_full(number: float) -> str:
    """A large or a very small number: in the 15 digits that a spreadsheet keeps, and without a power of ten."""
    if _ROUNDED <= abs(number) < _WHOLE:
        return f"{number:.15g}" if abs(number) < _ALL_DIGITS else f"{number:.0f}"
    return f"{number:.{_DECIMALS}f}".rstrip("0").rstrip(".")


def _booleans(values: Sequence[Any]) -> pl.Series:
    return pl.Series(values, dtype=pl.Boolean).cast(pl.String)


def _days(values: Sequence[Any]) -> pl.Series:
    return pl.Series(values, dtype=pl.Date).dt.to_string("%Y-%m-%d")


def _moments(values: Sequence[Any]) -> pl.Series:
    """Days with a time of day; midnight is no time of day, and parts of a second come from arithmetic."""
    text = pl.Series(values, dtype=pl.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M:%S")
    return text.str.replace(" 00:00:00", "", literal=True)


def _times(values: Sequence[Any]) -> pl.Series:
    return pl.Series(values, dtype=pl.Time).dt.to_string("%H:%M:%S")


def _durations(values: Sequence[Any]) -> pl.Series:
    return pl.Series([None if each is None else _clock(each) for each in values], dtype=pl.String)


def _clock(length: timedelta) -> str:
    seconds = round(length.total_seconds())
    return ("-" if seconds < 0 else "") + clock_of(abs(seconds))


_TEXTS: dict[type, Callable[[Sequence[Any]], pl.Series]] = {
    str: _strings, int: _integers, float: _floats, bool: _booleans, date: _days, datetime: _moments, time: _times,
    timedelta: _durations,
}  # fmt: skip
