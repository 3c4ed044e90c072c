"""Reads Parquet and Arrow files: the values of their typed columns, written as text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.columnar_texts import check_texts, grid_of
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit

_PARQUET, _ARROW = b"PAR1", b"ARROW1"
#: The least number of bytes that a cell of text takes.
_PLACE = 16
#: Cells of a piece of a long file: some two hundred thousand rows.
CELLS_AT_A_TIME = 1 << 21
#: Cells of a Parquet file that are held together: those of a text of some 128 MB.
MANY_CELLS = 1 << 24
#: Rows of a piece at least, so that a header is found in the first.
_LEAST_ROWS = 128
#: Bytes of a column that are read at a time.
_BUFFER = 1 << 20


def is_columnar(data: bytes) -> bool:
    """Whether a file is Parquet or Arrow."""
    return data.startswith((_PARQUET, _ARROW))


def is_parquet(data: bytes) -> bool:
    """Whether a file is Parquet, whose values are packed."""
    return data.startswith(_PARQUET)


def read_columnar(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Grid:
    """A Parquet or Arrow file as a grid: the names of its columns, then its rows.

    Dates are written as ISO 8601, decimals exactly, and whole numbers without a decimal point; null stays null.

    Raises:
        UnreadableFile: The file is damaged, too large, or has columns of values that are not cells, such as lists.
    """
    with _told():
        frame = _read(data, limits)
        check_texts(frame, 0, limits.unpacked_bytes)
        return grid_of(frame, limits).whole()


def has_many_cells(data: bytes, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether a Parquet file, however small, has more cells than are held together, or more rows than a file that is read as a whole.

    Raises:
        UnreadableFile: The file is damaged.
    """
    if not is_parquet(data):
        return False
    with _told():
        import pyarrow.parquet

        found = pyarrow.parquet.read_metadata(io.BytesIO(data))
        return bool(found.num_rows > limits.rows or found.num_rows * found.num_columns > MANY_CELLS)


def columnar_pieces(file: IO[bytes], limits: Limits = DEFAULT_LIMITS) -> Iterator[Grid]:
    """The same piece by piece, however long row groups and record batches are; above the rows of the first are the names.

    Args:
        file: The file, which can be read anywhere.
        limits: How much is read; there may be as much text as in a CSV file that is read in pieces.

    Yields:
        Grids with :attr:`Grid.column_kinds`; at least one.

    Raises:
        UnreadableFile: As of :func:`read_columnar`.
    """
    with _told():
        begin = file.read(len(_ARROW))
        size, is_first = 0, True
        for frame in _parquet_frames(file, limits) if is_parquet(begin) else _arrow_frames(file, limits):
            size = check_texts(frame, size, limits.file_bytes)
            yield grid_of(frame, limits, is_first=is_first)
            is_first = False


@contextmanager
def _told() -> Iterator[None]:
    """Inside, what the libraries say of a damaged file is said in our words; errors of one of them are of type ValueError."""
    import pyarrow

    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pyarrow.ArrowException, ValueError, OSError):
        raise UnreadableFile(
            "The file cannot be opened as a Parquet or Arrow file: it is damaged, or a column is of a kind not read."
        ) from None


def _read(data: bytes, limits: Limits) -> pl.DataFrame:
    if is_parquet(data):
        _check_parquet(data, limits)
        return pl.read_parquet(io.BytesIO(data))
    _check_arrow(data, limits)
    return pl.read_ipc(io.BytesIO(data))


