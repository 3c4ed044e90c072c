"""What a run writes into its store: returns with all that belongs to them, decisions, purges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import polars as pl

from probation_etl.contracts.checks.measures import amounts, counted
from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.odcs import Contracts
from probation_etl.discreet import Discreet
from probation_etl.intake.frames import Frames
from probation_etl.intake.result import ReturnResult
from probation_etl.stores import purging, quarantine, received
from probation_etl.stores.engine import Engine
from probation_etl.stores.entries import RunRecord, Totals
from probation_etl.stores.ledger_file.keeper import Keeper
from probation_etl.stores.recorder import Recorder
from probation_etl.stores.standing import Standing
from probation_etl.stores.statements import OPEN


@dataclass(frozen=True)
class RunWriter(Discreet):
    """A run that is in the ledger of its store, and writes what belongs to it. See :meth:`Store.begin_run`."""

    run: RunRecord
    _sequence: int
    _engine: Engine
    _contracts: Contracts
    _recorder: Recorder
    _ledger_file: Keeper
    _standing: Standing

    def load(self, result: ReturnResult, unified: Mapping[str, Frames], *, totals: Totals | None = None) -> None:
        """Writes one return: its ledger entry, its unified rows, its quarantine, findings and content. It is read part by part.

        Args:
            result: The return.
            unified: Rows by unified table, as from harmonising; left out where the return is not loadable.
            totals: What the return should have added, counted before its rows were mapped; by default as in the rows.
        """
        self._recorder.add_return(result, self.run)
        for table, rows in unified.items():
            for part in rows:
                # Nearly every row that is loaded is the one to show. Where it is not, it is closed before anything is read.
                opened = part.with_columns(from_run=pl.lit(self._sequence), until_run=pl.lit(OPEN))
                self._engine.append(f"history.{quoted(table)}", opened)
        quarantine.set_aside(self._engine, result)
        if totals is None:
            # What does not fit into a table is refused by the store, before anything is counted.
            self._engine.write_waiting()
            totals = _totals_of(unified, self._contracts)
        self._recorder.add_totals(result.return_id, totals, self._contracts)
        content = result.source.received
        if content is not None and result.contract is not None and result.sha256 not in self._received:
            received.keep(self._engine, result.sha256, content)
            self._received.add(result.sha256)

    @cached_property
    def _received(self) -> set[str]:
        """The files that the store keeps, by SHA-256."""
        return received.kept(self._engine)

    def decide(self, original_id: str, *, withdrawn: bool, reason: str) -> None:
        """Writes down that a return is withdrawn or reinstated."""
        sequence = self._recorder.decide(original_id, withdrawn=withdrawn, reason=reason, run=self.run)
        self._ledger_file.note("decision", sequence=sequence, original_id=original_id, withdrawn=withdrawn)

    def purge(self, return_ids: Mapping[str, date], *, reason: str) -> None:
        """Removes for good what is kept of attempts at returns: rows, findings, totals and content, also from what readers see.

        The ledger keeps their entries, and that they were purged. Nothing else in the store is ever removed.

        Args:
            return_ids: The attempts, each with the last day on which it had to be kept.
            reason: Why.
        """
        self._recorder.purge(return_ids, reason, self.run)
        purging.remove_purged(self._engine)
        # Rows that those superseded are shown again, in earlier states too.
        self._standing.follow_anew(every=True)
        for return_id in return_ids:
            self._ledger_file.note("purge", return_id=return_id)

    def add_repeat(self, original_id: str, file: str) -> None:
        """Writes down that the content of a return came again, and that somebody was told what counts."""
        self._recorder.add_repeat(original_id, file, self.run)


def _totals_of(unified: Mapping[str, Frames], contracts: Contracts) -> dict[str, dict[str, int | Decimal]]:
    """Totals counted from the mapped rows themselves, for returns that are loaded one by one."""
    found: dict[str, dict[str, int | Decimal]] = {}
    for table, rows in unified.items():
        given = amounts(contracts.unified_table(table))
        parts = [counted(part, given) for part in rows]
        found[table] = {name: sum((each[name] for each in parts), start=0) for name in given}
    return found
