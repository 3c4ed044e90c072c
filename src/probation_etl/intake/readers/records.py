"""Reads the records of delimited text strictly, without loss, and counts the cells of each.

Python's own reader in strict mode refuses stray quotation marks. Records with too many or too few cells are not padded
silently: their number of cells is kept, so that each can be reported.
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import Grid, longest
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit

#: Records that are turned into columns at a time: Python's lists take many times the memory of columns.
_CHUNK = 20_000
#: The length of a cell is limited by one setting for the whole process: it is set while a text is read, then restored.
_CELL_LENGTH = threading.RLock()
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'"[^"]*"')


def read_records(text: str, delimiter: str, limits: Limits = DEFAULT_LIMITS) -> Grid:
    """Reads the records of a text as a grid: fast where the result is proved to be right, and strictly elsewhere.

    Args:
        text: The whole text.
        delimiter: What separates cells.
        limits: How much is read.

    Raises:
        UnreadableFile: A quotation mark is not closed or is in the wrong place, or the text is too large.
    """
    proved = _read_proved(text, delimiter, limits)
    return proved if proved is not None else _read_strictly(text, delimiter, limits)


def _read_proved(text: str, delimiter: str, limits: Limits) -> Grid | None:
    """Reads plain text at full speed, if every record provably has as many cells as the first.

    The fast reader refuses a record with too many cells but silently pads a short one. So its result is used only if
    the delimiters add up to records × (cells − 1), no cell is quoted, no line is blank, and all lines end alike.
    """
    separator = delimiter.encode()
    if len(separator) != 1 or text.startswith("\ufeff") or not _is_plain(text):
        return None
    data = text.replace("\r\n", "\n").encode()
    lines, width = data.count(b"\n"), data[: data.index(b"\n")].count(separator) + 1
    check_limit(lines, limits.rows, "rows")
    check_limit(width, limits.columns, "columns")
    blank = data.startswith(b"\n") or b"\n\n" in data
    if width == 1 or blank or data.count(separator) != lines * (width - 1):
        return None
    return _read_fast(data, delimiter, (lines, width), limits)


def _is_plain(text: str) -> bool:
    return '"' not in text and text.endswith("\n") and text.count("\r") == text.count("\r\n")


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


def _read_strictly(text: str, delimiter: str, limits: Limits) -> Grid:
    """Reads record by record, by the rules of RFC 4180."""
    chunks: list[pl.DataFrame] = []
    widths: list[int] = []
    records: list[list[str]] = []
    with _longest_cell(limits.cell_characters):
        for record in _records(text, delimiter, limits, widths):
            records.append(record)
            widths.append(_width(record, delimiter))
            if len(records) == _CHUNK:
                chunks.append(_chunk(chunks, records, widths, limits))
                records = []
    chunks.append(_chunk(chunks, records, widths, limits))
    # A chunk of blank lines has no column, so its rows would be lost: every chunk is widened to the widest.
    width = max(chunk.width for chunk in chunks)
    cells = pl.concat([_widened(chunk, width) for chunk in chunks])
    return Grid(cells.drop("row"), widths=pl.Series("width", widths, dtype=pl.Int64))


def _width(record: list[str], delimiter: str) -> int:
    """Number of cells of a record; where it swallowed other records, the number of cells of all of them.

    A stray quotation mark at the beginning of a cell, and another at the end of a cell some lines below, turn several
    records into one with the expected number of cells. The lines inside its cell then have exactly the delimiters that
    would make each line a record; those of a genuine text of several lines do not.
    """
    width = len(record)
    for place, cell in enumerate(record):
        lines = _LINE_ENDS.split(cell)
        if width > 1 and len(lines) > 1:
            taken = [line.count(delimiter) for line in lines]
            if taken == [width - 1 - place, *([width - 1] * (len(lines) - 2)), place]:
                return width * len(lines)
    return width


def _records(text: str, delimiter: str, limits: Limits, widths: list[int]) -> Iterator[list[str]]:
    lines = _lines(text, delimiter, limits)
    try:
        for record in csv.reader(lines, delimiter=delimiter, strict=True):
            check_limit(len(widths) + 1, limits.rows, "rows")
            check_limit(len(record), limits.columns, "columns")
            yield record
    except csv.Error as error:
        raise _refusal(len(widths) + 1, limits, too_long="field larger" in str(error)) from None


def _lines(text: str, delimiter: str, limits: Limits) -> Iterator[str]:
    """Yields lines; one with too many delimiters is refused before it becomes a list of many times its size."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > limits.columns:
            outside = _QUOTED.sub("", line).count(delimiter)
            check_limit(outside + 1, limits.columns, f"columns in line {number:,}")
        yield line


def _refusal(record: int, limits: Limits, *, too_long: bool) -> UnreadableFile:
    # The library's message contains no cell values, but counts lines: a quoted cell can span several of them.
    if too_long:
        longest = f"{limits.cell_characters:,}"
        text = f"Record {record} has a cell of more than {longest} characters; at most {longest} are read. "
        return UnreadableFile(text + "Perhaps a quotation mark does not close.", code="too-large")
    return UnreadableFile(f"A quotation mark is wrong in record {record}, or does not close after it.")


def _columns(records: list[list[str]]) -> pl.DataFrame:
    """The records as columns, with a column of row numbers that preserves blank lines."""
    width = max(map(len, records), default=0)
    padded = [record if len(record) == width else record + [""] * (width - len(record)) for record in records]
    columns = zip(*padded, strict=True) if width else ()
    texts = [pl.Series(f"c{number}", column, dtype=pl.String) for number, column in enumerate(columns)]
    rows = pl.Series("row", range(len(records)), dtype=pl.UInt32)
    return pl.DataFrame([rows, *texts]).with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))


def _widened(chunk: pl.DataFrame, width: int) -> pl.DataFrame:
    missing = range(chunk.width - 1, width - 1)
    return chunk.with_columns(pl.lit(None, dtype=pl.String).alias(f"c{number}") for number in missing)


def _chunk(chunks: list[pl.DataFrame], records: list[list[str]], widths: list[int], limits: Limits) -> pl.DataFrame:
    """The next columns; refused where one broken record with very many cells would widen all the others."""
    widest = max([*(chunk.width - 1 for chunk in chunks), *map(len, records)], default=0)
    padded, real = widest * len(widths), sum(widths)
    if padded > limits.cells and padded > 10 * real:
        raise UnreadableFile(
            f"Record {widths.index(widest) + 1} has {widest:,} cells, many times more than the others: as a table the "
            f"file would have {padded:,} cells, at most {limits.cells:,} are read.",
            code="too-large",
        )
    return _columns(records)


@contextmanager
def _longest_cell(characters: int) -> Iterator[None]:
    with _CELL_LENGTH:
        before = csv.field_size_limit(characters)
        try:
            yield
        finally:
            csv.field_size_limit(before)
