"""Takes the table below a header out of a grid: its columns, and its rows down to the end of the data.

Blank rows inside the data are skipped, but count in the row numbers. Notes below the data, which follow a blank row and
have text in the first column only, are counted and not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Column, Contract
from probation_etl.intake.broken_records import broken_records, misquoted_header
from probation_etl.intake.header import Header, find_header, nearest
from probation_etl.intake.hidden import hidden_findings
from probation_etl.intake.readers import BLANKS, Grid, column_letters

_SHOWN = {"position": pl.UInt32(), "column": pl.String(), "shown": pl.String(), "how": pl.String()}


@dataclass(frozen=True)
class RawTable:
    """The rows of one return as text.

    Attributes:
        frame: ``source_row`` (Int64, the row a person sees) and one String column for each contract column found.
        raw: ``source_row`` and every cell of the row as the supplier sent it (``c0``, ``c1``, …).
        headers: Header as the supplier wrote it, by column name.
        letters: Letters of the spreadsheet column, by column name; None for CSV, whose cells have no references.
        merged: By column name, a Boolean series that is true where the cell is merged with other cells of the table.
        malformed: Broken records of CSV, columns as in :data:`BROKEN_SCHEMA`; ``position`` is in ``frame``.
        missing: Columns of the contract that were not found.
        blank: Blank rows inside the data.
        notes: Rows of notes below the data.
        width: Number of cells in the header's record.
        typed: Whether the file distinguishes dates from text, so that dates are in ISO 8601 whatever the contract says.
        kinds: By column name, what the file says that each cell is (:class:`CellKind`, UInt8); empty where all are text.
        shown: Cells that show something else than is stored: ``position`` (UInt32, in ``frame``), ``column`` (name of the
            column), ``shown`` (String, what a person sees) and ``how`` (String, see :class:`Otherwise`).
    """

    frame: pl.DataFrame
    raw: pl.DataFrame
    headers: dict[str, str]
    letters: dict[str, str] | None
    malformed: pl.DataFrame
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]
    blank: int = 0
    notes: int = 0
    width: int = 0
    typed: bool = False
    merged: Mapping[str, pl.Series] = field(default_factory=dict)
    kinds: Mapping[str, pl.Series] = field(default_factory=dict)
    shown: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SHOWN))


def extract(grid: Grid, contract: Contract) -> RawTable | None:
    """Finds the table of a contract in a grid; None if no header was found."""
    header = find_header(grid, contract)
    return None if header is None else table_below(header, grid, contract)


def table_below(header: Header, grid: Grid, contract: Contract) -> RawTable:
    """The table below a header."""
    number, columns = header.row, header.columns
    body = grid.cells.slice(number + 1).with_columns(
        source_row=pl.int_range(number + 2, grid.cells.height + 1, dtype=pl.Int64)
    )
    body, blank, notes = _data_rows(body, contract, columns)
    missing = tuple(name for name in contract.column_names if name not in columns)
    frame = body.select("source_row", **{name: pl.col(f"c{at}") for name, at in columns.items()})
    hidden = hidden_findings(grid, frame["source_row"], {str(header.texts[at]): at for at in columns.values()})
    return RawTable(
        frame=frame,
        raw=body,
        headers={
            column.name: str(header.texts[columns[column.name]]) if column.name in columns else column.header
            for column in contract.columns
        },
        letters=None
        if grid.sheet is None
        else {name: column_letters(at + grid.first_column) for name, at in columns.items()},
        malformed=broken_records(grid, body["source_row"], header),
        missing=missing,
        findings=(
            *_missing(contract, missing, header.strangers),
            *_unexpected(grid, body, header),
            *misquoted_header(grid, header),
            *hidden,
        ),
        blank=blank,
        notes=notes,
        typed=grid.typed,
        merged=_merged(grid, frame, columns),
        kinds=_kinds(grid, frame, columns),
        shown=_shown(grid, frame, columns),
        width=0 if grid.widths is None else int(grid.widths[number]),
    )


def _data_rows(body: pl.DataFrame, contract: Contract, first: dict[str, int]) -> tuple[pl.DataFrame, int, int]:
    """Removes the notes below the data and the blank rows inside it, and counts both."""
    cells = pl.all().exclude("source_row").str.strip_chars(BLANKS)
    counted = body.select(pl.sum_horizontal(cells.is_not_null() & (cells != "")).alias("filled"))["filled"]
    filled = counted.to_list()
    end = _end_of_data(filled, body, contract, first)
    notes = sum(1 for count in filled[end:] if count)
    keep = (counted > 0) & (pl.Series(range(len(filled)), dtype=pl.Int64) < end)
    last = max((at for at in range(end) if filled[at]), default=-1)
    blank = sum(1 for count in filled[: last + 1] if not count)
    return body.filter(keep), blank, notes


def _end_of_data(filled: list[int], body: pl.DataFrame, contract: Contract, first: dict[str, int]) -> int:
    """Number of rows before the notes, which follow a blank row and have text in the first column only."""
    start = min(first.values())
    named = {at: name for name, at in first.items()}
    column = contract.column(named[start])
    if len(first) == 1:
        return len(filled)
    texts = body[f"c{start}"]
    end = at = len(filled)
    while at > 0 and (filled[at - 1] == 0 or (filled[at - 1] == 1 and _is_note(texts[at - 1], column))):
        at -= 1
        if filled[at] == 0:
            end = at
    return end


def _is_note(text: str | None, column: Column) -> bool:
    """Whether a text is a note: one that could be a value of its column is data in an incomplete row."""
    if text is None or text.strip(BLANKS) in column.labels:
        return False
    if column.type != "string":
        # A note has words. A number or a date, even an invalid one, is data in an incomplete row.
        return re.search(r"[^\W\d_]{2}", text) is not None and text.strip(BLANKS).lower() not in ("true", "false")
    return column.pattern is None or re.search(column.pattern, text.strip(BLANKS)) is None


def _merged(grid: Grid, frame: pl.DataFrame, first: dict[str, int]) -> dict[str, pl.Series]:
    """Cells that are merged with others, so that it is not known to which rows and columns their value belongs.

    Merged titles and notes do not matter, nor merged cells of which only one belongs to the table.
    """
    changes: dict[str, list[int]] = {}
    for block in grid.merged:
        top, end = (frame["source_row"].search_sorted(row) for row in (block.first_row + 1, block.last_row + 2))
        across = range(block.first_column - grid.first_column, block.last_column - grid.first_column + 1)
        names = [name for name, at in first.items() if at in across]
        filled = any(frame[name].slice(top, end - top).drop_nulls().len() for name in names)
        if filled and (len(names) * (end - top) > 1 or frame["source_row"][top] != block.first_row + 1):
            for name in names:
                steps = changes.setdefault(name, [0] * (frame.height + 1))
                steps[top] += 1
                steps[end] -= 1
    return {name: (pl.Series(steps[:-1]).cum_sum() > 0).alias(name) for name, steps in changes.items()}


def _kinds(grid: Grid, frame: pl.DataFrame, first: dict[str, int]) -> dict[str, pl.Series]:
    """What the file says that each cell of the table is."""
    if grid.kinds is None:
        return {}
    rows = frame["source_row"] - 1
    return {name: grid.kinds[f"c{at}"].gather(rows).alias(name) for name, at in first.items()}


def _shown(grid: Grid, frame: pl.DataFrame, first: dict[str, int]) -> pl.DataFrame:
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


def _missing(contract: Contract, missing: tuple[str, ...], strangers: Sequence[str]) -> list[Finding]:
    return [
        make(
            "missing-column",
            expected=column.header,
            column=column.header,
            rule=f"{column.name}|present",
            hint=f"Did you mean this by ‘{near}’? Correct the header." if (near := nearest(column, strangers)) else "",
            severity="error" if column.required else "warning",
        )
        for column in map(contract.column, missing)
    ]


def _holds_data(grid: Grid, body: pl.DataFrame, at: int, header: int) -> bool:
    """Whether a column without a header has data; the surplus cells of a broken record are reported with the record."""
    beyond = grid.widths is not None and at >= int(grid.widths[header])
    return not beyond and body[f"c{at}"].drop_nulls().len() > 0


def _unexpected(grid: Grid, body: pl.DataFrame, header: Header) -> list[Finding]:
    findings, seen = [], set()
    for at, (text, meaning) in enumerate(zip(header.texts, header.meanings, strict=True)):
        if meaning in seen:
            findings.append(make("duplicate-column", column=str(text), rule=f"{meaning}|once"))
        elif meaning is None and (text is not None or _holds_data(grid, body, at, header.row)):
            shown = text or f"{column_letters(at + grid.first_column)} (no header)"
            findings.append(make("unexpected-column", column=shown, severity="warning"))
        elif meaning is not None:
            seen.add(meaning)
    return findings
