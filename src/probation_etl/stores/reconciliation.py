"""The totals of a store, compared stage by stage with what was sent, in a few queries for each unified table.

Every return is compared at every run, all at once; one by one those of the providers and periods that the run concerns, so that each
supplier finds what it sent, and those that may not agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from probation_etl.contracts.model import ReturnContract, TableContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.stores import LedgerEntry, Store
from probation_etl.unified.reconcile import Reconciliation, reconcile
from probation_etl.unified.stage_totals import ReceivedReturn, StageTotals, Status, ViewTotal, stage_totals
from probation_etl.unified.store_totals import StoreTotals

_IN_QUARANTINE = 'SELECT return_id, COUNT(*) AS "rows" FROM quarantine.rows GROUP BY return_id'
_PLACE = ("supplier_code", "period_end")


def reconciled(store: Store, rulebook: Rulebook, *, run_id: str) -> list[Reconciliation]:
    """Counts every measure at every stage, for every return.

    Args:
        store: The store, in the state to check.
        rulebook: Its contracts.
        run_id: The run whose returns are listed one by one, beside those of the same providers and periods.

    Raises:
        ReconciliationError: Something does not agree; the caller must not commit.
    """
    totals = {each.table: store.totals(each.table) for each in rulebook.contracts.unified()}
    returns = _with_tables(store.ledger.frame(), totals, rulebook)
    concerned = _concerned(store, rulebook.contracts.unified(), returns, run_id)
    one_by_one: list[StageTotals] = []
    together: list[Reconciliation] = []
    for name in sorted(totals):
        contract, own = rulebook.contracts.unified_table(name), returns.filter(table=name)
        added_up = StoreTotals(contract, totals[name], own)
        together += added_up.together()
        unknown = set(totals[name]["return_id"]) - set(own["return_id"])
        looked_at = concerned | added_up.in_doubt() | unknown
        received = _received(store, own.filter(pl.col("return_id").is_in(looked_at)), rulebook)
        one_by_one += stage_totals(contract, totals[name].filter(pl.col("return_id").is_in(looked_at)), received)
    return reconcile(one_by_one, _view_totals(store, rulebook), together, run_id=run_id)


def _with_tables(returns: pl.DataFrame, totals: Mapping[str, pl.DataFrame], rulebook: Rulebook) -> pl.DataFrame:
    """The returns that are not purged, with the ``table`` that each was loaded into, as the ledger says; else that of its mapping.

    The mapping may say otherwise by now.
    """
    homes = _homes(totals)
    mapped = {(each.id, each.version): each.mapping.table for each in rulebook.returns() if each.mapping}
    contracts = zip(*(returns[name] for name in ("return_id", "contract_id", "contract_version")), strict=True)
    tables = [homes.get(name) or mapped.get((contract, version)) for name, contract, version in contracts]
    return returns.with_columns(table=pl.Series(tables, dtype=pl.String)).filter(pl.col("purged_at") == 0)


def _concerned(store: Store, tables: Iterable[TableContract], returns: pl.DataFrame, run_id: str) -> set[str]:
    """Returns of the providers and periods of which the run loaded a return, or changed which rows are current."""
    changed = [store.changed_by(each.table, run_id) for each in tables]
    touched = returns.filter((pl.col("run_id") == run_id) | pl.col("return_id").is_in(pl.concat(changed).implode()))
    return set(returns.join(touched.select(_PLACE).unique(), on=_PLACE, nulls_equal=True)["return_id"])


def _homes(tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """The table that each return was loaded into, as the ledger says; the mapping may say otherwise by now."""
    return {
        name: table
        for stage in ("stored", "sent")
        for table, totals in tables.items()
        for name in totals.filter(pl.col("stage") == stage)["return_id"]
    }


def _received(store: Store, returns: pl.DataFrame, rulebook: Rulebook) -> Iterator[ReceivedReturn]:
    """These returns as the ledger records them."""
    quarantine = dict(store.query(_IN_QUARANTINE).rows())
    contracts: dict[tuple[str | None, str | None], ReturnContract] = {
        (each.id, each.version): each for each in rulebook.returns()
    }
    for row in returns.drop("table").iter_rows(named=True):
        entry = LedgerEntry.of(row)
        contract = contracts.get((entry.contract_id, entry.contract_version))
        yield ReceivedReturn(
            entry.return_id, entry.contract_id, entry.supplier_code, entry.period_end, _status(entry),
            entry.control_rows, entry.rows_read, entry.rows_accepted, entry.rows_quarantined,
            quarantine.get(entry.return_id, 0), entry.run_id, bool(contract and contract.mapping and contract.mapping.unpivot),
        )  # fmt: skip


def _status(entry: LedgerEntry) -> Status:
    if not entry.loaded:
        return "rejected"
    return "withdrawn" if entry.withdrawn else "current" if entry.is_current else "superseded"


def _view_totals(store: Store, rulebook: Rulebook) -> Iterable[ViewTotal]:
    silent = {(each.table, name) for each in rulebook.contracts.unified() for name in each.silent_measures}
    for view in rulebook.contracts.views():
        for reconciled_, frame in zip(view.reconciles, store.view_totals(view.table), strict=True):
            for row in frame.to_dicts():
                sent, shown = row.pop("sent"), row.pop("shown")
                yield ViewTotal(
                    view.table, reconciled_.table, reconciled_.measure, row, sent, shown,
                    silent=(reconciled_.table, reconciled_.measure) in silent,
                )  # fmt: skip
