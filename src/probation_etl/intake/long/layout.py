"""Finds the rows of data of a long return in the pieces of its file, and what is wrong with its layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.contracts.model import ReturnContract
from probation_etl.discreet import Discreet
from probation_etl.intake.body import Body, beginning, data_cells, suspects
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.data_rows import DataRows, data_rows
from probation_etl.intake.expected_beside import as_agreed
from probation_etl.intake.frames import Frames, Part
from probation_etl.intake.header import Header
from probation_etl.intake.layout_findings import header_findings, second_row
from probation_etl.intake.left_out import LeavingOut
from probation_etl.intake.long.records import Records
from probation_etl.intake.long.totals import may_have_totals, total_rows_in
from probation_etl.intake.notes import Note
from probation_etl.intake.readers import Grid
from probation_etl.intake.readers.base import parted
from probation_etl.intake.table import RawTable, named_texts, numbered


@dataclass(frozen=True)
class RawPart(Part, Discreet):
    """The rows of data in a piece of a file, as the supplier sent them: their cells, and ``source_row``.

    Attributes:
        piece: The piece.
        skip: Rows of it that are not below the header.
        first_row: The first row below, as a person sees it.
        keep: Boolean series, true for each row below that is data.
    """

    piece: Part
    skip: int
    first_row: int
    keep: pl.Series
    columns: tuple[str, ...]

    @cached_property
    def height(self) -> int:  # type: ignore[override]
        """Rows of data."""
        return int(self.keep.sum())

    @property
    def rows(self) -> range:
        """All rows below the header, as a person sees them."""
        return range(self.first_row, self.first_row + self.keep.len())

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of data."""
        own = self.columns if columns is None else [each for each in columns if each in self.columns]
        # Without any column, the rows could not be counted.
        wanted = own or self.columns[:1]
        rows = numbered(self.piece.read(wanted).slice(self.skip), self.first_row, self.keep)
        return rows if columns is None else rows.select(columns)


