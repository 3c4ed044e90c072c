"""What a return leaves in ledger and quarantine, as rows. No value of a row goes into the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import polars as pl

from probation_etl.contracts.checks.measures import amounts, counted
from probation_etl.contracts.odcs import Contracts
from probation_etl.intake.result import ReturnResult
from probation_etl.stores.base import RunRecord, Totals

#: All attempts, with what has become of them.
RETURNS = """
SELECT r.*, COALESCE(n.is_current, FALSE) AS is_current, n.return_id IS NOT NULL AS is_newest,
       COALESCE(n.withdrawn, FALSE) AS withdrawn, n.arrival,
       GREATEST(r.sequence, COALESCE(s.settled_at, 0)) AS settled_at, COALESCE(d.decided_at, 0) AS decided_at
FROM ledger.returns AS r
LEFT JOIN ledger.standing AS n ON n.return_id = r.return_id
LEFT JOIN (SELECT original_id, MAX(sequence) AS settled_at FROM ledger.settled GROUP BY original_id) AS s
    ON s.original_id = r.original_id
LEFT JOIN (SELECT original_id, MAX(sequence) AS decided_at FROM ledger.decisions GROUP BY original_id) AS d
    ON d.original_id = r.original_id
ORDER BY r.sequence
"""
#: Where each return stands after the runs up to ``$1``: the newest attempt at it, whether it is withdrawn, and which of
#: those for one supplier, kind and period is current. Arrival is the place of its first attempt in the sequence.
STAND = """
INSERT INTO ledger.standing
SELECT return_id, arrival, withdrawn, loaded AND NOT withdrawn AND recency = 1
FROM (
    SELECT r.return_id, o.sequence AS arrival, r.loaded, COALESCE(d.withdrawn, FALSE) AS withdrawn,
        ROW_NUMBER() OVER (
            PARTITION BY r.supplier_code, r.kind, r.period_end, r.loaded AND NOT COALESCE(d.withdrawn, FALSE)
            ORDER BY o.sequence DESC
        ) AS recency
    FROM (
        SELECT a.*, ROW_NUMBER() OVER (PARTITION BY a.original_id ORDER BY a.sequence DESC) AS newness
        FROM ledger.returns AS a JOIN ledger.runs AS u ON u.run_id = a.run_id
        WHERE u.sequence <= $1
    ) AS r
    JOIN ledger.returns AS o ON o.return_id = r.original_id
    LEFT JOIN (
        SELECT a.original_id, a.withdrawn,
            ROW_NUMBER() OVER (PARTITION BY a.original_id ORDER BY a.sequence DESC) AS newness
        FROM ledger.decisions AS a JOIN ledger.runs AS u ON u.run_id = a.run_id
        WHERE u.sequence <= $1
    ) AS d ON d.original_id = r.original_id AND d.newness = 1
    WHERE r.newness = 1
) AS newest
"""
#: Beyond any run.
NOW = 2**62
_TOTALS: dict[str, Any] = {
    "return_id": pl.String,
    "table_name": pl.String,
    "measure": pl.String,
    "expression": pl.String,
    "total": pl.Decimal(28, 6),
}
_FINDING_COLUMNS = ("code", "rule", "severity", "row", "column", "cell", "value", "message")


def entry(result: ReturnResult, run: RunRecord) -> dict[str, Any]:
    """The ledger's entry of a return, its place in the sequence left out."""
    contract, supplier, counts = result.contract, result.supplier, result.counts()
    return {
        "return_id": result.return_id, "original_id": result.original_id, "run_id": run.run_id,
        "file": result.file, "sheet": result.sheet, "sha256": result.sha256, "contracts_digest": run.contracts_digest,
        "contract_id": contract and contract.id, "contract_version": contract and contract.version,
        "kind": contract and contract.kind,
        "supplier_code": supplier and supplier.code, "supplier_name": supplier and supplier.name,
        "period_start": result.period_start, "period_end": result.period_end,
        "verdict": result.verdict, "loaded": result.is_loadable, "unresolved": result.is_unresolved,
        "attempt": result.attempt,
        **{f"rows_{name}": count for name, count in asdict(result.rows).items()},
        "errors": counts["error"], "warnings": counts["warning"], "control_rows": result.control_rows,
    }  # fmt: skip


def quarantine(result: ReturnResult) -> dict[str, pl.DataFrame]:
    """Rows for the tables of the quarantine, by table; those without rows are left out."""
    named = pl.lit(result.return_id).alias("return_id")
    kept: dict[str, pl.DataFrame] = {}
    if result.quarantined.height:
        cells = [json.dumps(list(row), ensure_ascii=False) for row in result.quarantined.drop("source_row").iter_rows()]
        kept["rows"] = result.quarantined.select(named, "source_row", pl.Series("cells", cells, dtype=pl.String))
    if result.findings.height:
        names = {"row": "source_row", "column": "column_name"}
        kept["findings"] = result.findings.select(named, *_FINDING_COLUMNS).rename(names)
    return kept


def totals(return_id: str, counted: Totals, contracts: Contracts) -> pl.DataFrame:
    """Totals of a return as rows of the ledger, each with what it adds up: a measure may come to mean something else."""
    rows = [
        (return_id, table, measure, amounts(contracts.unified_table(table))[measure], Decimal(total))
        for table, of in counted.items()
        for measure, total in of.items()
    ]
    return pl.DataFrame(rows, schema=_TOTALS, orient="row")


def totals_of(unified: Mapping[str, pl.DataFrame], contracts: Contracts) -> dict[str, dict[str, int | Decimal]]:
    """Totals counted from the mapped rows themselves, for returns that are loaded one by one."""
    return {table: counted(frame, amounts(contracts.unified_table(table))) for table, frame in unified.items()}
