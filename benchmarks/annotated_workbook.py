"""How long the annotated workbook of 200,000 rows takes, against the time that xlsxwriter needs to write them plain.

Both write every cell as text, row by row, with nothing kept in memory. Processor time is measured, in turns, so that other
work on the machine does not count for one of them alone. Another number of rows, and in how many of them one has a fault,
can be given: ``annotated_workbook.py 50000 1``.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.reports.workbook import Sent, write_workbook
from returns import HEADER
from timing import processor_seconds

ROWS, ONE_FAULT_IN, AT_MOST, TURNS = 200_000, 20, 3.0, 2
NAME = "N53_breaches_2020-03-01.csv"


def rows(count: int, one_fault_in: int) -> Iterator[tuple[str, ...]]:
    for number in range(count):
        order = "LIC" if number % one_fault_in == 0 else "CO"
        yield (
            f"SYNTHETIC-{number:06}", f"X{number:06}", "1", "N53", "N53DRBY", order, "UPW", "RLRH", "2020-02-19",
            "2020-02-21", "SYN01", "", "BRE05",
        )  # fmt: skip


def content(count: int, one_fault_in: int) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows(count, one_fault_in)])
    return text.getvalue().encode()


def main(count: int = ROWS, one_fault_in: int = ONE_FAULT_IN) -> int:
    rulebook, data = load_rulebook(), content(count, one_fault_in)
    (result,) = assess(NAME, data, rulebook)
    (grid,) = result.source.sheets

    with tempfile.TemporaryDirectory() as folder:

        def annotated() -> None:
            write_workbook(Path(folder, "annotated.xlsx"), [Sent.of(result)], [result])

        def plain() -> None:
            with xlsxwriter.Workbook(str(Path(folder, "plain.xlsx")), {"constant_memory": True}) as book:
                sheet = book.add_worksheet()
                for row, texts in enumerate(grid.cells.iter_rows()):
                    for column, text in enumerate(texts):
                        if text is not None:
                            sheet.write_string(row, column, text)

        ratios = []
        for turn in range(1, TURNS + 1):
            yardstick, taken = processor_seconds(plain), processor_seconds(annotated)
            ratios.append(taken / yardstick)
            print(f"turn {turn}: plain {yardstick:.1f} s, annotated {taken:.1f} s, ratio {ratios[-1]:.2f}")
    best = min(ratios)
    found = result.findings.height
    print(f"annotated workbook of {count:,} rows with {found:,} findings: {best:.2f} × plain (at most {AT_MOST:g})")
    return 0 if best <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
