"""Everything in a store, read once, for the proofs to use; and what a fault is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from probation_etl.audit.kept_returns import KeptReturns
from probation_etl.audit.verify.recomputed import current_returns, current_rows, newest_returns, unified_tables
from probation_etl.contracts.checks.measures import amounts
from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import TableContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.stores import Attempt, Decision, Purge, Repeat, Store
from probation_etl.stores.statements import stored_columns


class Fault(NamedTuple):
    """Where an invariant is broken (a return, a run or a table), and how. It never contains a value of a row."""

    where: str
    message: str


@dataclass(frozen=True, eq=False)
class Evidence(Discreet):
    """The tables of a store, read directly and not through its views."""

    store: Store
    rulebook: Rulebook

    @cached_property
    def returns(self) -> list[Attempt]:
        """Attempts at returns, in the order of the ledger."""
        return [Attempt.of(row) for row in self._rows("returns")]

    @cached_property
    def runs(self) -> dict[str, int]:
        """Sequences of the runs by name, in the order of the ledger."""
        return {row["run_id"]: row["sequence"] for row in self._rows("runs")}

    @cached_property
    def decisions(self) -> list[Decision]:
        """Withdrawals and reinstatements, in the order of the ledger."""
        return [Decision(**row) for row in self._rows("decisions")]

    @cached_property
    def repeats(self) -> list[Repeat]:
        """Content that came again, in the order of the ledger."""
        return self.store.ledger.repeats()

    @cached_property
    def purges(self) -> list[Purge]:
        """What was removed for good, in the order of the ledger."""
        return [Purge(**row) for row in self._rows("purges")]

    @cached_property
    def purged(self) -> set[str]:
        """Attempts of which nothing is kept any more."""
        return {each.return_id for each in self.purges}

    @cached_property
    def by_id(self) -> dict[str, Attempt]:
        """Entries of the ledger by the name of the return."""
        return {each.return_id: each for each in self.returns}

    @cached_property
    def kept_since(self) -> int:
        """The last entry that was made before the store kept content and totals."""
        return int(self.store.query("SELECT COALESCE(MAX(sequence), 0) AS s FROM ledger.kept_since").item())

    @cached_property
    def totals(self) -> dict[str, dict[str, dict[str, Decimal]]]:
        """Totals that each return should have added, by return, table and measure; measures that have since changed are left out."""
        meant = {(each.table, name, text) for each in self.unified for name, text in amounts(each).items()}
        found: dict[str, dict[str, dict[str, Decimal]]] = {}
        query = "SELECT return_id, table_name, measure, expression, total FROM ledger.totals"
        for name, table, measure, expression, total in self.store.query(query).rows():
            if (table, measure, expression) in meant:
                found.setdefault(name, {}).setdefault(table, {})[measure] = total
        return found

    @cached_property
    def unified(self) -> list[TableContract]:
        """Contracts of the unified tables."""
        return self.rulebook.contracts.unified()

    @cached_property
    def history(self) -> dict[str, pl.DataFrame]:
        """Every accepted row of every return, by unified table."""
        return {each.table: self._history_of(each) for each in self.unified}

    def _history_of(self, table: TableContract) -> pl.DataFrame:
        columns = ", ".join(map(quoted, stored_columns(table)))
        return self.store.query(f"SELECT {columns} FROM history.{quoted(table.table)}")

    @cached_property
    def shown(self) -> dict[str, pl.DataFrame]:
        """Every unified table and view as the store shows it."""
        contracts = self.rulebook.contracts.tables()
        return {each.table: self.store.table(each.table) for each in contracts}

    @cached_property
    def newest(self) -> dict[str, Attempt]:
        """The newest attempt at each return, by the name of its first."""
        return newest_returns(self.returns)

    @cached_property
    def current(self) -> dict[str, Attempt]:
        """The returns whose rows must be in the unified tables, by name; recomputed from the ledger."""
        return current_returns(self.returns, self.decisions)

    @cached_property
    def expected(self) -> dict[str, pl.DataFrame]:
        """Expected content of every unified table and view, recomputed from history."""
        return unified_tables(self.rulebook.contracts, self.rulebook.tables, self._rows_of(self.current.values()))

    def expected_after(self, run_id: str) -> dict[str, pl.DataFrame]:
        """Expected content after that run, recomputed from history."""
        if self.runs.get(run_id, 0) == max(self.runs.values(), default=0):
            return self.expected
        return unified_tables(self.rulebook.contracts, self.rulebook.tables, self.current_rows_after(run_id))

    def current_rows_after(self, run_id: str) -> dict[str, pl.DataFrame]:
        """The rows that must have been current after that run, by unified table; recomputed from history."""
        last = self.runs.get(run_id, 0)

        def was_there(entry: Attempt | Decision) -> bool:
            return self.runs.get(entry.run_id, last + 1) <= last

        then = current_returns([*filter(was_there, self.returns)], filter(was_there, self.decisions))
        return self._rows_of(then.values())

    def _rows_of(self, returns: Iterable[Attempt]) -> dict[str, pl.DataFrame]:
        current = list(returns)
        return {each.table: current_rows(each, self.history[each.table], current) for each in self.unified}

    @cached_property
    def quarantined(self) -> dict[str, list[int]]:
        """Source rows in quarantine, by return."""
        rows = self.store.query("SELECT return_id, source_row FROM quarantine.rows")
        return dict(rows.group_by("return_id").agg("source_row").rows())

    @cached_property
    def unchecked(self) -> set[str]:
        """Returns whose references could not be checked when they were validated, as their findings say."""
        query = "SELECT DISTINCT return_id FROM quarantine.findings WHERE code = 'unchecked-reference'"
        return set(self.store.query(query)["return_id"])

    @cached_property
    def received(self) -> KeptReturns:
        """The returns as they were sent."""
        return KeptReturns(self.store, self.rulebook)

    def table_of(self, entry: Attempt) -> TableContract | None:
        """The unified table that a return's rows are in; None where its contract is not among the contracts."""
        contract = self.received.contract_of(entry)
        return self.rulebook.unified_for(contract) if contract else None

    def rows_of(self, entry: Attempt) -> pl.DataFrame:
        """The rows of a return in the history of its table."""
        table = self.table_of(entry)
        if table is None:
            return pl.DataFrame(schema={"return_id": pl.String, "source_row": pl.Int64})
        own: dict[str, pl.DataFrame] = self._by_return[table.table]
        return own.get(entry.return_id, self.history[table.table].clear())

    @cached_property
    def _by_return(self) -> dict[str, dict[str, pl.DataFrame]]:
        return {
            table: {str(name): rows for (name,), rows in frame.partition_by("return_id", as_dict=True).items()}
            for table, frame in self.history.items()
        }

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        return self.store.query(f"SELECT * FROM ledger.{table} ORDER BY sequence").iter_rows(named=True)
