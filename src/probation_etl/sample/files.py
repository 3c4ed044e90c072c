"""Files to be written: the returns that they hold, and their bytes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO

from probation_etl.sample.archives import repacked
from probation_etl.sample.layouts import Extract, Layout, Layouts
from probation_etl.sample.ods import ods_bytes
from probation_etl.sample.sheets import Cell, Sheet, cover_sheet, data_sheet, row_numbers
from probation_etl.sample.xlsx import xlsx_bytes

Records = list[dict[str, Cell]]


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
    records: Records
    title: str = ""
    layout: Layout | None = None

    def row(self, number: int) -> int:
        """The row, as a person sees it, of the record of that number, from 0."""
        return row_numbers(number + 1, self.layout)[number] if self.layout else number + 2


@dataclass
class Workbook:
    """A workbook with a cover and several returns.

    Attributes:
        cover: What the cover says by label, the control totals left out.
        controls: Label of the control total of each sheet.
        title: Title of the document.
        stored: Whether it is left without compression, so that it is the same on machines whose compressors differ.
    """

    name: str
    tables: list[Table]
    cover: Mapping[str, Cell]
    controls: Mapping[str, str]
    layout: Layout
    title: str
    stored: bool = False

    def content(self) -> bytes:
        """The bytes of the file; the control totals are counted now."""
        totals = {self.controls[table.sheet]: len(table.records) for table in self.tables}
        sheets = [cover_sheet({**self.cover, **totals}, self.layout), *map(self._sheet, self.tables)]
        made = (ods_bytes if self.layout.extension == "ods" else xlsx_bytes)(sheets, title=self.title)
        return repacked(made) if self.stored else made

    def _sheet(self, table: Table) -> Sheet:
        return data_sheet(table.sheet, title=table.title, records=table.records, layout=self.layout)


@dataclass
class CsvFile:
    """A CSV file with one return."""

    name: str
    tables: list[Table]

    def content(self) -> bytes:
        """The bytes of the file; an empty cell where a value is missing."""
        target = StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(self.tables[0].headers.values())
        writer.writerows(_cells(self.tables[0]))
        return target.getvalue().encode("utf-8")


File = Workbook | CsvFile


def workbook(
    name: str,
    records: Mapping[str, Records],
    titles: Mapping[str, str],
    cover: Mapping[str, Cell],
    layout: Layout,
    layouts: Layouts,
    *,
    title: str,
    stored: bool = False,
) -> Workbook:
    """A workbook from the records and titles of its sheets."""
    tables = [
        Table(
            contract, name, sheet, {key: layout.header(key) for key in layout.columns[sheet]}, records[sheet],
            titles[sheet], layout,
        )
        for sheet, contract in layouts.contracts.items()
    ]  # fmt: skip
    return Workbook(name, tables, cover, layouts.controls, layout, title, stored)


def csv_file(name: str, records: Records, extract: Extract) -> CsvFile:
    """A CSV file from its records."""
    return CsvFile(name, [Table(extract.contract, name, "", extract.columns, records)])


def _cells(table: Table) -> Iterator[list[Cell]]:
    keys = list(table.headers)
    for record in table.records:
        yield [record[key] for key in keys]
