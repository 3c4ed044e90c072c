"""Takes the table below a header out of a grid: its columns, and its rows down to the end of the data.

Blank rows inside the data are skipped, but count in the row numbers. Which of the others are data is for
:mod:`data_rows`; what is wrong with the table as a whole for :mod:`layout_findings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.discreet import Discreet
from probation_etl.intake.body import Body
from probation_etl.intake.broken_records import misquoted_header
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.data_rows import data_rows
from probation_etl.intake.expected_beside import as_agreed
from probation_etl.intake.group_labels import blank_findings, unclear_blanks
from probation_etl.intake.header import Header, find_header
from probation_etl.intake.hidden import hidden_findings
from probation_etl.intake.layout_findings import header_findings, record_findings, second_row
from probation_etl.intake.merged_cells import merged_cells
from probation_etl.intake.notes import Note
from probation_etl.intake.readers import Grid
from probation_etl.intake.totals import total_rows

_SHOWN = {"position": pl.UInt32(), "column": pl.String(), "shown": pl.String(), "how": pl.String()}


@dataclass(frozen=True)
class RawTable(Discreet):
    """The rows of one return as text.

    Attributes:
        frame: ``source_row`` (Int64, the row a person sees) and one String column for each contract column found.
        raw: ``source_row`` and every cell of the row as the supplier sent it (``c0``, ``c1``, …).
        headers: Header as the supplier wrote it, by column name.
        letters: Letters of the spreadsheet column, by column name; None for CSV, whose cells have no references.
        merged: By column name, a Boolean series that is true where the cell is merged with other cells of the table.
        broken: Positions (UInt32, in ``frame``) of rows that a finding speaks of as a whole, such as broken records and
            totals: their cells are not judged.
        missing: Columns of the contract that were not found.
        blank: Blank rows inside the data.
        notes: Text that was left out: notes below the data, titles between its parts.
        typed: Whether the file distinguishes dates from text, so that dates are in ISO 8601 whatever the contract says.
        unclear: By column name, a Boolean series that is true where an empty cell may mean either of two things.
        kinds: By column name, what the file says that each cell is (:class:`CellKind`, UInt8); empty where all are text.
        shown: Cells that show something else than is stored: ``position`` (UInt32, in ``frame``), ``column`` (name of the
            column), ``shown`` (String, what a person sees) and ``how`` (String, see :class:`Otherwise`).
    """

    frame: pl.DataFrame
    raw: pl.DataFrame
    headers: dict[str, str]
    letters: dict[str, str] | None
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]
    broken: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt32))
    blank: int = 0
    notes: tuple[Note, ...] = ()
    typed: bool = False
    merged: Mapping[str, pl.Series] = field(default_factory=dict)
    unclear: Mapping[str, pl.Series] = field(default_factory=dict)
    kinds: Mapping[str, pl.Series] = field(default_factory=dict)
    shown: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SHOWN))

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.frame.height

    @property
    def last_row(self) -> int | None:
        """The last row of data, as a person sees it; None where there is none, or a note below it."""
        last = int(self.frame["source_row"][-1]) if self.frame.height else None
        return None if last is None or any(note.row > last for note in self.notes) else last


def extract(grid: Grid, contract: Contract) -> RawTable | None:
    """Finds the table of a contract in a grid; None if no header was found."""
    header = find_header(grid, contract)
    return None if header is None else table_below(header, grid, contract)


def table_below(header: Header, grid: Grid, contract: Contract) -> RawTable:
    """The table below a header."""
    columns = Columns(contract, grid, header)
    second = second_row(columns)
    above = max(header.row, second.row if second else header.row) + 1
    cells = grid.cells.slice(above)
    numbers = None if grid.numbers is None else grid.numbers.slice(above)
    body = Body.of(cells, columns, above + 1, numbers)
    of_header = [*header_findings(columns, body, second)]
    rows = data_rows(body, columns)
    raw = numbered(cells, body.first_row, rows.keep, numbers)
    frame = named_texts(raw, columns)
    missing = tuple(name for name in contract.column_names if name not in columns.places)
    broken, of_records = record_findings(columns, raw)
    told = {*broken, *positions_among(rows.keep, rows.told)}
    of_rows, unclear = _of_returns(frame, columns, told) if isinstance(contract, ReturnContract) else ([], {})
    hidden = hidden_findings(grid, frame["source_row"], {str(columns.title(at)): at for at in columns.places.values()})
    found = (*of_header, *rows.findings, *of_records, *of_rows, *misquoted_header(grid, header), *hidden)
    return RawTable(
        frame=frame,
        raw=raw,
        headers={
            column.name: str(columns.title(columns.places[column.name]))
            if column.name in columns.places
            else column.header
            for column in contract.columns
        },
        letters=None if grid.sheet is None else {name: str(columns.letter(at)) for name, at in columns.places.items()},
        broken=pl.Series(sorted(told), dtype=pl.UInt32),
        missing=missing,
        findings=tuple(as_agreed(found, contract)),
        blank=rows.blank,
        notes=rows.notes,
        typed=grid.typed,
        merged=merged_cells(grid, frame, columns.places),
        unclear=unclear,
        kinds=_kinds(grid, frame, columns.places),
        shown=_shown(grid, frame, columns.places),
    )


def numbered(cells: pl.DataFrame, first_row: int, keep: pl.Series, numbers: pl.Series | None = None) -> pl.DataFrame:
    """The rows of data among some rows, with ``source_row``: what a person sees as the number of each."""
    counted = pl.int_range(first_row, first_row + cells.height, dtype=pl.Int64)
    rows = cells.with_columns(source_row=counted if numbers is None else numbers.cast(pl.Int64))
    return rows if keep.all() else rows.filter(keep)


def named_texts(raw: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """``source_row`` and the cells of each contract column found, by its name."""
    return raw.select("source_row", **{name: pl.col(f"c{at}") for name, at in columns.places.items()})


def positions_among(keep: pl.Series, positions: Sequence[int]) -> list[int]:
    """Where some rows are, by their positions among all, among those that are kept."""
    return (keep.cum_sum() - 1).gather(list(positions)).to_list() if positions else []


def _of_returns(frame: pl.DataFrame, columns: Columns, told: set[int]) -> tuple[list[Finding], dict[str, pl.Series]]:
    """Findings of rows that no reference table has to fear, and cells whose meaning is not known.

    Args:
        frame: The rows.
        columns: Where the columns stand.
        told: Positions of rows that have a finding as a whole; totals are added to them.
    """
    totals = [(at, finding) for at, finding in total_rows(frame, columns) if at not in told]
    told.update(at for at, _ in totals)
    unclear = unclear_blanks(frame, columns, sorted(told))
    return [*(finding for _, finding in totals), *blank_findings(unclear, frame, columns)], unclear


def _kinds(grid: Grid, frame: pl.DataFrame, first: Mapping[str, int]) -> dict[str, pl.Series]:
    """What the file says that each cell of the table is."""
    if grid.kinds is None:
        return {}
    kinds = pl.DataFrame([grid.kinds[f"c{at}"].alias(name) for name, at in first.items()])
    return kinds[frame["source_row"] - 1].to_dict()


def _shown(grid: Grid, frame: pl.DataFrame, first: Mapping[str, int]) -> pl.DataFrame:
    """The cells of the table that show something else than is stored."""
    if not grid.shown.height:
        return pl.DataFrame(schema=_SHOWN)
    names = {at: name for name, at in first.items()}
    places = frame.select(pl.col("source_row").cast(pl.UInt32) - 1).with_row_index("position")
    named = grid.shown.with_columns(
        pl.col("column").replace_strict(names, default=None, return_dtype=pl.String)
    ).drop_nulls("column")
    found = named.join(places, left_on="row", right_on="source_row", how="inner", maintain_order="left")
    return found.select(*_SHOWN)
