"""Reads CSV as its contract says, or as it is found to be, with a warning."""

from __future__ import annotations

from dataclasses import replace

from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.delimiters import delimiter_of
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.encodings import decode
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.records import read_records


def read_csv(data: bytes, *, delimiter: str = ",", encoding: str = "UTF-8", limits: Limits = DEFAULT_LIMITS) -> Grid:
    """The records of a CSV file as text.

    Args:
        data: The whole file.
        delimiter: The contract's delimiter.
        encoding: The contract's encoding. A byte order mark is removed.
        limits: How much is read at most.

    Raises:
        UnreadableFile: The encoding cannot be determined or changes within the file, the file contains a NUL, or it is too
            large.
    """
    text = decode(data, encoding)
    found, findings = delimiter_of(text.text, delimiter)
    dialect = Dialect(found, longest=limits.cell_characters)
    return replace(read_records(text.text, dialect, limits), findings=(*text.findings, *findings))
