"""Returns as suppliers would send them, for tests to put into inboxes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

BREACH = {
    "nsi_id": "SYNTHETIC-0001",
    "crn": "X990001",
    "event_number": "1",
    "provider_code": "N53",
    "ldu_code": "N53DRBY",
    "disposal_code": "CO",
    "requirement_code": "UPW",
    "rosh_code": "RLRH",
    "referral_date": "2020-02-19",
    "logged_date": "2020-02-21",
    "court_code": "SYN01",
    "hearing_date": "",
    "nsi_status_code": "BRE05",
}
SUSPENSION = {
    "nsi_id": "SYNTHETIC-0001",
    "crn": "X990001",
    "event_number": "1",
    "provider_code": "N53",
    "ldu_code": "N53DRBY",
    "logged_date": "2020-09-10",
    "suspended_date": "2020-09-14",
    "nsi_status_code": "BRE26",
    "resumed_date": "",
}
CASELOAD = {
    "provider_code": "N53",
    "ldu_code": "",
    "grade_code": "NPSM",
    "snapshot_date": "2020-03-01",
    "fte": "",
    "caseload": "",
    "average_caseload": "33.9",
}
COVER = {
    "Organisation": "Derbyshire, Leicestershire, Nottinghamshire and Rutland CRC",
    "Provider code": "C08",
    "Period start": "16/02/2020",
    "Period end": "01/03/2020",
    "Prepared by": "Performance team",
}
CASELOAD_HEADER = ("Local delivery unit", "Grade", "As at", "Officers (FTE)", "Cases", "Average caseload")
BREACH_HEADER = (
    "Case reference", "Event", "LDU", "Order type", "Requirement", "Risk of harm", "Breach initiated",
    "Logged with court", "Court", "Heard on", "Status", "Outcome",
)  # fmt: skip
SUSPENSION_HEADER = ("Case reference", "Event", "LDU", "Logged with court", "Suspended on", "Reason", "Resumed on")
CASELOAD_ROW = ("All units", "Probation officer (or equivalent)", "01/03/2020", "", "", "47")
BREACH_ROW = (
    "X990001", "1", "Derby City", "Community order", "Unpaid work", "Low", "19/02/2020", "21/02/2020", "Court",
    "", "Logged", "",
)  # fmt: skip


def extract(*rows: Mapping[str, str], header: Iterable[str] = tuple(BREACH)) -> bytes:
    """An extract of the National Probation Service as CSV."""
    columns = list(header)
    lines = [",".join(columns), *(",".join(row[column] for column in columns) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def breach(number: int, **changes: str) -> dict[str, str]:
    """A good row of a breaches extract, with changes."""
    return {**BREACH, "nsi_id": f"SYNTHETIC-{number:04}", "crn": f"X{990000 + number}", **changes}


def suspension(number: int, **changes: str) -> dict[str, str]:
    """A good row of a suspended breaches extract, with changes."""
    return {**SUSPENSION, "nsi_id": f"SYNTHETIC-{number:04}", "crn": f"X{990000 + number}", **changes}


def breaches(count: int = 5, **changes: str) -> bytes:
    """A good breaches extract of so many rows, with the changes in each of them."""
    return extract(*(breach(number, **changes) for number in range(1, count + 1)))


def caseload(**changes: str) -> bytes:
    """A good caseload extract of one row, with changes."""
    return extract({**CASELOAD, **changes}, header=CASELOAD)


def workbook(cover: Mapping[str, str] | None = None, /, **sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of a Community Rehabilitation Company: cover, then each sheet with its header in row 3.

    Sheets are named by keyword, an underscore for a space; those left out are written with a header alone, and those
    that are None are not written.
    """
    plan: dict[str, Any] = {
        "Caseload": (CASELOAD_HEADER, CASELOAD_ROW), "Breaches": (BREACH_HEADER, BREACH_ROW),
        "Suspended breaches": (SUSPENSION_HEADER,), **{name.replace("_", " "): rows for name, rows in sheets.items()},
    }  # fmt: skip
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("Cover")
    for row, (label, value) in enumerate({**COVER, **(cover or {})}.items()):
        sheet.write_row(row, 0, (label, value))
    for name, rows in plan.items():
        if rows is None:
            continue
        sheet = book.add_worksheet(name)
        sheet.write_string(0, 0, f"{name} return")
        for row, cells in enumerate(rows, 2):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, str(cell))
    book.close()
    return stream.getvalue()


def put(folder: Path, **files: bytes) -> Path:
    """Writes files into a folder, which is created if needed, and returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
