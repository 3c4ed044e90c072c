"""CSV files: strict, never lossy, and the number of cells of every record is kept.

The reader of Python's standard library in strict mode refuses stray quotation marks; records with too many or too few
cells are not padded in silence but counted, so that they can be reported one by one.
"""

from __future__ import annotations

import codecs
import csv
import io

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.readers.base import Grid

#: A cell may be as long as a spreadsheet allows, and then some.
csv.field_size_limit(1_000_000)


def read_csv(data: bytes, *, delimiter: str = ",", encoding: str = "UTF-8") -> Grid:
    """The records of a CSV file as text.

    Args:
        data: The whole file.
        delimiter: The contract's delimiter.
        encoding: The contract's encoding. A byte order mark of UTF-8 is taken off.

    Raises:
        UnreadableFile: The bytes are not of the encoding, a quotation mark does not close, or a NUL is in the file.
    """
    text = _decode(data, encoding)
    proved = _read_proved(text, delimiter)
    if proved is not None:
        return proved
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        # The library's own words name no cell, but its line number is of no use without ours: quotes span lines.
        raise UnreadableFile(_broken_quotes(text, delimiter)) from error
    return _grid(records)


def _decode(data: bytes, encoding: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not encoding.upper().startswith("UTF-16"):
        raise UnreadableFile(f"The file is UTF-16 where {encoding} is expected: save it again as {encoding}.")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"The file is not {encoding}: line {line} holds bytes that mean nothing there. Save it again as {encoding}."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnreadableFile(f"Line {line} holds a NUL character: this is not a text file, or it is damaged.")
    return text


def _read_proved(text: str, delimiter: str) -> Grid | None:
    """Reads plain text at full speed, once it is proved that every record has the cells of the first.

    The fast reader refuses a record with too many cells and fills up a short one in silence. So it is only believed
    where the delimiters of all records add up, no cell is quoted, and no line is blank or ends in a way of its own.
    """
    if '"' in text or "\r" in text.replace("\r\n", "") or not text.endswith("\n"):
        return None
    data = text.replace("\r\n", "\n").encode()
    lines, width = data.count(b"\n"), data.split(b"\n", 1)[0].count(delimiter.encode()) + 1
    if width == 1 or data.startswith(b"\n") or b"\n\n" in data or data.count(delimiter.encode()) != lines * (width - 1):
        return None
    try:
        cells = pl.read_csv(
            data, has_header=False, separator=delimiter, quote_char=None, infer_schema=False,
            new_columns=[f"c{number}" for number in range(width)],
        )  # fmt: skip
    except pl.exceptions.PolarsError:
        return None
    whole = cells.shape == (lines, width)
    return Grid(cells, widths=pl.repeat(width, lines, dtype=pl.Int64, eager=True)) if whole else None


def _broken_quotes(text: str, delimiter: str) -> str:
    good = 0
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            good += 1
    except csv.Error:
        pass
    return f"A quotation mark is wrong in record {good + 1}, or does not close after it."


def _grid(records: list[list[str]]) -> Grid:
    width = max(map(len, records), default=0)
    padded = [record if len(record) == width else record + [""] * (width - len(record)) for record in records]
    columns = zip(*padded, strict=True) if padded else ()
    cells = pl.DataFrame({f"c{number}": list(column) for number, column in enumerate(columns)}, schema_overrides={})
    empty_as_null = cells.with_columns(pl.when(pl.all() != "").then(pl.all()).name.keep()) if width else cells
    return Grid(empty_as_null, widths=pl.Series("width", [len(record) for record in records], dtype=pl.Int64))
