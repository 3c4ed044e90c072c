"""The files of one sender for one period, from the records of its returns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO

from probation_etl.sample.layouts import Extract, Layout, Layouts
from probation_etl.sample.ods import ods_bytes
from probation_etl.sample.sheets import FIRST_DATA_ROW, Cell, Sheet, cover_sheet, data_sheet, row_numbers
from probation_etl.sample.xlsx import xlsx_bytes

MOST_ROWS = 1_048_576
"""How many rows a sheet of a workbook can have."""


@dataclass
class Table:
    """One return to be written: its contract, its records by column key, and how they are set out.

    Attributes:
        file: Name of its file.
        sheet: Name of its sheet; empty for a CSV file.
        headers: The header over each column key, in the order of the file.
        title: What its first row says; a CSV file has none.
        layout: How its sheet is set out; None for a CSV file.
    """

    contract: str
    file: str
    sheet: str
    headers: Mapping[str, str]
    records: list[dict[str, Cell]]
    title: str = ""
    layout: Layout | None = None

    def row(self, number: int) -> int:
        """The row, as a person sees it, of the record of that number, from 0."""
        return row_numbers(number + 1, self.layout)[number] if self.layout else number + 2


def workbook_tables(
    file: str, records: Mapping[str, list[dict[str, Cell]]], titles: Mapping[str, str], layout: Layout, layouts: Layouts
) -> list[Table]:
    """The returns that one workbook holds."""
    return [
        Table(
            layouts.contracts[sheet],
            file,
            sheet,
            {key: layout.header(key) for key in layout.columns[sheet]},
            records[sheet],
            titles[sheet],
            layout,
        )
        for sheet in layouts.contracts
    ]


def workbook_bytes(
    tables: Sequence[Table], cover: Mapping[str, Cell], layout: Layout, layouts: Layouts, *, title: str
) -> bytes:
    """The bytes of a workbook with a cover and these returns.

    Args:
        tables: Its returns.
        cover: What the cover says by label, the control totals left out.
        layout: The sender's layout.
        layouts: All layouts.
        title: Title of the document.
    """
    totals = {layouts.controls[table.sheet]: len(table.records) for table in tables}
    sheets = [cover_sheet({**cover, **totals}, layout), *(_sheet(table, layout) for table in tables)]
    write = ods_bytes if layout.extension == "ods" else xlsx_bytes
    return write(sheets, title=title)


def _sheet(table: Table, layout: Layout) -> Sheet:
    return data_sheet(table.sheet, title=table.title, records=table.records, layout=layout)


def extract_table(file: str, records: list[dict[str, Cell]], extract: Extract) -> Table:
    """The return that one CSV file holds."""
    return Table(extract.contract, file, "", extract.columns, records)


def csv_bytes(table: Table) -> bytes:
    """The bytes of a CSV file; an empty cell where a value is missing."""
    target = StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(table.headers.values())
    writer.writerows(_cells(table))
    return target.getvalue().encode("utf-8")


def _cells(table: Table) -> Iterator[list[Cell]]:
    keys = list(table.headers)
    for record in table.records:
        yield [record[key] for key in keys]


def room_for(layout: Layout) -> int:
    """How many records fit on a sheet in this layout."""
    return MOST_ROWS - FIRST_DATA_ROW - len(layout.blank_after) - 2


def period_words(end: date) -> str:
    """A period end in words for a title."""
    return f"period ending {end:%d/%m/%Y}"
