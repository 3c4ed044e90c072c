"""Reads text in which columns stand at fixed places, as their contract says."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from probation_etl.intake.readers.base import BLANKS, Grid
from probation_etl.intake.readers.encodings import decode
from probation_etl.intake.readers.limits import Limits, check_limit
from probation_etl.intake.readers.long_lines import check_lines

_LINE_ENDS = re.compile(r"\r\n|\n|\r")


def read_fixed_width(data: bytes, places: Sequence[tuple[int, int]], *, encoding: str, limits: Limits) -> Grid:
    """The lines of a text, each cut into cells; blanks around them are filling.

    What stands behind the last place is a cell too many, so that its line is no row as agreed.

    Args:
        data: The whole file.
        places: The first and the last character of each column, from 1.
        encoding: The contract's encoding.
        limits: How much is read.

    Raises:
        UnreadableFile: The encoding cannot be determined, or the file is too large.
    """
    check_lines(data, limits)
    text = decode(data, encoding)
    lines = _LINE_ENDS.split(text.text)
    lines = lines[:-1] if not lines[-1] else lines
    check_limit(len(lines), limits.rows, "rows")
    check_limit(
        max((last - first + 1 for first, last in places), default=0), limits.cell_characters, "characters in one cell"
    )
    line, end = pl.Series(lines, dtype=pl.String), max(last for _, last in places)
    cells = [_cell(line.str.slice(first - 1, last - first + 1)) for first, last in places]
    beyond = _cell(line.str.slice(end))
    widths = beyond.is_not_null().cast(pl.Int64) + len(places)
    cells += [beyond] if beyond.count() else []
    return Grid(
        pl.DataFrame([each.alias(f"c{at}") for at, each in enumerate(cells)]), widths=widths, findings=text.findings
    )


def _cell(text: pl.Series) -> pl.Series:
    cell = text.str.strip_chars(BLANKS)
    return cell.zip_with(cell != "", cell.clear().extend_constant(None, len(cell)))
