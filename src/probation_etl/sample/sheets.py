"""A sheet as a grid of cells, and how a sender's layout turns records into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from probation_etl.sample.layouts import Layout

Cell = str | int | Decimal | date | None
Record = Mapping[str, Cell]

HEADER_ROW = 3
FIRST_DATA_ROW = 4
MOST_ROWS = 1_048_576
"""How many rows a sheet can have in a spreadsheet program."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows from the first, an empty list for a blank row, and where the header is."""

    name: str
    rows: list[list[Cell]]
    header_row: int | None = None


def cover_sheet(labels: Mapping[str, Cell], layout: Layout) -> Sheet:
    """The Cover sheet: labels in column A in the sender's order, values in column B."""
    rows: list[list[Cell]] = [
        [label, _dated(labels[label], as_text=layout.cover_dates_as_text)] for label in layout.cover
    ]
    return Sheet("Cover", rows)


def data_sheet(name: str, *, title: str, records: Sequence[Record], layout: Layout) -> Sheet:
    """A data sheet: title, blank row, header, the records with the sender's blank rows, then its note."""
    keys = layout.columns[name]
    rows: list[list[Cell]] = [[title], [], [layout.header(key) for key in keys]]
    for record, row in zip(records, row_numbers(len(records), layout), strict=True):
        rows += [[] for _ in range(row - len(rows) - 1)]
        rows.append([_presented(record[key], layout) for key in keys])
    if layout.note:
        rows += [[], [layout.note]]
    return Sheet(name, rows, HEADER_ROW)


def row_numbers(count: int, layout: Layout) -> list[int]:
    """The row number, as a spreadsheet shows it, of each of `count` records."""
    return [FIRST_DATA_ROW + number + sum(number >= blank for blank in layout.blank_after) for number in range(count)]


def room_in(layout: Layout) -> int:
    """How many records a sheet in this layout can hold, with its blank rows and its note."""
    return MOST_ROWS - FIRST_DATA_ROW + 1 - len(layout.blank_after) - 2 * bool(layout.note)


def _presented(value: Cell, layout: Layout) -> Cell:
    if layout.numbers_as_text and isinstance(value, int | Decimal):
        return str(value)
    return _dated(value, as_text=layout.dates_as_text)


def _dated(value: Cell, *, as_text: bool) -> Cell:
    return f"{value:%d/%m/%Y}" if as_text and isinstance(value, date) else value
