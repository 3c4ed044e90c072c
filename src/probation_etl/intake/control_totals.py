"""Control totals in a file beside a return: how many rows it should have, and what its columns of numbers should add up to.

The file is CSV without a header, a name and a number in each line: ``rows,120`` and, where its sender wants more to be
counted, the header of a column and its sum. A file that was cut off at the end of a line can be known by nothing else.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from probation_etl.contracts.organisations import fold
from probation_etl.discreet import Discreet
from probation_etl.intake.received import Received

#: More than any contract has columns of numbers.
_LINES = 1_000
_ROWS = "rows"
_NUMBER = re.compile(r"-?\d{1,22}(\.\d{1,6})?")


@dataclass(frozen=True)
class ControlTotals(Discreet):
    """What a file with control totals says.

    Attributes:
        file: Its name.
        rows: How many rows the return should have; None if that cannot be read.
        sums: Line and total by the name of a column, folded.
        fault: Why it cannot be read; empty if it can.
    """

    file: str
    rows: int | None = None
    sums: Mapping[str, tuple[int, Decimal]] = field(default_factory=dict)
    fault: str = ""


_TOO_LONG = f"it has more than {_LINES:,} lines"


def read_control_totals(file: str, data: bytes | Received | None) -> ControlTotals:
    """Reads a file with control totals, None where it could not be read; what is wrong with it is said in ``fault``."""
    if data is None:
        return ControlTotals(file, fault="it is out of reach")
    try:
        records = (
            list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
            if isinstance(data, bytes)
            else None
        )
    except (UnicodeDecodeError, csv.Error):
        return ControlTotals(file, fault="it is not CSV in UTF-8")
    if records is None or len(records) > _LINES:
        return ControlTotals(file, fault=_TOO_LONG)
    rows: int | None = None
    sums: dict[str, tuple[int, Decimal]] = {}
    for line, record in enumerate(records, 1):
        cells = [each.strip() for each in record]
        if not any(cells):
            continue
        if len(cells) != 2 or not _NUMBER.fullmatch(cells[1]):
            return ControlTotals(file, fault=f"line {line} is not a name, a comma and a number")
        name = fold(cells[0])
        if name in sums or (name == _ROWS and rows is not None):
            return ControlTotals(file, fault=f"line {line} names what a line above it names")
        if name != _ROWS:
            sums[name] = line, Decimal(cells[1])
        elif cells[1].isdecimal():
            rows = int(cells[1])
    return (
        ControlTotals(file, rows, sums) if rows is not None else ControlTotals(file, fault="no line gives the ‘rows’")
    )
