"""What the library may be given as a return: a path, bytes, or a table in memory."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.errors import UsageError
from probation_etl.files import explained
from probation_etl.intake.file_names import BYTES, TABLE
from probation_etl.intake.readers import DEFAULT_LIMITS, Content, Limits, read_content
from probation_etl.paths import on_this_machine


def named_content(source: Any, *, with_folders: bool = False) -> tuple[str, Content]:
    """The name of a source and its content as a file. Of a file that is too large only the hash is taken.

    Args:
        source: A path, bytes, or a table in memory.
        with_folders: Whether the name of a file has those of its folders.

    Raises:
        UsageError: It is nothing of these, or the table cannot be written as a file.
        EnvironmentFailure: The file cannot be read.
    """
    if isinstance(source, bytes):
        return BYTES, Content.of(source)
    if isinstance(source, (str, Path)):
        with explained(f"The file {source} cannot be read"):
            path = on_this_machine(source)
            return path.as_posix() if with_folders else path.name, content_of(path)
    return TABLE, Content.of(_table_in_memory(source))


def content_of(path: Path, limits: Limits = DEFAULT_LIMITS) -> Content:
    """What a file holds. Of a file that is too large only the hash is taken.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        if file.seekable():
            return read_content(file, path.stat().st_size, limits)
        # A pipe has no size and cannot be read twice.
        return Content.of(file.read(limits.of_a_whole.file_bytes + 1))


def _table_in_memory(table: Any) -> bytes:
    """A table as a Parquet file, which preserves its types: dates need no format, decimals lose nothing."""
    kind = type(table).__name__
    if not hasattr(table, "__arrow_c_stream__"):
        raise UsageError(f"A {kind} cannot be validated: give a path, bytes, or a polars, pandas or pyarrow table.")
    buffer = io.BytesIO()
    try:
        frame = table if isinstance(table, pl.DataFrame) else pl.DataFrame(table)
        frame.write_parquet(buffer)
    except (Exception, pl.exceptions.PanicException):  # noqa: BLE001 -- three libraries with errors of their own
        raise UsageError(
            f"The {kind} cannot be validated: two of its columns have one name, or a column holds values of several "
            "types or of one that cannot be a cell."
        ) from None
    return buffer.getvalue()
