"""Gathers records as columns, some thousands at a time: Python's lists take many times the memory of columns."""

from __future__ import annotations

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import MISQUOTED_SCHEMA, Grid
from probation_etl.intake.readers.limits import Limits, check_limit
from probation_etl.intake.readers.misquoted import Record

#: Records that are turned into columns at a time.
_CHUNK = 20_000


class Gathered:
    """The records of a text from the first on, however each was read.

    Args:
        limits: How many rows, columns and cells there may be.

    Attributes:
        rows: The records so far.
        widest: Cells of the widest of them.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.rows = 0
        self._cells = 0
        self.widest = self._row_of_widest = 0
        self._chunks: list[pl.DataFrame] = []
        self._widths: list[pl.Series] = []
        self._records: list[list[str]] = []
        self._wrong: list[tuple[int, str, int, int]] = []

    def add(self, record: Record) -> None:
        """The next record.

        Raises:
            UnreadableFile: There are too many rows, columns or cells.
        """
        if record.wrong is not None:
            self._wrong.append((self.rows, *record.wrong))
        self._records.append(record.cells)
        self._count(1, len(record.cells))
        if len(self._records) == _CHUNK:
            self._end_chunk()

    def add_table(self, cells: pl.DataFrame) -> None:
        """The next records, all of one width; an empty cell is null.

        Raises:
            UnreadableFile: There are too many rows, columns or cells.
        """
        self._end_chunk()
        self._count(cells.height, cells.width)
        self._widths.append(pl.repeat(cells.width, cells.height, dtype=pl.Int64, eager=True).alias("width"))
        self._keep(cells.with_row_index("row"))

    def grid(self) -> Grid:
        """All records.

        Raises:
            UnreadableFile: There are too many cells.
        """
        table, widths = self.taken()
        misquoted = pl.DataFrame(self._wrong, schema=MISQUOTED_SCHEMA, orient="row")
        return Grid(table, widths=widths, misquoted=misquoted)

    def taken(self) -> tuple[pl.DataFrame, pl.Series]:
        """The cells and the widths of the records that were not taken before, and are not kept any longer.

        Raises:
            UnreadableFile: There are too many cells.
        """
        if self._records or not self._chunks:
            self._end_chunk()
        # A chunk of blank lines has no column, so its rows would be lost: every chunk is widened to the widest.
        table = pl.concat([_widened(chunk, self.widest) for chunk in self._chunks], rechunk=True)
        widths = pl.concat(self._widths, rechunk=True)
        self._chunks, self._widths = [], []
        return table.drop("row"), widths

    def _count(self, rows: int, width: int) -> None:
        if width > self.widest:
            self.widest, self._row_of_widest = width, self.rows
        self.rows += rows
        self._cells += rows * width
        check_limit(self.rows, self._limits.rows, "rows")
        check_limit(width, self._limits.columns, "columns")

    def _end_chunk(self) -> None:
        if self._records or not self._chunks:
            self._widths.append(pl.Series("width", list(map(len, self._records)), dtype=pl.Int64))
            self._keep(_columns(self._records))
            self._records = []

    def _keep(self, chunk: pl.DataFrame) -> None:
        """Keeps columns; refused where one broken record with very many cells would widen all the others."""
        padded = self.widest * self.rows
        if padded > self._limits.cells and padded > 10 * self._cells:
            raise UnreadableFile(
                f"Record {self._row_of_widest + 1} has {self.widest:,} cells, many times more than the others: as a table "
                f"the file would have {padded:,} cells, at most {self._limits.cells:,} are read.",
                code="too-large",
            )
        self._chunks.append(chunk)


def _widened(chunk: pl.DataFrame, width: int) -> pl.DataFrame:
    """The same chunk with so many columns, the new ones empty."""
    missing = range(chunk.width - 1, width)
    return chunk.with_columns(pl.lit(None, dtype=pl.String).alias(f"c{number}") for number in missing)


def _columns(records: list[list[str]]) -> pl.DataFrame:
    """The records as columns, with a column of row numbers that preserves blank lines."""
    width = max(map(len, records), default=0)
    padded = [record if len(record) == width else record + [""] * (width - len(record)) for record in records]
    columns = zip(*padded, strict=True) if width else ()
    texts = [pl.Series(f"c{number}", column, dtype=pl.String) for number, column in enumerate(columns)]
    rows = pl.Series("row", range(len(records)), dtype=pl.UInt32)
    return pl.DataFrame([rows, *texts]).with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))
