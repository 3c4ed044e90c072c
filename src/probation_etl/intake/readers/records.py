"""The records of delimited text: strict, never lossy, and the number of cells of every record is kept.

The reader of Python's standard library in strict mode refuses stray quotation marks; records with too many or too few
cells are not padded in silence but counted, so that they can be reported one by one.
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
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, hold

#: Records that become columns at a time: Python's lists take many times the memory of columns.
_CHUNK = 20_000
#: The longest cell is one setting for the whole process: it is set for the time of one reading and put back.
_CELL_LENGTH = threading.RLock()
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'"[^"]*"')


def read_records(text: str, delimiter: str, limits: Limits = DEFAULT_LIMITS) -> Grid:
    """The records of a text as a grid, read fast where that is proved to be right, and strictly elsewhere.

    Args:
        text: The whole text.
        delimiter: What separates cells.
        limits: How much is read.

    Raises:
        UnreadableFile: A quotation mark does not close or stands in the wrong place, or a limit is passed.
    """
    proved = _read_proved(text, delimiter, limits)
    return proved if proved is not None else _read_strictly(text, delimiter, limits)


def _read_proved(text: str, delimiter: str, limits: Limits) -> Grid | None:
    """Reads plain text at full speed, once it is proved that every record has the cells of the first.

    The fast reader refuses a record with too many cells and fills up a short one in silence. So it is only believed
    where the delimiters of all records add up, no cell is quoted, and no line is blank or ends in a way of its own.
    """
    separator = delimiter.encode()
    if len(separator) != 1 or text.startswith("\ufeff") or not _is_plain(text):
        return None
    data = text.replace("\r\n", "\n").encode()
    lines, width = data.count(b"\n"), data[: data.index(b"\n")].count(separator) + 1
    hold(lines, limits.rows, "rows")
    hold(width, limits.columns, "columns")
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
    """Record by record, by the rules of RFC 4180."""
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
    # A chunk of blank lines has no column at all, so its rows would be lost: the widest comes along everywhere.
    width = max(chunk.width for chunk in chunks)
    cells = pl.concat([_widened(chunk, width) for chunk in chunks])
    return Grid(cells.drop("row"), widths=pl.Series("width", widths, dtype=pl.Int64))


def _width(record: list[str], delimiter: str) -> int:
    """Cells of a record; all cells of the lines it was made of, where it was whole records before a cell took them in.

    A quotation mark too many at the beginning of a cell, and one at the end of a cell some lines below, make one record
    of several without changing how many cells it has. A text of several lines is no such thing: its lines do not have
    just as many delimiters as make every line a record.
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
            hold(len(widths) + 1, limits.rows, "rows")
            hold(len(record), limits.columns, "columns")
            yield record
    except csv.Error as error:
        raise _refusal(len(widths) + 1, limits, too_long="field larger" in str(error)) from None


def _lines(text: str, delimiter: str, limits: Limits) -> Iterator[str]:
    """Line by line; a line of delimiters alone would be a list of many times its size."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > limits.columns:
            outside = _QUOTED.sub("", line).count(delimiter)
            hold(outside + 1, limits.columns, f"columns in line {number:,}")
        yield line


def _refusal(record: int, limits: Limits, *, too_long: bool) -> UnreadableFile:
    # The library's own words name no cell, but its line number is of no use without ours: quotes span lines.
    if too_long:
        longest = f"{limits.cell_characters:,}"
        text = f"Record {record} has a cell of more than {longest} characters; at most {longest} are read. "
        return UnreadableFile(text + "Perhaps a quotation mark does not close.", code="too-large")
    return UnreadableFile(f"A quotation mark is wrong in record {record}, or does not close after it.")


def _columns(records: list[list[str]]) -> pl.DataFrame:
    """Columns of text, and one of row numbers that keeps the rows where every line is blank."""
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
    """The next columns, if a single broken record of very many cells does not make all others as wide."""
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
