"""Parquet and Arrow files: typed columns, given as the text that their values are written as."""

from __future__ import annotations

import io

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import Grid, longest
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, hold

PARQUET, ARROW = b"PAR1", b"ARROW1"
_WHOLE = 2**53
#: Bytes that a cell of text takes at least.
_PLACE = 16


def read_columnar(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Grid:
    """A Parquet or Arrow file as a grid: the names of its columns, then its rows.

    Dates are written as ISO 8601, decimals exactly, whole numbers without a point; null stays null.

    Raises:
        UnreadableFile: The file is damaged, has columns that are no cells, or passes a limit.
    """
    import pyarrow

    try:
        frame = _read(data, limits)
        cells = [_cells(column, number) for number, column in enumerate(frame.get_columns())]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pyarrow.ArrowException, ValueError, OSError):
        raise UnreadableFile(
            "The file cannot be opened as a Parquet or Arrow file: it is damaged, or a column is of a kind not read."
        ) from None
    grid = Grid(pl.DataFrame(cells), typed=True)
    hold(longest(grid.cells, limits.cell_characters), limits.cell_characters, "characters in one cell")
    return grid


def _read(data: bytes, limits: Limits) -> pl.DataFrame:
    if data.startswith(PARQUET):
        _hold_parquet(data, limits)
        return pl.read_parquet(io.BytesIO(data))
    _hold_arrow(data, limits)
    return pl.read_ipc(io.BytesIO(data))


def _hold_parquet(data: bytes, limits: Limits) -> None:
    """Rows, columns and bytes are in the file's own description; an error of this library is a ValueError."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
    told = file.metadata
    _hold(told.num_rows, file.schema_arrow.names, limits)
    size = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    hold(size, limits.unpacked_bytes, "bytes once unpacked")


def _hold_arrow(data: bytes, limits: Limits) -> None:
    import pyarrow.ipc

    names = pyarrow.ipc.open_file(io.BytesIO(data)).schema.names
    _hold(0, names, limits)
    # Of a batch only the first column is unpacked to know how many rows it has.
    one = pyarrow.ipc.IpcReadOptions(included_fields=[0])
    reader, rows = pyarrow.ipc.open_file(io.BytesIO(data), options=one), 0
    for number in range(reader.num_record_batches):
        rows += reader.get_batch(number).num_rows
        _hold(rows, names, limits)


def _hold(rows: int, names: list[str], limits: Limits) -> None:
    """Packed columns of one value take next to nothing in a file: what counts is the place that every cell takes."""
    hold(rows, limits.rows, "rows")
    hold(len(names), limits.columns, "columns")
    hold(rows * len(names) * _PLACE, limits.unpacked_bytes, "bytes once unpacked")
    if len(set(names)) < len(names):
        raise UnreadableFile("Two columns of the file have one name: it is not clear which of them counts.")


def _cells(column: pl.Series, number: int) -> pl.Series:
    header = pl.Series([column.name or None], dtype=pl.String)
    return pl.concat([header, _text(column, number)]).alias(f"c{number}")


def _text(column: pl.Series, number: int) -> pl.Series:
    kind = column.dtype
    if kind.is_nested() or kind in (pl.Object, pl.Duration):
        raise UnreadableFile(f"Column {number + 1} of the file holds {kind.base_type()} values, which are no cells.")
    if kind == pl.Binary:
        column = _of_bytes(column, number)
    elif kind.is_float():
        whole = (column == column.round()) & (column.abs() < _WHOLE)
        return _either(whole, column.cast(pl.Int64, strict=False).cast(pl.String), column.cast(pl.String))
    elif kind == pl.Datetime:
        # A day comes with midnight from libraries that know no days; a fraction of a second only where there is one.
        column = column.dt.to_string("%Y-%m-%d %H:%M:%S%.f" + ("%:z" if getattr(kind, "time_zone", None) else ""))
        column = column.str.replace(r"\.0+$", "").str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "$1")
    text = column.cast(pl.String)
    return _either(text != "", text, pl.Series([None], dtype=pl.String))


def _of_bytes(column: pl.Series, number: int) -> pl.Series:
    try:
        return column.cast(pl.String, strict=True)
    except pl.exceptions.PolarsError:
        raise UnreadableFile(f"Column {number + 1} of the file holds bytes that are no text in UTF-8.") from None


def _either(when: pl.Series, then: pl.Series, otherwise: pl.Series) -> pl.Series:
    return pl.select(pl.when(when).then(then).otherwise(otherwise)).to_series()
