"""One table as a file of each kind that is read, for tests that hold of all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import xlsxwriter

from probation_etl.sample.ods import ods_bytes
from probation_etl.sample.sheets import Sheet

#: A cell: text, or a day that is a date cell where the kind of file has such cells.
Records = Sequence[Sequence[str | date]]
KINDS = ("csv", "xlsx", "ods", "parquet")


def table_file(kind: str, records: Records) -> bytes:
    """The records, the header first, as a file of that kind. Empty texts are empty cells."""
    made = {"csv": _csv, "xlsx": _xlsx, "ods": _ods, "parquet": _parquet}
    return made[kind](records)


def _csv(records: Records) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(records)
    return text.getvalue().encode()


def _xlsx(records: Records) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Loans")
        for row, cells in enumerate(records):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(row, column, cell)
                elif cell:
                    sheet.write_string(row, column, cell)
    return target.getvalue()


def _ods(records: Records) -> bytes:
    cells: list[list[Any]] = [[cell or None for cell in record] for record in records]
    return ods_bytes([Sheet("Loans", cells, header_row=1)], title="Loans")


def _parquet(records: Records) -> bytes:
    header, *rows = records
    columns = {str(name): [str(row[at]) or None for row in rows] for at, name in enumerate(header)}
    target = io.BytesIO()
    pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).write_parquet(target)
    return target.getvalue()
