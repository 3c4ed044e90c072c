"""Who has sent what: one line a supplier, return and period, as the ledger knows it."""

from __future__ import annotations

from typing import Any

import polars as pl

from probation_etl.pipeline.rulebook import Rulebook
from probation_etl.pipeline.stages import unallocated_by_return
from probation_etl.stores import Store


def status(store: Store, rulebook: Rulebook) -> list[dict[str, Any]]:
    """The latest word on each supplier, return and period, rejected returns included.

    Args:
        store: The store.
        rulebook: What its returns were judged by.

    Returns:
        Dicts with ``supplier_code``, ``supplier_name``, ``contract_id``, ``period_end`` (ISO 8601), ``verdict``, ``nil``,
        ``rows_read``, ``rows_accepted``, ``rows_quarantined``, ``rows_unallocated`` (rows of the unified tables for which a
        lookup found no value, such as a region), ``errors``, ``warnings``, ``withdrawn``, ``file``, ``sheet``,
        ``return_id`` (which ``store withdraw`` takes), ``run_id``.
    """
    ledger = store.returns()
    counted = unallocated_by_return(store, rulebook)
    found = pl.Series("rows_unallocated", [counted[each] for each in ledger["return_id"]], dtype=pl.Int64)
    key = ["supplier_code", "contract_id", "period_end"]
    # What could not be identified stays a line of its own: it is nobody's latest return.
    own = pl.when(pl.col("contract_id").is_null() | pl.col("supplier_code").is_null()).then(pl.col("return_id"))
    # Rows of an earlier return for the period count for as long as they are the current ones.
    every = ledger.with_columns(found, own=own).with_columns(pl.col("rows_unallocated").sum().over([*key, "own"]))
    latest = every.sort("sequence").group_by([*key, "own"], maintain_order=True).last()
    columns = [
        "supplier_code", "supplier_name", "contract_id", pl.col("period_end").cast(pl.String), "verdict",
        (pl.col("loaded") & (pl.col("rows_read") == 0)).alias("nil"), "rows_read", "rows_accepted", "rows_quarantined",
        "rows_unallocated", "errors", "warnings", "withdrawn", "file", "sheet", "return_id", "run_id",
    ]  # fmt: skip
    return latest.sort(key, nulls_last=True).select(columns).to_dicts()
