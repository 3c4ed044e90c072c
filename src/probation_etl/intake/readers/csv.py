"""Reads CSV as its contract says, or as it is found to be, with a warning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from probation_etl.contracts.findings import Finding, make
from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.delimiters import delimiter_of, in_words
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.encodings import decode
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.long_lines import check_lines
from probation_etl.intake.readers.quotation import quotation_of
from probation_etl.intake.readers.records import read_records

_AGREED = '"'


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
    check_lines(data, limits)
    text = decode(data, encoding)
    usual = Dialect(delimiter_of(text.text, delimiter), longest=limits.cell_characters)
    dialect = quotation_of(text.text, usual)
    return replace(
        read_records(text.text, dialect, limits), findings=(*text.findings, *dialect_findings(dialect, delimiter))
    )


def dialect_findings(dialect: Dialect, declared: str) -> Iterator[Finding]:
    """Warnings where cells are set apart otherwise than agreed."""
    if dialect.delimiter != declared or dialect.blanks:
        found = f"{in_words(dialect.delimiter)}{' and a blank' if dialect.blanks else ''}"
        yield make("wrong-delimiter", value=found, expected=in_words(declared), severity="warning")
    if dialect.quote != _AGREED:
        yield make("wrong-quotation-mark", value=dialect.quote, expected=_AGREED, severity="warning")
