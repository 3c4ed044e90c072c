"""The totals of the whole store, compared stage by stage with what was sent, in a few queries for each unified table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.stores import LedgerEntry, Store
from probation_etl.unified.reconcile import Reconciliation, reconcile
from probation_etl.unified.stage_totals import ReceivedReturn, StageTotals, Status, ViewTotal, stage_totals

_IN_QUARANTINE = 'SELECT return_id, COUNT(*) AS "rows" FROM quarantine.rows GROUP BY return_id'


def reconciled(store: Store, rulebook: Rulebook, *, run_id: str) -> list[Reconciliation]:
    """Counts every measure at every stage, for every return.

    Args:
        store: The store, in the state to check.
        rulebook: Its contracts.
        run_id: The run whose returns are listed one by one.

    Raises:
        ReconciliationError: Something does not agree; the caller must not commit.
    """
    return reconcile(_stage_totals(store, rulebook), _view_totals(store, rulebook), run_id=run_id)


def _stage_totals(store: Store, rulebook: Rulebook) -> Iterator[StageTotals]:
    tables = {each.table: store.totals(each.table) for each in rulebook.contracts.unified()}
    quarantine = dict(store.query(_IN_QUARANTINE).rows())
    received: dict[str, list[ReceivedReturn]] = {}
    homes = _homes(tables)
    contracts: dict[tuple[str | None, str | None], ReturnContract] = {
        (each.id, each.version): each for each in rulebook.returns()
    }
    for entry in store.ledger.entries():
        if entry.purged_at:
            continue
        contract = contracts.get((entry.contract_id, entry.contract_version))
        mapping = contract.mapping if contract else None
        table = homes.get(entry.return_id) or (mapping.table if mapping else None)
        if table is not None:
            in_quarantine = quarantine.get(entry.return_id, 0)
            unpivoted = bool(mapping and mapping.unpivot)
            received.setdefault(table, []).append(_received(entry, in_quarantine, unpivoted=unpivoted))
    for name, totals in tables.items():
        yield from stage_totals(rulebook.contracts.unified_table(name), totals, received.get(name, ()))


def _homes(tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """The table that each return was loaded into, as the ledger says; the mapping may say otherwise by now."""
    return {
        name: table
        for stage in ("stored", "sent")
        for table, totals in tables.items()
        for name in totals.filter(pl.col("stage") == stage)["return_id"]
    }


def _received(entry: LedgerEntry, in_quarantine: int, *, unpivoted: bool) -> ReceivedReturn:
    return ReceivedReturn(
        entry.return_id, entry.contract_id, entry.supplier_code, entry.period_end, _status(entry),
        entry.control_rows, entry.rows_read, entry.rows_accepted, entry.rows_quarantined, in_quarantine,
        entry.run_id, unpivoted,
    )  # fmt: skip


def _status(entry: LedgerEntry) -> Status:
    if not entry.loaded:
        return "rejected"
    return "withdrawn" if entry.withdrawn else "current" if entry.is_current else "superseded"


def _view_totals(store: Store, rulebook: Rulebook) -> Iterable[ViewTotal]:
    for view in rulebook.contracts.views():
        for reconciled_, frame in zip(view.reconciles, store.view_totals(view.table), strict=True):
            for row in frame.to_dicts():
                sent, shown = row.pop("sent"), row.pop("shown")
                yield ViewTotal(view.table, reconciled_.table, reconciled_.measure, row, sent, shown)
