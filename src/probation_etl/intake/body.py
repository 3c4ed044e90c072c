"""What stands below a header: how much of each row is filled, and which rows have to be looked at closely."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.made_once import made_once
from probation_etl.contracts.model import Contract
from probation_etl.discreet import Discreet
from probation_etl.intake import row_texts as texts
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.few_texts import is_short, positions_with
from probation_etl.intake.header_texts import headers_of
from probation_etl.intake.left_out import BY_ENTRY, LeavingOut
from probation_etl.intake.readers import BLANKS

#: Rows below the header that may tell how to fill in the columns.
INSTRUCTIONS_WITHIN = 3


@dataclass(frozen=True)
class Body(Discreet):
    """All rows below a header, blank ones included.

    Attributes:
        first_row: The first of them, as a person sees it.
        filled: Number of filled cells of each; 0 for those that the contract leaves out.
        left: For each the number of the entry of the contract that leaves it out, from 1; 0 for all others.
        suspects: Positions of those that may be something else than data, in their order.
        cells: Gives the cells of such a row, by its position.
        with_data: Places of the columns in which there is anything.
        numbers: The number of each as a person sees it; None where they follow one another.
    """

    first_row: int
    filled: pl.Series
    left: pl.Series
    suspects: Sequence[int]
    cells: Callable[[int], Sequence[str | None]]
    with_data: frozenset[int]
    numbers: pl.Series | None = None

    @classmethod
    def of(cls, cells: pl.DataFrame, columns: Columns, first_row: int, numbers: pl.Series | None = None) -> Body:
        """Rows that are in memory."""
        rows = pl.int_range(first_row, first_row + cells.height, eager=True) if numbers is None else numbers
        filled, left = data_cells(cells, rows, LeavingOut(columns))
        with_data = frozenset(at for at, each in enumerate(cells.iter_columns()) if each.null_count() < cells.height)
        found = {*suspects(cells, filled, columns), *beginning(filled)}
        return cls(first_row, filled, left, sorted(found), cells.row, with_data, numbers)

    def row(self, at: int) -> int:
        """The number of a row as a person sees it, by its position."""
        return self.first_row + at if self.numbers is None else int(self.numbers[at])

    def blank_above(self, end: int) -> int:
        """The number of blank rows above a position."""
        return int(((self.filled.head(end) == 0) & (self.left.head(end) == 0)).sum())


def beginning(filled: pl.Series) -> list[int]:
    """Positions of the first rows with anything in them, by the number of filled cells of each."""
    return (filled > 0).arg_true().head(INSTRUCTIONS_WITHIN + 1).to_list()


def data_cells(cells: pl.DataFrame, rows: pl.Series, leaving: LeavingOut) -> tuple[pl.Series, pl.Series]:
    """Number of filled cells of each row, 0 for those that the contract leaves out; and which entry of it does.

    Args:
        cells: The next rows of a table.
        rows: Their numbers as a person sees them.
        leaving: Tells them.
    """
    filled = filled_cells(cells)
    if leaving.is_idle:
        return filled, pl.repeat(0, cells.height, dtype=BY_ENTRY, eager=True)
    left = leaving.of(cells, rows)
    left = left.zip_with(filled > 0, left.clear().extend_constant(0, len(left)))
    return filled.zip_with(left == 0, filled.clear().extend_constant(0, len(filled))), left


def filled_cells(cells: pl.DataFrame) -> pl.Series:
    """Number of filled cells of each row."""
    # A blank cell begins with what sorts before the printable characters of ASCII, or after them: most columns have no such cell.
    perhaps_blank = cells.select(((pl.all() < "!") | (pl.all() > "~")).any())
    filled, full = [], 0
    for each, perhaps in zip(cells.iter_columns(), perhaps_blank.row(0), strict=True):
        if perhaps:
            filled.append(pl.col(each.name).str.strip_chars(BLANKS) != "")
        elif each.null_count():
            filled.append(pl.col(each.name).is_not_null())
        else:
            full += 1
    number = pl.repeat(full, cells.height, dtype=pl.UInt32)
    return cells.select(filled=pl.sum_horizontal(number, *filled))["filled"]


def suspects(cells: pl.DataFrame, filled: pl.Series, columns: Columns) -> set[int]:
    """Positions of the rows that may be something else than data, wherever they stand, found without looking at each row."""
    written = (text for line in columns.lines for text in line if text)
    headers = {*_squashed_headers(columns.contract), *map(_squashed, written)} - {""}
    first_columns = cells.select(pl.col(f"c{at}") for at in sorted(columns.places.values())[:2])
    found = [(filled == 1).arg_true(), *positions_with(texts.PERHAPS_ASIDE, first_columns[:, :1]).values()]
    return {at for positions in (*found, *_headers_again(first_columns, headers)) for at in positions}


def _headers_again(cells: pl.DataFrame, headers: Set[str]) -> list[pl.Series]:
    """By column, the positions of the cells with the text of a header, whatever is between its letters and digits."""
    in_none = "".join(sorted({*"0123456789"} - {sign for each in headers for sign in each}))
    cell = pl.all()
    # Most cells of a long column have a digit that no header has.
    perhaps = pl.when(~cell.str.contains(f"[{in_none}]")).then(cell) if in_none and not is_short(cells[:, 0]) else cell
    squashed = perhaps.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    return [each.arg_true() for each in cells.select(squashed.is_in(list(headers))).iter_columns()]


@made_once
def _squashed_headers(contract: Contract) -> frozenset[str]:
    return frozenset(map(_squashed, headers_of(contract)))


def _squashed(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