@dataclass(frozen=True)
class LongTable(Discreet):
    """The rows of a long return as text; see :class:`~probation_etl.intake.table.RawTable`.

    Attributes:
        columns: Where the columns stand.
        parts: The rows of data, piece by piece.
        told: By part, positions of rows that a finding speaks of as a whole.
        findings: What is wrong with the table as a whole.
        of_rows: By part, what is wrong with rows as a whole.
    """

    columns: Columns
    parts: tuple[RawPart, ...]
    told: tuple[pl.Series, ...]
    findings: tuple[Finding, ...]
    of_rows: tuple[tuple[Finding, ...], ...]
    blank: int
    notes: tuple[Note, ...]

    @property
    def height(self) -> int:
        """The number of rows."""
        return sum(each.height for each in self.parts)

    @property
    def raw(self) -> Frames:
        """The rows as the supplier sent them."""
        return Frames(self.parts)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Columns of the contract that were not found."""
        return tuple(name for name in self.columns.contract.column_names if name not in self.columns.places)

    @cached_property
    def headers(self) -> dict[str, str]:
        """Header as the supplier wrote it, by column name."""
        places = self.columns.places
        written = ((each, places.get(each.name)) for each in self.columns.contract.columns)
        return {each.name: each.header if at is None else str(self.columns.title(at)) for each, at in written}

    def piece(self, raw: pl.DataFrame, told: pl.Series) -> RawTable:
        """Some of the rows as a table of their own.

        Args:
            raw: They as the supplier sent them.
            told: Positions of those that a finding speaks of as a whole.
        """
        texts, kinds = named_texts(raw, self.columns), self.columns.grid.column_kinds or ()
        # The names of columns are texts, also where they are taken for a row of data.
        filled = texts.select(pl.all().is_not_null() & (pl.col("source_row") > 1)).cast(pl.UInt8)
        of_cells = {name: filled[name] * int(kinds[at]) for name, at in self.columns.places.items() if kinds}
        return RawTable(
            texts, raw, self.headers, None, self.missing, (), broken=told, typed=self.columns.grid.typed, kinds=of_cells
        )

    @property
    def last_row(self) -> int | None:
        """The last row of data, as a person sees it; None where there is none, or a note below it."""
        filled = [each for each in self.parts if each.height]
        last = int(filled[-1].read(["source_row"])["source_row"][-1]) if filled else None
        return None if last is None or any(note.row > last for note in self.notes) else last


def lay_out(header: Header, grid: Grid, contract: ReturnContract) -> LongTable:
    """The table below a header of a file that is read in pieces."""
    assert grid.pieces is not None  # noqa: S101 -- else it is read as a whole
    columns = Columns(contract, grid, header)
    second = second_row(columns)
    scan = _Scan(columns, above=max(header.row, second.row if second else header.row) + 1)
    for piece in grid.pieces.parts:
        scan.add(piece)
    body = scan.body()
    rows = data_rows(body, columns)
    parts = scan.parts(rows.keep)
    records = Records.of(parts, scan.widths, [each.keep for each in parts], columns)
    told, of_rows = _of_rows(parts, rows, records)
    for at, finding in total_rows_in(parts, scan.suspicious, columns):
        number, position = _place(parts, at)
        if position not in told[number]:
            told[number].add(position)
            of_rows[number].append(finding)
    without_row = [each for each in rows.findings if each.row is None]
    of_table = as_agreed([*header_findings(columns, body, second), *without_row, *records.of_table], contract)
    return LongTable(
        columns, tuple(parts), tuple(pl.Series(sorted(each), dtype=pl.UInt32) for each in told), tuple(of_table),
        tuple(map(tuple, of_rows)), rows.blank, rows.notes,
    )  # fmt: skip


def _of_rows(parts: Sequence[RawPart], rows: DataRows, records: Records) -> tuple[list[set[int]], list[list[Finding]]]:
    """By part, the rows that a finding speaks of as a whole, and these findings."""
    kept_before, told, of_rows = 0, list[set[int]](), list[list[Finding]]()
    among = (rows.keep.cum_sum() - 1).gather(list(rows.told)).to_list() if rows.told else []
    for number, part in enumerate(parts):
        here = {at - kept_before for at in among if 0 <= at - kept_before < part.height}
        told.append(here | records.broken(number))
        said = [each for each in rows.findings if each.row is not None and each.row in part.rows]
        of_rows.append([*said, *records.findings(number)])
        kept_before += part.height
    return told, of_rows


def _place(parts: Sequence[RawPart], position: int) -> tuple[int, int]:
    """In which part a row is, by its position among all rows of data, and its position there."""
    for number, part in enumerate(parts):
        if position < part.height:
            return number, position
        position -= part.height
    raise IndexError(position)


@dataclass
class _Scan(Discreet):
    """What is seen of the pieces of a file, one after another.

    Attributes:
        above: Rows that are not below the header.
        widths: By piece, the number of cells of each record below the header; nothing of files that keep cells in their columns.
        suspicious: For each piece, whether there may be totals in it.
    """

    columns: Columns
    above: int
    widths: list[pl.Series] = field(default_factory=list)
    suspicious: list[bool] = field(default_factory=list)
    _pieces: list[tuple[Part, int, int]] = field(default_factory=list)
    _filled: list[pl.Series] = field(default_factory=list)
    _left: list[pl.Series] = field(default_factory=list)
    _suspects: list[int] = field(default_factory=list)
    _cells: dict[int, Sequence[str | None]] = field(default_factory=dict)
    _with_data: set[int] = field(default_factory=set)
    _seen: int = 0

    def __post_init__(self) -> None:
        self._leaving = LeavingOut(self.columns)

    def add(self, piece: Part) -> None:
        """Looks at the next piece."""
        skip = min(piece.height, max(0, self.above - self._seen))
        frame = piece.read().slice(skip)
        cells, widths = parted(frame)
        begin = max(0, self._seen - self.above)
        rows = pl.int_range(self.above + begin + 1, self.above + begin + cells.height + 1, eager=True)
        filled, left = data_cells(cells, rows, self._leaving)
        found = suspects(cells, filled, self.columns)
        self._suspects += (begin + at for at in sorted(found))
        self._cells |= {begin + at: cells.row(at) for at in (*found, *beginning(filled))}
        self._with_data |= {at for at, each in enumerate(cells.iter_columns()) if each.null_count() < cells.height}
        # These numbers of all rows are in memory together.
        self._filled.append(filled.cast(pl.UInt16))
        self._left.append(left)
        if widths is not None:
            self.widths.append(widths.cast(pl.UInt16))
        self.suspicious.append(may_have_totals(cells, self.columns))
        self._pieces.append((piece, skip, self.above + begin + 1))
        self._seen += piece.height

    def body(self) -> Body:
        """All rows below the header."""
        filled = pl.concat(self._filled)
        found = sorted({*self._suspects, *beginning(filled)})
        return Body(
            self.above + 1, filled, pl.concat(self._left), found, self._cells.__getitem__, frozenset(self._with_data)
        )

    def parts(self, keep: pl.Series) -> list[RawPart]:
        """The rows of data.

        Args:
            keep: Which of all rows below the header are data.
        """
        columns = tuple(f"c{at}" for at in range(self.columns.grid.cells.width))
        parts, begin = [], 0
        for (piece, skip, first_row), filled in zip(self._pieces, self._filled, strict=True):
            parts.append(RawPart(piece, skip, first_row, keep.slice(begin, filled.len()), columns))
            begin += filled.len()
        return parts
