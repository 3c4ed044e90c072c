"""Tells of hidden sheets. None is taken before one that can be seen and would fit as well: nobody may guess which of them counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Cover, ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.intake.found import FoundReturn, best_fit, by_headers
from probation_etl.intake.header import find_headers
from probation_etl.intake.readers import Grid


def rivals_of(found: FoundReturn, strays: Sequence[Grid], family: Sequence[ReturnContract]) -> list[Grid]:
    """Sheets that can be seen and would fit as well as the hidden sheet of a return; none if that is not hidden.

    Args:
        found: The return.
        strays: Sheets that belong to no return.
        family: The contracts of the workbook, in all their layouts.
    """
    contract, grid = found.contract, found.grid
    if contract is None or grid is None or not grid.hidden:
        return []
    return [each for each in strays if not each.hidden and _fits(each, contract, family)]


def _fits(grid: Grid, contract: ReturnContract, family: Sequence[ReturnContract]) -> bool:
    """Whether a sheet is the return by its header; or a copy of its sheet by its name, with some header of it."""
    headers = find_headers(grid, family)
    layouts = [each for each in family if each.id == contract.id]
    if by_headers(headers, layouts):
        return best_fit(headers, family).id == contract.id
    named = fold(contract.identification.sheet or "") in fold(grid.sheet or "")
    return named and any((each.id, each.version) in headers for each in layouts)


def rivals_of_cover(cover: Grid, strays: Sequence[Grid], contract: Cover) -> list[Grid]:
    """Sheets that can be seen and have every label that a hidden cover has; none if that is not hidden, or has no label."""
    labels = {fold(label) for label in contract.labels.values()}
    own = _texts(cover, labels) if cover.hidden else set()
    return [each for each in strays if own and not each.hidden and _texts(each, labels) >= own]


def _texts(grid: Grid, wanted: Collection[str]) -> set[str]:
    """Which of some texts stand in the cells of a sheet."""
    return {folded for row in grid.cells.iter_rows() for cell in row if cell and (folded := fold(cell)) in wanted}


def if_hidden(found: FoundReturn, sheet: Grid | None, rivals: Sequence[Grid]) -> FoundReturn:
    """The same return; with a warning if a sheet that it is read from is hidden, or refused if this sheet has rivals."""
    if sheet is None or not sheet.hidden:
        return found
    if not rivals:
        return found.with_findings(make("hidden-sheet", value=sheet.sheet, severity="warning"))
    return replace(found, grid=None).with_findings(_which(sheet, rivals))


def _which(hidden: Grid, rivals: Sequence[Grid]) -> Finding:
    listed = " and ".join(f"‘{each.sheet}’" for each in rivals)
    would = (
        f"the sheet {listed}, which can be seen," if len(rivals) == 1 else f"the sheets {listed}, which can be seen,"
    )
    text = f"The sheet ‘{hidden.sheet}’ is hidden, and {would} would fit as well: which of them is meant?"
    return make(
        "ambiguous-return", expected=text, hint="Keep the sheet that counts, show it, and give it the agreed name."
    )
