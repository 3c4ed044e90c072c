"""Who has sent what: one line a supplier, return and period, as the ledger knows it."""

from __future__ import annotations

from typing import Any

import polars as pl

from probation_etl.stores import Store


def status(store: Store) -> list[dict[str, Any]]:
    """The latest word on each supplier, return and period, rejected returns included.

    Returns:
        Dicts with ``supplier_code``, ``supplier_name``, ``contract_id``, ``period_end`` (ISO 8601), ``verdict``, ``nil``,
        ``rows_read``, ``rows_accepted``, ``rows_quarantined``, ``errors``, ``warnings``, ``file``, ``sheet``, ``run_id``.
    """
    ledger = store.returns()
    key = ["supplier_code", "contract_id", "period_end"]
    # What could not be identified stays a line of its own: it is nobody's latest return.
    own = pl.when(pl.col("contract_id").is_null() | pl.col("supplier_code").is_null()).then(pl.col("return_id"))
    latest = ledger.with_columns(own=own).sort("sequence").group_by([*key, "own"], maintain_order=True).last()
    columns = [
        "supplier_code", "supplier_name", "contract_id", pl.col("period_end").cast(pl.String), "verdict",
        (pl.col("loaded") & (pl.col("rows_read") == 0)).alias("nil"), "rows_read", "rows_accepted", "rows_quarantined",
        "errors", "warnings", "file", "sheet", "run_id",
    ]  # fmt: skip
    return latest.sort(key, nulls_last=True).select(columns).to_dicts()
