"""Returns of three libraries about their loans, for two months, from which a contract can be drafted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

HEADERS = ("Loan number", "Borrower", "Kind", "Lent on", "Returned on", "Fine", "Renewals", "Overdue", "Remarks")
LIBRARIES = ("LEEDS", "YORK", "HULL")
ENDS = (date(2020, 3, 31), date(2020, 4, 30))
#: What must not be in any draft.
PEOPLE = ("Ann", "Birch", "Dee Ash", "many books")


def loans(library: str, end: date, rows: int = 30) -> list[list[Any]]:
    """The rows of one return."""
    return [_loan(library, end, at) for at in range(rows)]


def _loan(library: str, end: date, at: int) -> list[Any]:
    lent = end - timedelta(days=at * 7 % 25)
    back = lent + timedelta(days=3)
    person = f"{('Ann', 'Bob', 'Cyd', 'Dee')[at % 4]} {('Ash', 'Birch', 'Cox')[at % 3]}"
    returned = back if at % 3 and back <= end else ""
    fine, number = f"{at * 5 / 100:.2f}" if at % 5 else "n/a", f"L{LIBRARIES.index(library)}{end.month}{at:03d}"
    kind = ("Book", "Disc", "Map")[at % 3]
    remark = f"{library.title()} likes the {at}th of many books"
    return [number, person, kind, lent, returned, fine, at % 4, ("true", "false")[at % 2], remark]


def csv_of(records: Sequence[Sequence[Any]], *, form: str = "%d/%m/%Y", delimiter: str = ",") -> bytes:
    """Records as CSV."""
    text = io.StringIO()
    written = ([cell.strftime(form) if isinstance(cell, date) else cell for cell in row] for row in records)
    csv.writer(text, delimiter=delimiter).writerows(written)
    return text.getvalue().encode()


def workbook_of(sheets: dict[str, Sequence[Sequence[Any]]], *, hidden: Sequence[str] = ()) -> bytes:
    """Sheets as a workbook; days are days of it."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        for name, records in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for row, cells in enumerate(records):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        sheet.write_datetime(row, column, cell)
                    elif cell != "":
                        sheet.write(row, column, cell)
    return target.getvalue()


def write_loans(folder: Path) -> list[Path]:
    """A file for each library and month; one library has another header."""
    paths = []
    for library in LIBRARIES:
        for end in ENDS:
            header = ("Loan no", *HEADERS[1:]) if library == "YORK" else HEADERS
            path = folder / f"{library}_loans_{end}.csv"
            path.write_bytes(csv_of([header, *loans(library, end)]))
            paths.append(path)
    return paths
