"""Every workbook of the museum by a second reader: the same cells in the same places, of the same kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import read_grids
from second_reader import by_odfpy, by_openpyxl, by_xlrd, cells_of

MUSEUM = Path(__file__).parents[2] / "fixtures"
READERS = {".xlsx": by_openpyxl, ".xlsm": by_openpyxl, ".xls": by_xlrd, ".ods": by_odfpy}


def readable() -> list[str]:
    found = []
    for path in sorted(MUSEUM.iterdir()):
        if path.suffix in READERS:
            try:
                read_grids(path.read_bytes())
            except UnreadableFile:
                continue
            found.append(path.name)
    return found


#: openpyxl reads no workbook in the names of Strict Open XML; it reads cells without references in other places than
#: spreadsheet programs.
NOT_BY_THE_SECOND = {"strict.xlsx", "cells-without-references.xlsx"}


@pytest.mark.parametrize("name", [each for each in readable() if each not in NOT_BY_THE_SECOND])
def test_a_second_reader_reads_the_same_cells(name: str) -> None:
    data = (MUSEUM / name).read_bytes()
    second = READERS[Path(name).suffix](data)
    assert {grid.sheet: cells_of(grid) for grid in read_grids(data)} == second


def test_most_workbooks_are_held_against_a_second_reader() -> None:
    assert {Path(name).suffix for name in readable()} == set(READERS)
    assert {"chart-on-the-sheet.xls", "dates-1904-with-extensions.xlsx", "every-kind-of-cell.xls"} <= {*readable()}
