"""Which of several contracts a table is written for, by its header."""

from __future__ import annotations

from collections.abc import Sequence

from probation_etl.contracts.model import Contract
from probation_etl.intake.readers import Grid
from probation_etl.intake.table import find_header, strangers_in


def best_fit(grid: Grid, contracts: Sequence[Contract]) -> Contract:
    """Of contracts that share a sheet or a file name, such as layouts of one return, the one whose header it has.

    Where two fit alike, the first is meant: what is wrong with the table is told in its words.
    """
    return max(contracts, key=lambda contract: _fit(grid, contract))


def _fit(grid: Grid, contract: Contract) -> int:
    """Columns found, less those that are missing or strange."""
    header = find_header(grid, contract)
    if header is None:
        return -len(contract.columns)
    found = set(header[1]) - {None}
    return len(found) - (len(contract.columns) - len(found)) - len(strangers_in(grid, header))