def _parquet_frames(file: IO[bytes], limits: Limits) -> Iterator[pl.DataFrame]:
    import pyarrow
    import pyarrow.parquet

    opened = pyarrow.parquet.ParquetFile(file, buffer_size=_BUFFER, pre_buffer=False)
    names = opened.schema_arrow.names
    _check_shape(opened.metadata.num_rows, names, limits)
    # What the other library makes of the whole: it takes some kinds of times for others.
    file.seek(0)
    schema = pl.read_parquet_schema(file)
    size = 0
    for batch in opened.iter_batches(_rows_at_a_time(names), use_threads=False):
        for field, column in zip(batch.schema, batch.columns, strict=True):
            size = _checked_dictionary(field, [column], size, limits.file_bytes)
        frame = pl.from_arrow(pyarrow.Table.from_batches([batch]))
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 -- for the types: of a table comes a frame
        yield frame.cast({name: kind for name, kind in schema.items() if kind != frame.schema[name]})
    if not opened.metadata.num_rows:
        yield pl.DataFrame(schema=schema)


def _arrow_frames(file: IO[bytes], limits: Limits) -> Iterator[pl.DataFrame]:
    import pyarrow.ipc

    file.seek(0)
    opened = pyarrow.ipc.open_file(file)
    names, step = opened.schema.names, _rows_at_a_time(opened.schema.names)
    _check_shape(0, names, limits)
    waiting, rows, before = list[Any](), 0, 0
    for number in range(opened.num_record_batches):
        batch = opened.get_batch(number)
        _check_shape(before + rows + batch.num_rows, names, limits)
        for at in range(0, batch.num_rows, step):
            part = batch.slice(at, step)
            if waiting and rows + part.num_rows > step:
                yield _as_it_is_read(opened.schema, waiting)
                waiting, rows, before = [], 0, before + rows
            waiting.append(part)
            rows += part.num_rows
    if waiting or not before:
        yield _as_it_is_read(opened.schema, waiting)


def _as_it_is_read(schema: Any, batches: Iterable[Any]) -> pl.DataFrame:
    """Some rows as the other library would read them in a file of their own."""
    import pyarrow.ipc

    target = io.BytesIO()
    with pyarrow.ipc.new_file(target, schema) as writer:
        for each in batches:
            writer.write_batch(each)
    return pl.read_ipc(target.getvalue())


def _rows_at_a_time(names: list[str]) -> int:
    return max(_LEAST_ROWS, CELLS_AT_A_TIME // max(1, len(names)))


def _check_parquet(data: bytes, limits: Limits) -> None:
    """Takes rows, columns and bytes from the file's metadata."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
    metadata = file.metadata
    _check_size(metadata.num_rows, file.schema_arrow.names, limits)
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    check_limit(size, limits.unpacked_bytes, "bytes once unpacked")
    size = 0
    for field in file.schema_arrow:
        if _has_dictionary(field):
            chunks = file.read([field.name]).column(0).chunks
            size = _checked_dictionary(field, chunks, size, limits.unpacked_bytes)


def _checked_dictionary(field: Any, chunks: Iterable[Any], size: int, most: int) -> int:
    """Checks the bytes of texts that are kept by their number: the other library looks at each as often as it is named."""
    import pyarrow.compute

    for part in chunks if _has_dictionary(field) else ():
        lengths = pyarrow.compute.binary_length(part.dictionary).cast("int64").take(part.indices)
        size += pyarrow.compute.sum(lengths).as_py() or 0
        check_limit(size, most, "bytes of text")
    return size


def _has_dictionary(field: Any) -> bool:
    """Whether a column holds texts, kept by their number."""
    import pyarrow

    tests = (
        pyarrow.types.is_string,
        pyarrow.types.is_large_string,
        pyarrow.types.is_binary,
        pyarrow.types.is_large_binary,
    )
    return pyarrow.types.is_dictionary(field.type) and any(test(field.type.value_type) for test in tests)


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
    _check_shape(rows, names, limits)
    check_limit(rows * len(names) * _PLACE, limits.unpacked_bytes, "bytes once unpacked")


def _check_shape(rows: int, names: list[str], limits: Limits) -> None:
    check_limit(rows, limits.rows, "rows")
    check_limit(len(names), limits.columns, "columns")
    if len(set(names)) < len(names):
        raise UnreadableFile("Two columns of the file have one name: it is not clear which of them counts.")
