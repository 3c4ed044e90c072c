"""What can be wrong with the window of likely days of a return."""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.model.limits import day_of


def window_faults(contract: ReturnContract) -> Iterator[str]:
    """Years that count from no day, and columns in which no day would be likely."""
    stated = [("dateWindow", contract.window), *((f"column ‘{each.name}’", each.window) for each in contract.columns)]
    for part, window in stated:
        if isinstance(window.years_before, int) and contract.effective_from is None:
            yield (
                f"{contract.where(part)}: dateWindow.yearsBefore counts from effectiveFrom, which the contract does not "
                "have: add it, or give the columns a minimum"
            )
    for column in contract.columns:
        if column.has_days and (fault := _never_likely(column, contract)):
            yield f"{contract.where(f'column ‘{column.name}’')}: {fault}"


def _never_likely(column: Column, contract: ReturnContract) -> str | None:
    """Why no day that the bounds of a column allow is likely."""
    first, last = contract.first_likely_day(column), day_of(column.interval.greatest(column.step))
    if first is None or last is None or first <= last:
        return None
    begin = f"likely days begin on {first}"
    return f"no day up to {last} is likely, because {begin}: give it a minimum, or another dateWindow"
