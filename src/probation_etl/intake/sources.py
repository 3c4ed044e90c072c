"""What the library may be given as a return: a path, bytes, or a table in memory."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.errors import UsageError
from probation_etl.files import explained
from probation_etl.intake.file_names import BYTES, TABLE
from probation_etl.paths import on_this_machine


def named_bytes(source: Any) -> tuple[str, bytes]:
    """The name of a source and its content as a file.

    Raises:
        UsageError: It is nothing of these, or the table cannot be written as a file.
        EnvironmentFailure: The file cannot be read.
    """
    if isinstance(source, bytes):
        return BYTES, source
    if isinstance(source, (str, Path)):
        with explained(f"The file {source} cannot be read"):
            path = on_this_machine(source)
            return path.name, path.read_bytes()
    return TABLE, _table_in_memory(source)


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
