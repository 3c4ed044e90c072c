"""What every reader returns: a grid of text, with the row and column numbers that a person sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import NamedTuple

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.discreet import Discreet
from probation_etl.intake.frames import Frames

#: What a spreadsheet shows where a formula has no value.
ERROR_CELLS = (
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#ERROR!", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!", "#PYTHON!",
)  # fmt: skip
#: White space that is trimmed from values, no-break and zero-width spaces included.
BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u200c\u200d\u2060\ufeff"
#: Characters that are not allowed in a cell: control characters other than tabs and line ends, and marks that change the
#: direction of text. Reports show their names instead, because the characters themselves could change how a report looks.
CONTROL_NAMES = {
    code: f"<U+{code:04X}>"
    for code in (
        *range(0x20),
        *range(0x7F, 0xA0),
        0x61C,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
    if chr(code) not in "\t\n\r"
}


_UNPRINTABLE = {**CONTROL_NAMES, **{ord(sign): f"<U+{ord(sign):04X}>" for sign in "\t\n\r\u2028\u2029"}}


def printable_name(name: str) -> str:
    """The name of a file or an archive's part as text that can be printed: a terminal would act on control characters."""
    return name.encode("utf-8", "backslashreplace").decode().translate(_UNPRINTABLE)


class CellKind(IntEnum):
    """What a file says that a cell is; an empty cell is a text."""

    TEXT = 0
    NUMBER = 1
    DATE = 2
    TIME = 3
    BOOLEAN = 4
    ERROR = 5


class Otherwise(StrEnum):
    """In what way a cell shows something else than is stored in it."""

    PER_CENT = "per cent"
    FORMAT = "format"
    ROUNDED = "rounded"
    DATE_PART = "part of a date"
    TIME = "time"
    DIGITS = "digits"
    RAISED = "raised"


#: Cells that show something else than is stored: row and column from 0 in the cells of the grid, what a person sees, and
#: in what way it differs (:class:`Otherwise`).
SHOWN_SCHEMA = {"row": pl.UInt32(), "column": pl.UInt32(), "shown": pl.String(), "how": pl.String()}


#: Records of CSV with wrong quotation marks: row from 0, what is wrong (:class:`Quotation`), in which cell from 0, and the row
#: from 1 where it began.
MISQUOTED_SCHEMA = {"row": pl.UInt32(), "fault": pl.String(), "cell": pl.UInt32(), "began": pl.Int64()}


#: The column of pieces with the number of cells of each record.
WIDTH = "width"


