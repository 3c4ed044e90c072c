"""Reads lines at full speed where every line is proved to be a record of as many cells, and every quoted cell to be one.

The fast reader only splits the text at delimiters and line ends. It refuses a record with too many cells but silently pads a
short one, so the delimiters must add up to records × (cells − 1), unless each record has something in the last column. Then each
cell must be without a quotation mark, or begin and end with the only two that it has: what is between delimiters can be read in no
other way. Delimiters and doubled quotation marks inside a quoted cell are replaced before, by characters that do not occur; what was
replaced lies between two quotation marks, and the proof shows that these are the two ends of a cell.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from probation_etl.intake.readers.base import longest
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.limits import Limits

#: Stand for a delimiter and for a doubled quotation mark inside quotation marks.
_DELIMITER, _DOUBLED = "\x1f", "\x1e"
#: Characters for each quotation mark of a text in which they are few: there it is quicker to look at each of them than at all cells.
_FEW = 1_000


def read_proved(text: str, dialect: Dialect, limits: Limits) -> pl.DataFrame | None:
    """The cells of lines, an empty one null, in columns ``c0``, ``c1`` and so on; None where nothing is proved.

    Args:
        text: Whole lines, the first of which begins a record.
        dialect: How cells are set apart.
        limits: How many characters a cell may have.
    """
    if not text.endswith("\n") or not dialect.delimiter.isascii() or dialect.blanks:
        return None
    if "\r" in text:
        if text.count("\r") != text.count("\r\n"):
            return None
        text = text.replace("\r\n", "\n")
    text = _without_few(text, dialect)
    if text.startswith("\ufeff"):
        return None
    cells = _read(text, dialect, limits)
    if cells is not None or dialect.quote not in text or _DELIMITER in text or _DOUBLED in text:
        return cells
    cells = _read(_replaced(text, dialect), dialect, limits)
    return None if cells is None else _put_back(cells, dialect)


def _read(text: str, dialect: Dialect, limits: Limits) -> pl.DataFrame | None:
    delimiter, quote = dialect.delimiter, dialect.quote
    lines, width = text.count("\n"), text.count(delimiter, 0, text.index("\n")) + 1
    if width == 1:
        return None
    cells = _split(text, delimiter, (lines, width), min(limits.cell_characters, dialect.longest))
    # A record that is too short, or a blank line, has nothing in the last column; else the delimiters need not be counted.
    if cells is None or (cells[:, -1].null_count() and text.count(delimiter) != lines * (width - 1)):
        return None
    return _bare(cells, quote, text.count(quote)) if quote in text else cells


def _split(text: str, delimiter: str, shape: tuple[int, int], most: int) -> pl.DataFrame | None:
    try:
        cells = pl.read_csv(
            text.encode(), has_header=False, separator=delimiter, quote_char=None, infer_schema=False,
            new_columns=[f"c{number}" for number in range(shape[1])],
        )  # fmt: skip
    except pl.exceptions.PolarsError:
        return None
    is_right = cells.shape == shape and (_has_short_lines(text, most) or longest(cells, most) <= most)
    return cells if is_right else None


def _has_short_lines(text: str, most: int) -> bool:
    """Whether no line, and so no cell, can be longer than that: there is a line end in each of the halves that it would cover."""
    half = most // 2
    return half > 0 and all(text.find("\n", at, at + half) >= 0 for at in range(0, len(text) - half + 1, half))


def _without_few(text: str, dialect: Dialect) -> str:
    """A text without its quotation marks, where these are few and all around cells that need none; else as it is."""
    most = len(text) // _FEW
    parts = text.split(dialect.quote, most)
    if not 1 < len(parts) <= most or len(parts) % 2 == 0:
        return text
    inside, outside, ends = parts[1::2], parts[::2], (dialect.delimiter, "\n")
    is_around_cells = (
        not any(end in cell for cell in inside for end in ends)
        and all(each.startswith(ends) for each in outside[1:])
        and all(each.endswith(ends) for each in outside[1:-1])
        and (not outside[0] or outside[0].endswith(ends))
    )
    return "".join(parts) if is_around_cells else text


def _bare(cells: pl.DataFrame, quote: str, marks: int) -> pl.DataFrame | None:
    """The cells without their quotation marks, if all of these are around cells."""
    begun = cells.select(pl.all().str.starts_with(quote).any())
    some = [each.name for each in begun.iter_columns() if each.item()]
    if not some:
        return None
    text = pl.col(some).str
    is_quoted = text.starts_with(quote) & text.ends_with(quote) & (text.len_bytes() > 1)
    quoted = cells.select(is_quoted.sum()).row(0)
    if 2 * sum(quoted) != marks:
        return None
    inside = pl.col([name for name, number in zip(some, quoted, strict=True) if number]).str.strip_chars(quote)
    return cells.with_columns(pl.when(inside != "").then(inside))


def _replaced(text: str, dialect: Dialect) -> str:
    delimiter, doubled = dialect.delimiter, 2 * dialect.quote

    def instead(found: re.Match[str]) -> str:
        inside = found[0][1:-1].replace(delimiter, _DELIMITER).replace(doubled, _DOUBLED)
        return f"{dialect.quote}{inside}{dialect.quote}"

    return _to_replace(delimiter, dialect.quote).sub(instead, text)


def _put_back(cells: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    original = pl.all().str.replace_all(_DELIMITER, dialect.delimiter, literal=True)
    return cells.with_columns(original.str.replace_all(_DOUBLED, dialect.quote, literal=True))


@cache
def _to_replace(delimiter: str, quote: str) -> re.Pattern[str]:
    """A quoted cell of one line with a delimiter or a doubled quotation mark in it."""
    end = re.escape(delimiter)
    begin = rf"{quote}(?<![^{end}\n]{quote})[^{quote}{end}\n]*+(?:{end}|{quote}{quote})"
    return re.compile(rf"{begin}(?:[^{quote}\n]|{quote}{quote})*+{quote}(?=[{end}\n])")
