"""Cells that the library does not read as the file says them, and how they are put into its grid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import polars as pl

from probation_etl.intake.readers.base import CellKind, Grid

#: What a spreadsheet shows for an error, by its code in the binary formats.
ERROR_OF_CODE = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
UNKNOWN_ERROR = "#ERROR!"
#: What the library reads as a moment; everything else it takes for text.
_READ = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?)?")
_ZONE = r"(?:Z|[+-]\d{2}(?::?\d{2})?)?"
_MOMENT = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})(?:[T ](\d{{2}}:\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?)?{_ZONE}")
_CLOCK = re.compile(rf"T?(\d{{2}}:\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?{_ZONE}")
_DURATION = re.compile(r"(-?)P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]\d+)?S)?)?")


class Mark(NamedTuple):
    """A block of equal cells: row and column of the first from 0, the size of the block, its text and its kind."""

    row: int
    column: int
    rows: int
    columns: int
    text: str
    kind: CellKind = CellKind.ERROR


def is_read(written: str) -> bool:
    """Whether the library reads a date that is stored as text; it takes some forms, and days that are none, for text."""
    if not _READ.fullmatch(written):
        return False
    try:
        return datetime.fromisoformat(written) is not None
    except ValueError:
        return False


def moment(written: str) -> tuple[str, CellKind]:
    """Text and kind of a date, a time of day or a duration that is stored as ISO 8601.

    A day with midnight is a day; what is not understood is kept as it is, and is a date that no parser reads.
    """
    written = written.strip()
    if found := _MOMENT.fullmatch(written):
        clock = f"{found[2] or '00:00'}:{found[3] or '00'}"
        return found[1] if clock == "00:00:00" else f"{found[1]} {clock}", CellKind.DATE
    if found := _CLOCK.fullmatch(written):
        return f"{found[1]}:{found[2] or '00'}", CellKind.TIME
    if (found := _DURATION.fullmatch(written)) and any(found.groups()[1:]):
        days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
        return found[1] + clock_of(days * 86_400 + hours * 3_600 + minutes * 60 + seconds), CellKind.TIME
    return written, CellKind.DATE


def clock_of(seconds: int) -> str:
    """A duration as a spreadsheet shows it, in hours that may be more than 24."""
    return f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def with_marks(grid: Grid, marks: Sequence[Mark]) -> Grid:
    """The grid with the cells that were found in the parts of the file; it grows where they lie beyond its edge."""
    if not marks:
        return grid
    grid = _wide_enough(grid, marks)
    columns: dict[int, tuple[list[int], list[str], list[int]]] = {}
    for mark in marks:
        begin = mark.column - grid.first_column
        for at in range(begin, begin + mark.columns):
            places, texts, kinds = columns.setdefault(at, ([], [], []))
            places += range(mark.row, mark.row + mark.rows)
            texts += [mark.text] * mark.rows
            kinds += [mark.kind] * mark.rows
    cells, of_kind = grid.cells.get_columns(), _kinds(grid).get_columns()
    for at, (places, texts, kinds) in columns.items():
        cells[at] = cells[at].scatter(places, texts)
        of_kind[at] = of_kind[at].scatter(places, kinds)
    return replace(grid, cells=pl.DataFrame(cells), kinds=pl.DataFrame(of_kind))


def _kinds(grid: Grid) -> pl.DataFrame:
    if grid.kinds is not None:
        return grid.kinds
    return pl.DataFrame({name: _filled(CellKind.TEXT, grid.cells.height, pl.UInt8()) for name in grid.cells.columns})


def _filled(value: int | None, rows: int, kind: pl.DataType) -> pl.Series:
    return pl.repeat(value, rows, dtype=kind, eager=True)


def _wide_enough(grid: Grid, marks: Sequence[Mark]) -> Grid:
    """The grid, with empty rows and columns added so that every mark lies in it."""
    begin, end = min(mark.column for mark in marks), max(mark.column + mark.columns for mark in marks)
    height = max(grid.cells.height, *(mark.row + mark.rows for mark in marks))
    before = 0
    if grid.cells.width:
        begin, end = min(begin, grid.first_column), max(end, grid.first_column + grid.cells.width)
        before = grid.first_column - begin
    if (height, end - begin) == grid.cells.shape:
        return grid
    cells = _padded(grid.cells, height, before, end - begin, None, pl.String())
    kinds = _padded(_kinds(grid), height, before, end - begin, CellKind.TEXT, pl.UInt8())
    return replace(grid, cells=cells, kinds=kinds, first_column=begin)


def _padded(
    frame: pl.DataFrame, height: int, before: int, width: int, fill: int | None, kind: pl.DataType
) -> pl.DataFrame:
    empty = _filled(fill, height, kind)
    below = empty.slice(0, height - frame.height)
    whole = [pl.concat([column, below]) for column in frame.iter_columns()]
    columns = [empty] * before + whole + [empty] * (width - before - frame.width)
    return pl.DataFrame([column.alias(f"c{number}") for number, column in enumerate(columns)])
