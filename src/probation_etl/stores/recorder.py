"""Writes the ledger down: runs, attempts at returns, and what is decided about them. No value of a row goes into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import get_args, get_type_hints

import polars as pl

from probation_etl.contracts.checks.measures import amounts
from probation_etl.contracts.odcs import Contracts
from probation_etl.intake.result import ReturnResult
from probation_etl.stores.engine import Engine
from probation_etl.stores.entries import Attempt, RunRecord, Totals
from probation_etl.stores.standing import Standing

_TOTALS: dict[str, type[pl.DataType] | pl.DataType] = {
    "return_id": pl.String,
    "table_name": pl.String,
    "measure": pl.String,
    "expression": pl.String,
    "total": pl.Decimal(28, 6),
}
_TYPES = {str: pl.String, int: pl.Int64, bool: pl.Boolean, date: pl.Date}
_HINTS = get_type_hints(Attempt)
_RETURNS = {
    each.name: _TYPES[next(kind for kind in get_args(_HINTS[each.name]) or (_HINTS[each.name],) if kind in _TYPES)]
    for each in fields(Attempt)
}


class Recorder:
    """Adds entries to the ledger of one database, in the transaction of its store."""

    def __init__(self, engine: Engine, standing: Standing) -> None:
        """The recorder of the ledger in this database."""
        self._engine, self._standing = engine, standing
        self._next: int | None = None

    @contextmanager
    def anew(self) -> Iterator[None]:
        """Around a transaction: what it knows of the ledger holds within it alone. Another program may write before and after."""
        self._next = None
        try:
            yield
        finally:
            self._next = None

    def add_run(self, run: RunRecord) -> int:
        """Writes down a run.

        Returns:
            Its number.
        """
        sequence = self._engine.next_in("ledger.runs")
        self._engine.insert("ledger.runs", {"sequence": sequence, **vars(run)})
        return sequence

    def add_return(self, result: ReturnResult, run: RunRecord) -> None:
        """Writes down an attempt at a return."""
        entry = {"sequence": self._take_place(), **_columns(result, run)}
        # Of thousands of returns, a statement for each would take longer than all of their rows.
        self._engine.append("ledger.returns", pl.DataFrame([entry], schema=_RETURNS))
        self._standing.is_outdated = True

    def add_totals(self, return_id: str, totals: Totals, contracts: Contracts) -> None:
        """Writes down what a return should have added, each total with its expression: a measure may change its meaning."""
        rows = [
            (return_id, table, measure, amounts(contracts.unified_table(table))[measure], Decimal(total))
            for table, of in totals.items()
            for measure, total in of.items()
        ]
        self._engine.append("ledger.totals", pl.DataFrame(rows, schema=_TOTALS, orient="row"))

    def decide(self, original_id: str, *, withdrawn: bool, reason: str, run: RunRecord) -> int:
        """Writes down that a return is withdrawn or reinstated.

        Returns:
            The number of the entry.
        """
        entry = {"run_id": run.run_id, "original_id": original_id, "withdrawn": withdrawn, "reason": reason}
        sequence = self._add("ledger.decisions", entry)
        self._standing.is_outdated = True
        return sequence

    def settle(self, original_id: str) -> None:
        """Writes down that a return was validated in the light of every entry so far."""
        self._engine.insert("ledger.settled", {"original_id": original_id, "sequence": self._next_entry() - 1})

    def add_repeat(self, original_id: str, file: str, run: RunRecord) -> None:
        """Writes down that the content of a return came again, and that somebody was told what counts."""
        entry = {"run_id": run.run_id, "original_id": original_id, "file": file}
        self._add("ledger.repeats", entry)

    def purge(self, return_ids: Mapping[str, date], reason: str, run: RunRecord) -> None:
        """Writes down that attempts are purged, each with the last day on which it had to be kept."""
        for return_id, kept_until in return_ids.items():
            entry = {"run_id": run.run_id, "return_id": return_id, "kept_until": kept_until, "reason": reason}
            self._add("ledger.purges", entry)

    def _next_entry(self) -> int:
        """Returns, decisions, repeats and purges share one sequence, so that their order never depends on clocks."""
        if self._next is None:
            tables = ("returns", "decisions", "repeats", "purges")
            self._next = max(self._engine.next_in(f"ledger.{table}") for table in tables)
        return self._next

    def _add(self, table: str, entry: Mapping[str, object]) -> int:
        """Adds an entry at the next place in the sequence.

        Returns:
            The place.
        """
        sequence = self._take_place()
        self._engine.insert(table, {"sequence": sequence, **entry})
        return sequence

    def _take_place(self) -> int:
        """The next place in the sequence, which is taken then."""
        sequence = self._next_entry()
        self._next = sequence + 1
        return sequence


def _columns(result: ReturnResult, run: RunRecord) -> dict[str, object]:
    """An attempt by column, its place in the sequence left out."""
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
        "contested": result.is_contested,
    }  # fmt: skip
