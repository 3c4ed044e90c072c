"""Sheets that are returns by the pattern of their names: of each contract there may be many."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.patterns import whole_match
from probation_etl.intake.expected_name import written
from probation_etl.intake.found import FoundReturn, best_fit
from probation_etl.intake.header import find_headers
from probation_etl.intake.readers import Grid


def by_pattern(grid: Grid, family: Sequence[ReturnContract], contracts: Sequence[ReturnContract]) -> FoundReturn | None:
    """The return that a sheet is by its name; None where no pattern matches it.

    Args:
        grid: The sheet.
        family: The contracts of the workbook.
        contracts: All contracts, whose headers are looked for.
    """
    patterns = ((each, each.identification.sheet_pattern) for each in family)
    fitting = [each for each, pattern in patterns if pattern and whole_match(pattern, (grid.sheet or "",))]
    if not fitting:
        return None
    headers = find_headers(grid, contracts)
    chosen = best_fit(headers, fitting)
    match = whole_match(chosen.identification.sheet_pattern or "", (grid.sheet or "",))
    return FoundReturn(grid, chosen, headers, named=match.groups if match else {})


def without_sheet(family: Sequence[ReturnContract], found: Collection[str]) -> Iterator[ReturnContract]:
    """The contracts with a pattern of names that no sheet has; one of each id.

    Args:
        family: The contracts of the workbook.
        found: Ids of the returns that it has.
    """
    lacking = {each.id: each for each in family if each.identification.sheet_pattern and each.id not in found}
    yield from lacking.values()


def no_such_sheet(contract: ReturnContract) -> Finding:
    """The finding that no sheet has a name of the pattern."""
    form = written(contract.identification.sheet_pattern or "")
    asked = f"in the form ‘{form}’" if form else "as the contract asks for"
    return replace(make("missing-sheet", expected=""), message=f"No sheet has a name {asked}.")
