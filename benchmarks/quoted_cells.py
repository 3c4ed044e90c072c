"""What quotation marks cost in a CSV file: against reading the same rows without any.

Each kind is read as a whole, in turn with the plain rows, and the least of three times counts; processor time is measured, so
that other work on the machine counts for little. Another number of rows can be given: ``quoted_cells.py 1000000``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from probation_etl.intake.readers.csv import read_csv
from timing import processor_seconds

ROWS, TIMES = 200_000, 3
NAMES = tuple(f"name_{number}" for number in range(13))
#: Each kind: how a row is written by its number and the number of rows, and how many times the plain rows it may take.
Row = Callable[[list[str], int, int], list[str]]
KINDS: dict[str, tuple[Row, float]] = {
    "one cell with a delimiter": (lambda row, at, rows: with_delimiter(row) if at == rows // 2 else row, 4),
    "one in a thousand": (lambda row, at, _: with_delimiter(row) if at % 1_000 == 7 else row, 4),
    "one in each row": (lambda row, _at, _: with_delimiter(row), 8),
    "every cell": (lambda row, _at, _: [f'"{cell}"' for cell in row], 5),
}


def with_delimiter(row: list[str]) -> list[str]:
    return [*row[:4], '"Synthetic, S"', *row[5:]]


def content(written: Row, rows: int) -> bytes:
    """A file of so many rows."""
    lines = [",".join(NAMES)]
    for at in range(rows):
        row = [
            f"SYNTHETIC-{at}",
            f"X{at:07}",
            "1",
            "N50",
            "",
            "CO",
            "UPW",
            "RLRH",
            "2014-06-10",
            "2014-06-12",
            "SYN01",
            "",
            "BRE05",
        ]
        lines.append(",".join(written(row, at, rows)))
    return "\r\n".join([*lines, ""]).encode()


def main(rows: int = ROWS) -> int:
    plain = content(lambda row, _at, _: row, rows)
    is_quick = True
    for kind, (written, most) in KINDS.items():
        data = content(written, rows)
        times = [
            (processor_seconds(partial(read_csv, plain)), processor_seconds(partial(read_csv, data)))
            for _ in range(TIMES)
        ]
        least, quoted = (min(each) for each in zip(*times, strict=True))
        print(
            f"{kind}: {quoted:.2f} s, {quoted / least:.1f} × {least:.2f} s without quotation marks (at most {most:g})"
        )
        is_quick = is_quick and quoted <= most * least
    return 0 if is_quick else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