class Block(NamedTuple):
    """Merged cells: their first and last row and column, counted from 0 in the sheet."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True)
class Grid(Discreet):
    """The cells of one sheet or file as text; no value is interpreted.

    Attributes:
        cells: One String column for each column of the sheet; an empty cell is null.
        sheet: Name of the sheet, None for CSV.
        first_column: Number (from 0) of the spreadsheet column that the first column is.
        widths: Number of cells in each record of CSV: a broken record has more or fewer than the header.
            None for formats that keep cells in their columns.
        misquoted: Records of CSV with wrong quotation marks, columns as in :data:`MISQUOTED_SCHEMA`.
        findings: Where the file differs from what its contract says, and how it was read nevertheless.
        hidden: Whether the sheet is hidden.
        packed_name: Name of the file inside its archive.
        merged: Blocks of merged cells; the value is in the first cell of a block, the others are empty.
        typed: Whether the format distinguishes dates from text: dates are given as ISO 8601, errors as shown.
        kinds: What the file says that each cell is (:class:`CellKind`, UInt8), in the shape of ``cells``; None where all
            of them are text.
        shown: Cells that show something else than is stored, columns as in :data:`SHOWN_SCHEMA`.
        hidden_rows: Hidden rows with content, counted from 0 in the sheet.
        hidden_columns: Hidden columns with content, counted from 0 in the sheet.
        pieces: All cells of a long file, piece by piece; of CSV also, in ``width``, the number of cells of each record. ``cells``
            and ``widths`` are then those of the first piece alone.
        column_kinds: By column of a long file that says so, what its filled cells are, those of the first row excepted. Then
            ``kinds`` is None.
        numbers: The number of each row of ``cells`` as a person sees it (UInt32), if they are some rows of a sheet; None where they
            are all of them. All else is of the whole sheet.
    """

    cells: pl.DataFrame
    sheet: str | None = None
    first_column: int = 0
    widths: pl.Series | None = None
    misquoted: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MISQUOTED_SCHEMA))
    findings: tuple[Finding, ...] = ()
    hidden: bool = False
    packed_name: str | None = None
    merged: tuple[Block, ...] = ()
    typed: bool = False
    kinds: pl.DataFrame | None = None
    shown: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SHOWN_SCHEMA))
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    pieces: Frames | None = None
    column_kinds: tuple[CellKind, ...] | None = None
    numbers: pl.Series | None = None

    @property
    def height(self) -> int:
        """The number of all rows."""
        return self.pieces.height if self.pieces else self.cells.height

    def some(self, positions: pl.Series) -> Grid:
        """The same with some of its rows, by their positions in ascending order."""
        numbers = positions.cast(pl.UInt32) + 1 if self.numbers is None else self.numbers[positions]
        return replace(self, cells=self.cells[positions], numbers=numbers)

    def numbered_rows(self) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        """The rows, each with its position in the sheet."""
        places = range(self.cells.height) if self.numbers is None else self.numbers - 1
        return zip(places, self.cells.iter_rows(), strict=True)

    @property
    def end(self) -> int:
        """The position in the sheet below the last row."""
        return self.cells.height if self.numbers is None else int(self.numbers[-1])

    def at(self, place: int) -> tuple[str | None, ...]:
        """The cells of a row, by its position in the sheet; none where the grid does not have it."""
        if self.numbers is None:
            return self.cells.row(place) if place < self.cells.height else ()
        at = self.numbers.search_sorted(place + 1)
        return self.cells.row(at) if at < len(self.numbers) and self.numbers[at] == place + 1 else ()

    def first(self, rows: int) -> Grid:
        """The same with so many of its rows in ``cells`` at least, or all of them."""
        if self.pieces is None or self.cells.height >= rows:
            return self
        found = list[pl.DataFrame]()
        for piece in self.pieces:
            found.append(piece)
            if sum(each.height for each in found) >= rows:
                break
        cells, widths = parted(pl.concat(found))
        return replace(self, cells=cells, widths=widths)

    def whole(self) -> Grid:
        """The same with all of its rows in memory."""
        grid = replace(self.first(self.height), pieces=None)
        if grid.column_kinds is None:
            return grid
        below = grid.cells.slice(1)
        kinds = pl.concat([below.clear(1).select(pl.all().is_not_null()), below.select(pl.all().is_not_null())])
        kinds = kinds.select(pl.col(f"c{at}").cast(pl.UInt8) * int(kind) for at, kind in enumerate(grid.column_kinds))
        return replace(grid, kinds=kinds, column_kinds=None)


def parted(piece: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series | None]:
    """The cells of a piece, and the number of cells of each of its records, if it is of CSV."""
    return piece.drop(WIDTH, strict=False), piece[WIDTH] if WIDTH in piece.columns else None


def column_letters(number: int) -> str:
    """Letters of a spreadsheet column by its number from 0: A, B, … Z, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: bytes) -> int:
    """Number of a spreadsheet column, from 0, by its letters; the inverse of :func:`column_letters`."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def longest(cells: pl.DataFrame, enough: int) -> int:
    """Length of the longest cell in characters; in bytes, which is faster, where that is below ``enough`` already."""
    none = pl.lit(0, dtype=pl.UInt32)
    in_bytes = cells.select(pl.max_horizontal(none, pl.all().str.len_bytes().max())).item()
    if in_bytes <= enough:
        return int(in_bytes)
    return int(cells.select(pl.max_horizontal(none, pl.all().str.len_chars().max())).item())
