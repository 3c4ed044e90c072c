"""Reads Parquet and Arrow files: the values of their typed columns, written as text."""

from __future__ import annotations

import io
from typing import Any

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import CellKind, Grid, longest
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit

_PARQUET, _ARROW = b"PAR1", b"ARROW1"
_WHOLE = 2**53
#: The least number of bytes that a cell of text takes.
_PLACE = 16


def is_columnar(data: bytes) -> bool:
    """Whether a file is Parquet or Arrow."""
    return data.startswith((_PARQUET, _ARROW))


def read_columnar(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Grid:
    """A Parquet or Arrow file as a grid: the names of its columns, then its rows.

    Dates are written as ISO 8601, decimals exactly, and whole numbers without a decimal point; null stays null.

    Raises:
        UnreadableFile: The file is damaged, too large, or has columns of values that are not cells, such as lists.
    """
    import pyarrow

    try:
        frame = _read(data, limits)
        _check_texts(frame, limits)
        cells = [_cells(column, number) for number, column in enumerate(frame.get_columns())]
        kinds = [_kinds(column, number) for number, column in enumerate(frame.get_columns())]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pyarrow.ArrowException, ValueError, OSError):
        raise UnreadableFile(
            "The file cannot be opened as a Parquet or Arrow file: it is damaged, or a column is of a kind not read."
        ) from None
    grid = Grid(pl.DataFrame(cells), typed=True, kinds=pl.DataFrame(kinds))
    check_limit(longest(grid.cells, limits.cell_characters), limits.cell_characters, "characters in one cell")
    return grid


def _read(data: bytes, limits: Limits) -> pl.DataFrame:
    if data.startswith(_PARQUET):
        _check_parquet(data, limits)
        return pl.read_parquet(io.BytesIO(data))
    _check_arrow(data, limits)
    return pl.read_ipc(io.BytesIO(data))


def _check_parquet(data: bytes, limits: Limits) -> None:
    """Takes rows, columns and bytes from the file's metadata; errors of this library are of type ValueError."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
    metadata = file.metadata
    _check_size(metadata.num_rows, file.schema_arrow.names, limits)
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    check_limit(size, limits.unpacked_bytes, "bytes once unpacked")
    _check_dictionaries(file, limits)


def _check_dictionaries(file: Any, limits: Limits) -> None:
    """Checks the bytes of texts that are kept by their number: the other library looks at each as often as it is named."""
    import pyarrow
    import pyarrow.compute

    size = 0
    for field in file.schema_arrow:
        if pyarrow.types.is_dictionary(field.type) and _has_texts(field.type.value_type):
            for part in file.read([field.name]).column(0).chunks:
                lengths = pyarrow.compute.binary_length(part.dictionary).cast("int64").take(part.indices)
                size += pyarrow.compute.sum(lengths).as_py() or 0
                check_limit(size, limits.unpacked_bytes, "bytes of text")


def _has_texts(kind: Any) -> bool:
    import pyarrow

    tests = (
        pyarrow.types.is_string,
        pyarrow.types.is_large_string,
        pyarrow.types.is_binary,
        pyarrow.types.is_large_binary,
    )
    return any(test(kind) for test in tests)


def _check_arrow(data: bytes, limits: Limits) -> None:
    import pyarrow.ipc

    names = pyarrow.ipc.open_file(io.BytesIO(data)).schema.names
    _check_size(0, names, limits)
    # To count the rows of a batch only its first column is unpacked.
    one = pyarrow.ipc.IpcReadOptions(included_fields=[0])
    reader, rows = pyarrow.ipc.open_file(io.BytesIO(data), options=one), 0
    for number in range(reader.num_record_batches):
        rows += reader.get_batch(number).num_rows
        _check_size(rows, names, limits)


def _check_size(rows: int, names: list[str], limits: Limits) -> None:
    """Checks the size in memory: a column with one repeated value takes almost no space in the file."""
    check_limit(rows, limits.rows, "rows")
    check_limit(len(names), limits.columns, "columns")
    check_limit(rows * len(names) * _PLACE, limits.unpacked_bytes, "bytes once unpacked")
    if len(set(names)) < len(names):
        raise UnreadableFile("Two columns of the file have one name: it is not clear which of them counts.")


def _check_texts(frame: pl.DataFrame, limits: Limits) -> None:
    """Checks the bytes of all texts before they are copied: a file may hold a text once and name it in every row."""
    size = 0
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
        check_limit(size, limits.unpacked_bytes, "bytes of text")


def _cells(column: pl.Series, number: int) -> pl.Series:
    header = pl.Series([column.name or None], dtype=pl.String)
    return pl.concat([header, _text(column, number)]).alias(f"c{number}")


def _kinds(column: pl.Series, number: int) -> pl.Series:
    """What the values of a column are, below its header; an empty cell is a text."""
    header = pl.Series([CellKind.TEXT], dtype=pl.UInt8)
    return pl.concat([header, column.is_not_null().cast(pl.UInt8) * _kind(column.dtype)]).alias(f"c{number}")


def _kind(dtype: pl.DataType) -> CellKind:
    """What values of a type are. Integers are texts: unlike the numbers of a spreadsheet, they are their digits at any length."""
    if dtype == pl.Boolean:
        return CellKind.BOOLEAN
    if dtype == pl.Time:
        return CellKind.TIME
    if dtype.is_temporal():
        return CellKind.DATE
    return CellKind.NUMBER if dtype.is_float() or dtype.is_decimal() else CellKind.TEXT


def _text(column: pl.Series, number: int) -> pl.Series:
    kind = column.dtype
    if kind.is_nested() or kind in (pl.Object, pl.Duration):
        raise UnreadableFile(f"Column {number + 1} of the file holds {kind.base_type()} values, which cannot be cells.")
    if kind == pl.Binary:
        column = _of_bytes(column, number)
    elif kind.is_float():
        whole = (column == column.round()) & (column.abs() < _WHOLE)
        return _either(whole, column.cast(pl.Int64, strict=False).cast(pl.String), column.cast(pl.String))
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
