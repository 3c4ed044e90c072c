"""Rows below a header that the contract says are no data: instructions, formulas of a template, totals, end marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from probation_etl.contracts.model import LeftOut
from probation_etl.contracts.patterns import whole_matches
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.hidden import in_groups
from probation_etl.intake.notes import Note
from probation_etl.intake.readers import BLANKS

#: The type of :meth:`LeavingOut.of`.
BY_ENTRY = pl.UInt8()


class LeavingOut:
    """Tells such rows of a table that is seen piece by piece, from its first row on."""

    def __init__(self, columns: Columns) -> None:
        """No row is seen yet."""
        self._columns, self._entries = columns, columns.contract.layout.left_out
        self._all_below = 0

    @property
    def is_idle(self) -> bool:
        """Whether the contract leaves out nothing."""
        return not self._entries

    def of(self, cells: pl.DataFrame, rows: pl.Series) -> pl.Series:
        """For each of the next rows the number of the entry that leaves it out, from 1; 0 for all others.

        Args:
            cells: The rows.
            rows: Their numbers as a person sees them.
        """
        found = pl.repeat(self._all_below, cells.height, dtype=BY_ENTRY, eager=True)
        for number, entry in enumerate(self._entries if not self._all_below else (), start=1):
            here = self._told_by(entry, cells, rows)
            first = here.arg_max() if here.any() else None
            if entry.and_below and first is not None:
                here = pl.int_range(cells.height, eager=True) >= first
                self._all_below = number
            found = found.zip_with((found > 0) | ~here, pl.repeat(number, cells.height, dtype=BY_ENTRY, eager=True))
        return found

    def _told_by(self, entry: LeftOut, cells: pl.DataFrame, rows: pl.Series) -> pl.Series:
        """The rows that an entry tells."""
        places = self._columns.places
        if entry.below_header:
            return rows <= self._columns.header.row + 1 + entry.below_header
        if entry.matches:
            return self._matching(entry, cells)
        named = {at for name, at in places.items() if name in entry.filled_only}
        some = _filled(cells, named)
        return some & ~_filled(cells, set(places.values()) - named)

    def _matching(self, entry: LeftOut, cells: pl.DataFrame) -> pl.Series:
        at = self._columns.places.get(str(entry.column))
        if entry.column is not None and at is None:
            return pl.repeat(value=False, n=cells.height, eager=True)
        cell = (pl.all() if entry.column is None else pl.col(f"c{at}")).str.strip_chars(BLANKS)
        texts = cells.select(pl.coalesce(pl.when(cell != "").then(cell))).to_series()
        matching = whole_matches(entry.matches, texts.drop_nulls().unique())
        return texts.is_in(list(matching - {""})).fill_null(value=False)


def _filled(cells: pl.DataFrame, places: set[int]) -> pl.Series:
    """Whether some of these cells are filled."""
    filled = [pl.col(f"c{at}").str.strip_chars(BLANKS).fill_null("") != "" for at in sorted(places)]
    nowhere = pl.lit(value=False).repeat_by(1).explode()
    return cells.select(filled=pl.any_horizontal(filled)).to_series() if filled else cells.select(nowhere).to_series()


def notes_on(left: pl.Series, row_of: Callable[[int], int], entries: Sequence[LeftOut]) -> Iterator[Note]:
    """What is told of the rows that are left out, for each entry that leaves out any.

    Args:
        left: As from :meth:`LeavingOut.of`, of all rows.
        row_of: The number of each row as a person sees it.
        entries: What the contract leaves out.
    """
    for number, entry in enumerate(entries, start=1):
        rows = [row_of(at) for at in (left == number).arg_true()]
        if rows:
            text = entry.name if len(rows) == 1 else f"{entry.name}: {len(rows):,} rows, {in_groups(rows)}"
            yield Note(rows[0], text, agreed=len(rows))
