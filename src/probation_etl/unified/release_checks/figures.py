"""Figures: the numbers that queries of contracts give, counted before anything else is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from probation_etl.contracts.model import TableContract
from probation_etl.discreet import Discreet
from probation_etl.errors import StoreError, TooLongError
from probation_etl.journal import goes_on
from probation_etl.unified.release_checks.checks import NOT_COMPUTED, counted


@dataclass(frozen=True)
class Figure(Discreet, tells=("why",)):
    """A number, or why there is none.

    Attributes:
        value: The number; None where it is not known.
        why: Why it is not.
    """

    value: int | None
    why: str = NOT_COMPUTED


#: The figures of a table by the names of their checks, by table.
Figures = Mapping[str, Mapping[str, Figure]]


def figures_of(contracts: Iterable[TableContract], count: Callable[[str], int]) -> Figures:
    """All figures. One that cannot be computed does not keep the others from it.

    Args:
        contracts: Contracts of unified tables and views.
        count: Gives the number of a query.
    """
    return {
        each.table: {check.name: _figure(check.query or "", count) for check in counted(each)} for each in contracts
    }


def _figure(query: str, count: Callable[[str], int]) -> Figure:
    goes_on()
    try:
        return Figure(count(query))
    except TooLongError as error:
        return Figure(
            None, f"it was ended after {error.seconds:g} seconds; --limit query_seconds=NUMBER allows it more time"
        )
    except StoreError:  # without a figure the check must not pass
        return Figure(None)
