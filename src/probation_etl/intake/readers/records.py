"""Reads the records of delimited text strictly, without loss, and counts the cells of each.

Records with too many or too few cells are not padded silently: their number of cells is kept, so that each can be reported,
and so is what is wrong with quotation marks.
"""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import MISQUOTED_SCHEMA, Grid, longest
from probation_etl.intake.readers.columns import next_chunk, widened
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit
from probation_etl.intake.readers.misquoted import Record, Recovery

#: Records that are turned into columns at a time: Python's lists take many times the memory of columns.
_CHUNK = 20_000
#: The length of a cell is limited by one setting for the whole process: it is set while a text is read, then restored.
_CELL_LENGTH = threading.RLock()


def read_records(text: str, dialect: Dialect, limits: Limits = DEFAULT_LIMITS) -> Grid:
    """Reads the records of a text as a grid: fast where the result is proved to be right, and strictly elsewhere.

    Args:
        text: The whole text.
        dialect: What separates cells, and what is around them.
        limits: How much is read.

    Raises:
        UnreadableFile: The text is too large.
    """
    proved = _read_proved(text, dialect, limits)
    return proved if proved is not None else _read_strictly(text, dialect, limits)


def _read_proved(text: str, dialect: Dialect, limits: Limits) -> Grid | None:
    """Reads plain text at full speed, if every record provably has as many cells as the first.

    The fast reader refuses a record with too many cells but silently pads a short one. So its result is used only if
    the delimiters add up to records × (cells − 1), no cell is quoted, no line is blank, and all lines end alike.
    """
    separator = dialect.delimiter.encode()
    if len(separator) != 1 or dialect.blanks or text.startswith("\ufeff") or not _is_plain(text, dialect.quote):
        return None
    data = text.replace("\r\n", "\n").encode()
    lines, width = data.count(b"\n"), data[: data.index(b"\n")].count(separator) + 1
    check_limit(lines, limits.rows, "rows")
    check_limit(width, limits.columns, "columns")
    blank = data.startswith(b"\n") or b"\n\n" in data
    if width == 1 or blank or data.count(separator) != lines * (width - 1):
        return None
    return _read_fast(data, dialect.delimiter, (lines, width), limits)


def _is_plain(text: str, quote: str) -> bool:
    return quote not in text and text.endswith("\n") and text.count("\r") == text.count("\r\n")


def _read_fast(data: bytes, delimiter: str, shape: tuple[int, int], limits: Limits) -> Grid | None:
    lines, width = shape
    try:
        cells = pl.read_csv(
            data, has_header=False, separator=delimiter, quote_char=None, infer_schema=False,
            new_columns=[f"c{number}" for number in range(width)],
        )  # fmt: skip
    except pl.exceptions.PolarsError:
        return None
    if cells.shape != shape or longest(cells, limits.cell_characters) > limits.cell_characters:
        return None
    return Grid(cells, widths=pl.repeat(width, lines, dtype=pl.Int64, eager=True))


def _read_strictly(text: str, dialect: Dialect, limits: Limits) -> Grid:
    """Reads record by record, by the rules of RFC 4180."""
    chunks: list[pl.DataFrame] = []
    widths: list[int] = []
    records: list[list[str]] = []
    wrong: list[tuple[int, str, int, int]] = []
    with _longest_cell(limits.cell_characters):
        for cells, misquoted in _records(text, dialect, limits):
            if misquoted is not None:
                wrong.append((len(widths), *misquoted))
            records.append(cells)
            widths.append(len(cells))
            check_limit(len(widths), limits.rows, "rows")
            check_limit(len(cells), limits.columns, "columns")
            if len(records) == _CHUNK:
                chunks.append(next_chunk(chunks, records, widths, limits))
                records = []
    chunks.append(next_chunk(chunks, records, widths, limits))
    # A chunk of blank lines has no column, so its rows would be lost: every chunk is widened to the widest.
    width = max(chunk.width for chunk in chunks)
    table = pl.concat([widened(chunk, width) for chunk in chunks])
    misquoted_rows = pl.DataFrame(wrong, schema=MISQUOTED_SCHEMA, orient="row")
    return Grid(table.drop("row"), widths=pl.Series("width", widths, dtype=pl.Int64), misquoted=misquoted_rows)


@dataclass
class _Span:
    """A part of the text: where it ends, and how far its quotation marks are known to be right."""

    end: int
    good: int = 0


def _records(text: str, dialect: Dialect, limits: Limits) -> Iterator[Record]:
    """The records of a text: by Python's reader as far as their quotation marks are right, else as they can be told apart."""
    recovery = Recovery(text, dialect)
    spans = [_Span(len(text), 0 if dialect.quote in text else len(text))]
    at = row = 0
    while at < len(text):
        while at >= spans[-1].end:
            before = spans.pop().end
            if at > before:
                spans[-1].good = at
        span = spans[-1]
        if at >= span.good:
            span.good = dialect.end_of_good_records(text, at, span.end)
        is_broken = at >= span.good
        for lines, cells in _good_records(text[at : span.good], dialect, limits, row):
            end = at + sum(map(len, lines))
            if len(lines) == 1 or not recovery.has_taken_in(lines, len(cells)):
                row += 1
                yield Record(cells)
            elif len(cells) == recovery.usual:
                yield from recovery.taken_in(lines, row + 1)
                row += len(lines)
            else:
                spans.append(_Span(end, at))
                is_broken = True
                break
            at = end
        if is_broken:
            at, broken = recovery.broken(at, row + 1)
            for number, record in enumerate(broken, start=row + 1):
                _check_length(record, number, limits)
                yield record
            row += len(broken)


def _good_records(text: str, dialect: Dialect, limits: Limits, row: int) -> Iterator[tuple[list[str], list[str]]]:
    """The lines and the cells of records whose quotation marks are right."""
    lines: list[str] = []
    try:
        for cells in csv.reader(_lines(text, lines, dialect, limits), **dialect.options):
            row += 1
            yield lines, cells
            lines.clear()
    except csv.Error:
        # Nothing else can be wrong with them.
        raise _too_long(row + 1, limits) from None


def _lines(text: str, read: list[str], dialect: Dialect, limits: Limits) -> Iterator[str]:
    """Yields lines, and keeps each in ``read``; one with too many delimiters is refused before it becomes a long list."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > limits.columns:
            outside = dialect.without_quoted(line).count(dialect.delimiter)
            check_limit(outside + 1, limits.columns, f"columns in line {number:,}")
        read.append(line)
        yield line


def _check_length(record: Record, row: int, limits: Limits) -> None:
    if any(len(cell) > limits.cell_characters for cell in record.cells):
        raise _too_long(row, limits)


def _too_long(row: int, limits: Limits) -> UnreadableFile:
    longest = f"{limits.cell_characters:,}"
    text = f"Record {row} has a cell of more than {longest} characters; at most {longest} are read. "
    return UnreadableFile(text + "Perhaps a quotation mark does not close.", code="too-large")


@contextmanager
def _longest_cell(characters: int) -> Iterator[None]:
    with _CELL_LENGTH:
        before = csv.field_size_limit(characters)
        try:
            yield
        finally:
            csv.field_size_limit(before)
