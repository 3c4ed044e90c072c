"""The values of typed columns, written as text: dates as ISO 8601, decimals exactly, whole numbers without a decimal point."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import CellKind, Grid, longest
from probation_etl.intake.readers.limits import Limits, check_limit

_WHOLE = 2**53


def grid_of(frame: pl.DataFrame, limits: Limits, *, is_first: bool = True) -> Grid:
    """The rows of a frame as a grid, below the names of its columns; null stays null.

    Args:
        frame: The rows in their types.
        limits: How long a cell may be.
        is_first: Whether the names of the columns stand above them.

    Raises:
        UnreadableFile: There are values that are not cells, such as lists, or a cell is too long.
        PolarsError: A value cannot be written.
    """
    columns = frame.get_columns()
    above = [[each.name or None] if is_first else [] for each in columns]
    cells = pl.DataFrame([_cells(column, at, above[at]) for at, column in enumerate(columns)])
    check_limit(longest(cells, limits.cell_characters), limits.cell_characters, "characters in one cell")
    return Grid(cells, typed=True, column_kinds=tuple(_kind(each.dtype) for each in columns))


def check_texts(frame: pl.DataFrame, size: int, most: int) -> int:
    """Checks the bytes of all texts before they are copied: a file may hold a text once and name it in every row.

    Args:
        frame: The rows in their types.
        size: Bytes of the texts in the rows before.
        most: How many there may be together.

    Returns:
        The bytes so far.
    """
    for column in frame.get_columns():
        if column.dtype in (pl.Categorical, pl.Enum):
            lengths = column.cat.len_bytes()
        elif column.dtype == pl.String:
            lengths = column.str.len_bytes()
        elif column.dtype == pl.Binary:
            lengths = column.bin.size()
        else:
            continue
        size += int(lengths.cast(pl.Int64).sum())
        check_limit(size, most, "bytes of text")
    return size


def _cells(column: pl.Series, number: int, above: Sequence[str | None]) -> pl.Series:
    return pl.concat([pl.Series(above, dtype=pl.String), _text(column, number)]).alias(f"c{number}")


def _kind(dtype: pl.DataType) -> CellKind:
    """What values of a type are. Integers are texts: unlike the numbers of a spreadsheet, they are their digits at any length."""
    if dtype == pl.Boolean:
        return CellKind.BOOLEAN
    if dtype in (pl.Time, pl.Duration):
        return CellKind.TIME
    if dtype.is_temporal():
        return CellKind.DATE
    return CellKind.NUMBER if dtype.is_float() or dtype.is_decimal() else CellKind.TEXT


def _text(column: pl.Series, number: int) -> pl.Series:
    kind = column.dtype
    if kind.is_nested() or kind == pl.Object:
        raise UnreadableFile(f"Column {number + 1} of the file holds {kind.base_type()} values, which cannot be cells.")
    if kind == pl.Binary:
        column = _of_bytes(column, number)
    elif kind.is_float():
        whole = (column == column.round()) & (column.abs() < _WHOLE)
        return _either(whole, column.cast(pl.Int64, strict=False).cast(pl.String), column.cast(pl.String))
    elif kind == pl.Duration:
        column = column.dt.to_string("iso")
    elif kind == pl.Datetime:
        # Libraries without a type for days write them with midnight; fractions of a second are kept where there are any.
        column = column.dt.to_string("%Y-%m-%d %H:%M:%S%.f" + ("%:z" if getattr(kind, "time_zone", None) else ""))
        column = column.str.replace(r"\.0+$", "").str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "$1")
    text = column.cast(pl.String)
    return _either(text != "", text, pl.Series([None], dtype=pl.String))


def _of_bytes(column: pl.Series, number: int) -> pl.Series:
    try:
        return column.cast(pl.String, strict=True)
    except pl.exceptions.PolarsError:
        raise UnreadableFile(f"Column {number + 1} of the file holds bytes that are not UTF-8 text.") from None


def _either(when: pl.Series, then: pl.Series, otherwise: pl.Series) -> pl.Series:
    return pl.select(pl.when(when).then(then).otherwise(otherwise)).to_series()
