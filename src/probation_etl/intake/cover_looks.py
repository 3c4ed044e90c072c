"""Tells of values on a cover that show something else than is stored, such as a period end of which only the month is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Cover
from probation_etl.contracts.organisations import fold
from probation_etl.intake.readers import BLANKS, Grid
from probation_etl.intake.readers.base import Otherwise

_IN_PART = (Otherwise.DATE_PART, Otherwise.ROUNDED)


def cover_findings(grids: Sequence[Grid], cover: Cover | None) -> list[Finding]:
    """A warning for each value of which the cover shows a part, an error for each that it shows otherwise."""
    grid = next((each for each in grids if cover and fold(each.sheet or "") == fold(cover.sheet)), None)
    if cover is None or grid is None or not grid.shown.height:
        return []
    labels = {fold(label) for label in cover.labels.values()}
    looks = {(row, column): (shown, how) for row, column, shown, how in grid.shown.iter_rows()}
    return [_finding(*cells, *looks[place]) for place, cells in _values(grid, labels) if place in looks]


def _values(grid: Grid, labels: set[str]) -> Iterator[tuple[tuple[int, int], tuple[str, str]]]:
    """Where the value of each label stands; the label and the value."""
    for row, cells in enumerate(grid.cells.iter_rows()):
        filled = [(at, cell.strip(BLANKS)) for at, cell in enumerate(cells) if cell and cell.strip(BLANKS)]
        if len(filled) > 1 and fold(filled[0][1]) in labels:
            yield (row, filled[1][0]), (filled[0][1], filled[1][1])


def _finding(label: str, value: str, shown: str, how: str) -> Finding:
    in_part = how in _IN_PART
    found = make("shown-in-part" if in_part else "shown-otherwise", value=value, shown=shown)
    message = f"The cover shows ‘{shown}’ for ‘{label}’, but ‘{value}’ is stored."
    return replace(found, message=message, severity="warning" if in_part else "error")
