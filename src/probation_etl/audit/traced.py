"""What a trace finds, as values; ``as_dict`` gives the JSON that ``trace --json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from probation_etl.discreet import Discreet
from probation_etl.stores import LedgerEntry

#: Fields of the ledger that the JSON repeats for each row.
_LEDGER = (
    "return_id", "file", "sheet", "sha256", "contract_id", "contract_version", "supplier_code", "supplier_name",
    "attempt", "verdict", "run_id",
)  # fmt: skip


@dataclass(frozen=True)
class TracedCell(Discreet):
    """A cell of the file that a row comes from.

    Attributes:
        header: Header as the supplier wrote it.
        column: Column of the contract that it means; None where it means none.
        cell: A1 reference, None for CSV.
    """

    header: str | None
    column: str | None
    cell: str | None
    value: str | None


@dataclass(frozen=True)
class TracedFinding(Discreet):
    """What was found in the row when the return was validated."""

    code: str
    rule: str
    severity: str
    source_row: int | None
    column_name: str | None
    cell: str | None
    value: str | None
    message: str


@dataclass(frozen=True)
class TracedRow(Discreet):
    """A row of a unified table, with where it comes from.

    Attributes:
        table: The unified table.
        row: Its values by column; those of restricted columns may be masked.
        source_row: Row of the file that it comes from.
        entry: The return that it comes from, as the ledger has it.
        run_started_at: When the run started that loaded it (UTC).
        state: What has become of that return since.
        cells: The cells of the source row.
        cells_missing: Why there are no cells; None where there are.
        joined: Rows of other tables that the table's query joins to it.
    """

    table: str
    row: Mapping[str, object]
    source_row: int
    entry: LedgerEntry
    run_started_at: datetime
    state: str
    cells: tuple[TracedCell, ...]
    cells_missing: str | None
    findings: tuple[TracedFinding, ...]
    joined: tuple[TracedRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON; the table is said once for all rows, and of each joined row."""
        return {
            "row": dict(self.row),
            "source_row": self.source_row,
            **{name: getattr(self.entry, name) for name in _LEDGER},
            "period_end": str(self.entry.period_end),
            "run_started_at": f"{self.run_started_at.isoformat()}Z",
            "state": self.state,
            "cells": [asdict(each) for each in self.cells],
            "cells_missing": self.cells_missing,
            "findings": [asdict(each) for each in self.findings],
            "joined": [{"table": each.table, **each.as_dict()} for each in self.joined],
        }


@dataclass(frozen=True)
class Trace(Discreet, tells=("table",)):
    """Where rows of a unified table come from.

    Attributes:
        rows_found: How many rows have the values that were asked for.
        rows: All of them, or the first.
    """

    table: str
    rows_found: int
    rows: tuple[TracedRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """The trace as JSON."""
        return {"table": self.table, "rows_found": self.rows_found, "rows": [each.as_dict() for each in self.rows]}
