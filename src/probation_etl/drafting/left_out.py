"""Rows below a header that are no data: instructions right below it, and totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.model.layouts import LeftOut
from probation_etl.discreet import Discreet
from probation_etl.drafting.headers import is_named_row, names_numbers
from probation_etl.drafting.parts import Part
from probation_etl.intake.readers import BLANKS

_TOTALS = "(grand |sub ?-?)?totals?( .*|:.*)?"


@dataclass(frozen=True)
class LeftOutRows(Discreet):
    """Rows that are left out, and what speaks for it."""

    rule: LeftOut
    why: str


def rows_left_out(parts: Sequence[Part]) -> Iterator[LeftOutRows]:
    """Which rows of the tables are left out."""
    filled = [each for each in parts if each.grid.cells.height > each.row + 2]
    if filled and all(map(_has_instructions, filled)):
        why = f"texts above numbers and days in {len(filled):,} of {len(filled):,} files with rows"
        yield LeftOutRows(LeftOut("instructions", below_header=1), why)
    totals = sum(map(_totals, parts))
    if totals:
        yield LeftOutRows(LeftOut("totals", matches=_TOTALS), f"{totals:,} such rows; are they all no data?")


def _has_instructions(part: Part) -> bool:
    """Whether the row right below the header has texts where those below it have numbers or days."""
    row, *below = _rows(part)
    columns = [(text, [each[at] for each in below if each[at]]) for at, text in enumerate(row) if text]
    above = sum(names_numbers(text, cells) for text, cells in columns)
    return above > 1 and is_named_row(part.grid, part.row + 1)


def _rows(part: Part) -> list[list[str]]:
    cells = part.grid.cells.slice(part.row + 1, 50)
    return [[(cell or "").strip(BLANKS) for cell in row] for row in cells.iter_rows()]


def _totals(part: Part) -> int:
    """How many rows begin with a word for a total."""
    cells = part.grid.cells.slice(part.row + 1)
    first = cells.select(pl.coalesce(pl.all()).alias("first"))["first"]
    return int(first.str.strip_chars(BLANKS).str.contains(f"^(?i:{_TOTALS})$").fill_null(value=False).sum())
