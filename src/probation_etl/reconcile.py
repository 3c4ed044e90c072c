"""Do rows and totals agree, from the cover's control total to the store? What does not agree is never loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from probation_etl.contract import Contract
from probation_etl.errors import ReconciliationError
from probation_etl.findings import Finding, make
from probation_etl.schema import column_types, safe_sql

#: Gives the rows (measure None) or a sum from the store: table, measure, names of returns.
Totals = Callable[[str, str | None, list[str]], int | Decimal]


@dataclass(frozen=True)
class Reconciliation:
    """One measure of one unified table, counted twice."""

    table: str
    measure: str
    from_returns: int | Decimal
    in_store: int | Decimal

    @property
    def agrees(self) -> bool:
        """Whether both counts are the same."""
        return self.from_returns == self.in_store

    def as_dict(self) -> dict[str, Any]:
        """As it stands in JSON: whole numbers as such, others with their decimals."""
        return {key: float(value) if isinstance(value, Decimal) else value for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Contribution:
    """What one return should have added to a unified table, counted before it was mapped."""

    return_id: str
    table: str
    totals: dict[str, int | Decimal]


def check_control_total(announced: int | None, read: int) -> list[Finding]:
    """Holds the rows read against the number that the supplier announces on the cover."""
    if announced is None or announced == read:
        return []
    return [make("control-total", value=str(announced), expected=str(read))]


def contribution(rows: pl.DataFrame, contract: Contract, unified: Contract, *, return_id: str) -> Contribution:
    """Rows and additive measures of accepted rows, by the mapping's expressions but without the mapping's engine."""
    totals: dict[str, int | Decimal] = {"rows": 0}
    for row in contract.mapping.rows if contract.mapping else ():
        expressions = {each.name: each.expression for each in row.columns}
        given = rows if row.when is None else rows.filter(safe_sql(row.when, column_types(contract)))
        totals["rows"] += given.height
        for measure in unified.measures:
            if expression := expressions.get(measure):
                total = given.select(safe_sql(f"SUM({expression})", column_types(contract))).item() or 0
                totals[measure] = totals.get(measure, 0) + total
    return Contribution(return_id, unified.table, totals)


def reconcile(contributions: Iterable[Contribution], totals: Totals) -> list[Reconciliation]:
    """Counts again in the store what the returns of a run added.

    Raises:
        ReconciliationError: A count differs; the caller must not commit.
    """
    by_table: dict[str, list[Contribution]] = {}
    for each in contributions:
        by_table.setdefault(each.table, []).append(each)
    counted = [
        Reconciliation(
            table,
            measure,
            sum(each.totals.get(measure, 0) for each in given),
            totals(table, None if measure == "rows" else measure, [each.return_id for each in given]),
        )
        for table, given in sorted(by_table.items())
        for measure in dict.fromkeys(name for each in given for name in each.totals)
    ]
    differing = [each for each in counted if not each.agrees]
    if differing:
        lines = "; ".join(
            f"{each.table}.{each.measure}: {each.from_returns} sent, {each.in_store} stored" for each in differing
        )
        raise ReconciliationError(f"Totals do not agree, so nothing was loaded: {lines}.")
    return counted
