"""Totals of all returns of a table at once: which of them may not agree, and what they add up to.

A store may hold thousands of returns. So the comparison of :mod:`stage_totals`, which names every difference, is made for the returns
that a run concerns, and for each whose stages do not plainly agree here.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from probation_etl.contracts.checks.measures import ROWS
from probation_etl.contracts.model import TableContract
from probation_etl.unified.reconcile import Reconciliation

_COUNTED = ("control_rows", "rows_read", "rows_accepted", "rows_quarantined")
_STAGES = ("sent", "stored", "superseded", "current", "replaced", "unified")


class StoreTotals:
    """The totals of every return of one unified table."""

    def __init__(self, unified: TableContract, totals: pl.DataFrame, returns: pl.DataFrame) -> None:
        """The totals of a table.

        Args:
            unified: The table.
            totals: What the store counts, as :meth:`~probation_etl.stores.Store.totals` gives it.
            returns: The returns of the table: ``return_id`` (String), ``is_current`` (Boolean) and, of the ledger,
                ``control_rows``, ``rows_read``, ``rows_accepted`` and ``rows_quarantined`` (Int64).
        """
        self._measures = {ROWS: False} | {each.name: each.counterpart is not None for each in unified.measures}
        self._table, self._found, self._silent = unified.table, returns, unified.silent_measures
        for (stage,), rows in totals.partition_by("stage", as_dict=True, include_key=False).items():
            stages = rows.rename({name: _column(str(stage), name) for name in self._measures})
            self._found = self._found.join(stages, on="return_id", how="left")
        lacking = {_column(stage, name) for stage in _STAGES for name in self._measures} - {*self._found.columns}
        self._found = self._found.with_columns(pl.lit(None, pl.Decimal(28, 6)).alias(name) for name in sorted(lacking))

    def in_doubt(self) -> set[str]:
        """The returns of which a stage has another total than the one before it."""
        tests = [self._differs(name, joined=joined) for name, joined in self._measures.items()]
        return set(self._found.filter(pl.any_horizontal(tests))["return_id"])

    def _differs(self, measure: str, *, joined: bool) -> pl.Expr:
        current, shown = _total("current", measure), _total("unified", measure) + _total("replaced", measure)
        if joined:
            return current != shown
        sent, stored = pl.col(_column("sent", measure)), _total("stored", measure)
        due = pl.when("is_current").then(stored).otherwise(0)
        return (
            (sent != stored).fill_null(value=False)
            | (due != _total("superseded", measure) + current)
            | (current != shown)
        )

    def together(self) -> Iterator[Reconciliation]:
        """All current returns together, by measure; nothing where there are none."""
        current = self._found.filter("is_current")
        if current.is_empty():
            return
        counted = {name: None if current[name].has_nulls() else int(current[name].sum()) for name in _COUNTED}
        control, read, accepted, quarantined = counted.values()
        for measure, joined in self._measures.items():
            stored = _total("current" if joined else "stored", measure)
            sums = current.select(
                sent=pl.coalesce(_column("sent", measure), stored).sum(), stored=stored.sum(),
                superseded=_total("superseded", measure).sum(), replaced=_total("replaced", measure).sum(),
                unified=_total("unified", measure).sum(),
            ).row(0, named=True)  # fmt: skip
            rows = measure == ROWS
            yield Reconciliation(
                self._table, measure, sums["sent"], sums["stored"], "store",
                control=control if rows else None, read=read if rows else None, accepted=accepted if rows else None,
                quarantined=quarantined if rows else None, superseded=sums["superseded"], replaced=sums["replaced"],
                in_unified=sums["unified"], silent=measure in self._silent,
            )  # fmt: skip


def _column(stage: str, measure: str) -> str:
    return f"{stage} {measure}"


def _total(stage: str, measure: str) -> pl.Expr:
    return pl.col(_column(stage, measure)).fill_null(0)
