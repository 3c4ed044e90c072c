"""What the cover sheet of a file says, beside its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Cover
from probation_etl.contracts.organisations import fold
from probation_etl.intake.parse import read_date
from probation_etl.intake.readers import BLANKS, Grid

#: Code of the finding if a cover has two values for one label; any other label is about the organisation.
_TWICE = {"period_start": "period-mismatch", "period_end": "period-mismatch", "control_rows": "control-total"}


def read_cover(grids: Sequence[Grid], cover: Cover | None) -> tuple[dict[str, str], dict[str, Finding]]:
    """The values on the cover, right of each known label, by meaning; a finding for a label with two values."""
    grid = next((grid for grid in grids if cover and fold(grid.sheet or "") == fold(cover.sheet)), None)
    if cover is None or grid is None:
        return {}, {}
    meanings = {fold(label): meaning for meaning, label in cover.labels.items()}
    values: dict[str, str] = {}
    twice: dict[str, Finding] = {}
    uncounted = False
    for row in grid.cells.iter_rows():
        cells = [cell.strip(BLANKS) for cell in row if cell and cell.strip(BLANKS)]
        if len(cells) > 1 and (meaning := meanings.get(fold(cells[0]))):
            first = values.setdefault(meaning, cells[1])
            if fold(first) != fold(cells[1]):
                text = f"The cover says ‘{first}’ and, further down, ‘{cells[1]}’ for ‘{cells[0]}’."
                code = _TWICE.get(meaning, "ambiguous-organisation")
                twice[meaning] = replace(make(code, expected=text, value=cells[1]), message=text)
        uncounted |= len(cells) == 1 and meanings.get(fold(cells[0])) == "control_rows"
    if uncounted:
        values.setdefault("control_rows", "")
    for meaning in ("period_start", "period_end"):
        if meaning in values:
            read = read_date(values[meaning], cover.date_format)
            values[meaning] = read.isoformat() if read else values[meaning]
    return values, twice


def control_rows(cover: dict[str, str]) -> tuple[int | None, list[Finding]]:
    """The number of rows that a cover announces, and what is wrong with it."""
    text = cover.get("control_rows")
    if text == "":
        return None, [make("no-control-total", severity="warning")]
    if text is None or text.isdecimal():
        return (int(text) if text else None), []
    found = make("control-total", value=text, expected="a number")
    return None, [replace(found, message=f"The number of rows on the cover is ‘{text}’, which is not a number.")]
