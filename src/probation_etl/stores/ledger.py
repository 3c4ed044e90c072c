"""The ledger as it is read: which runs there were, what arrived in them, what was decided, and which returns are current."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime

import polars as pl

from probation_etl.errors import UsageError
from probation_etl.intake.claims import Claim
from probation_etl.stores.engine import Engine
from probation_etl.stores.entries import Attempt, LedgerEntry, Purge, Repeat
from probation_etl.stores.standing import STANDING, Standing

#: All attempts, with what has become of them.
_ENTRIES = """
SELECT r.*, COALESCE(n.is_current, FALSE) AS is_current, n.return_id IS NOT NULL AS is_newest,
       COALESCE(n.withdrawn, FALSE) AS withdrawn, n.arrival,
       GREATEST(r.sequence, COALESCE(s.settled_at, 0)) AS settled_at, COALESCE(d.decided_at, 0) AS decided_at,
       COALESCE(p.sequence, 0) AS purged_at
FROM ledger.returns AS r
LEFT JOIN {standing} AS n ON n.return_id = r.return_id
LEFT JOIN (SELECT original_id, MAX(sequence) AS settled_at FROM ledger.settled GROUP BY original_id) AS s
    ON s.original_id = r.original_id
LEFT JOIN (SELECT original_id, MAX(sequence) AS decided_at FROM ledger.decisions GROUP BY original_id) AS d
    ON d.original_id = r.original_id
LEFT JOIN ledger.purges AS p ON p.return_id = r.return_id
ORDER BY r.sequence
"""


class Ledger:
    """The ledger of one database. All that it lists is in the order in which it was written down."""

    def __init__(self, engine: Engine, standing: Standing) -> None:
        """The ledger in this database."""
        self._engine, self._standing = engine, standing

    def runs_of(self, run_ids: Iterable[str]) -> list[str]:
        """Those of the runs that there were."""
        wanted = set(run_ids)
        if not wanted:
            return []
        return [
            run_id
            for (run_id,) in self._engine.rows("SELECT run_id FROM ledger.runs ORDER BY sequence")
            if run_id in wanted
        ]

    def has_run(self, run_id: str) -> bool:
        """Whether there was that run."""
        return bool(self.runs_of([run_id]))

    def has_run_after_all(self, run_id: str) -> bool:
        """Whether there was that run, asked over a new connection: after a commit that failed, this says what holds.

        Raises:
            StoreError: The database is out of reach or fails again.
        """
        self._engine.reconnect()
        return self.has_run(run_id)

    def run_at(self, moment: str | datetime) -> int:
        """The sequence of a run; for a time (UTC where it has no zone), of the last in the ledger of those started by then.

        Clocks may jump, so the order of the ledger counts.

        Raises:
            UsageError: There is no such run.
        """
        if isinstance(moment, datetime):
            if moment.tzinfo is not None:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
            query = "SELECT COALESCE(MAX(sequence), 0) FROM ledger.runs WHERE started_at <= $1"
            return int(self._engine.value(query, [moment]))
        found = self._engine.value("SELECT sequence FROM ledger.runs WHERE run_id = $1", [moment])
        if found is None:
            raise UsageError(f"The store {self._engine.place} knows no run ‘{moment}’.")
        return int(found)

    def frame(self, run_sequence: int | None = None) -> pl.DataFrame:
        """All attempts in their order, with the fields of :class:`LedgerEntry` as columns; as they stood after that run."""
        if run_sequence is not None:
            return self._engine.frame(_ENTRIES.format(standing=f"({STANDING})"), [run_sequence])
        self._standing.refresh_returns()
        return self._engine.frame(_ENTRIES.format(standing="ledger.standing"))

    def entries(self) -> list[LedgerEntry]:
        """The same as values."""
        self._standing.refresh_returns()
        names = [each.name for each in fields(LedgerEntry)]
        query = f"SELECT {', '.join(names)} FROM ({_ENTRIES.format(standing='ledger.standing')}) AS e ORDER BY sequence"
        return [LedgerEntry.of_row(names, row) for row in self._engine.rows(query)]

    def is_current(self, return_id: str) -> bool:
        """Whether the rows of an attempt are in the unified tables."""
        self._standing.refresh_returns()
        query = "SELECT COUNT(*) FROM ledger.standing WHERE return_id = $1 AND is_current"
        return bool(self._engine.value(query, [return_id]))

    def stands(self, return_id: str) -> bool:
        """Whether an attempt is the newest at its return, and the return is not withdrawn: it counts, or was superseded."""
        self._standing.refresh_returns()
        query = "SELECT COUNT(*) FROM ledger.standing WHERE return_id = $1 AND NOT withdrawn"
        return bool(self._engine.value(query, [return_id]))

    def known(self, sha256: str) -> list[Attempt]:
        """Attempts at returns of a file with this content."""
        return self._attempts("WHERE sha256 = $1", [sha256])

    def sent_for(self, claim: Claim) -> list[Attempt]:
        """Attempts at the returns of one kind that a supplier sent for one period."""
        return self._attempts("WHERE supplier_code = $1 AND kind = $2 AND period_end = $3", list(claim))

    def originals(self) -> dict[Claim, set[str]]:
        """The names of all returns, by what they claim to be; those that claim nothing are left out."""
        found: dict[Claim, set[str]] = {}
        query = "SELECT DISTINCT supplier_code, kind, period_end, original_id FROM ledger.returns"
        for *claim, original_id in self._engine.rows(query):
            if None not in claim:
                found.setdefault(Claim(*claim), set()).add(original_id)
        return found

    def repeats(self) -> list[Repeat]:
        """Content that came again."""
        rows = self._engine.rows("SELECT sequence, run_id, original_id, file FROM ledger.repeats ORDER BY sequence")
        return [Repeat(*row) for row in rows]

    def purges(self) -> list[Purge]:
        """Attempts that were purged."""
        rows = self._engine.frame("SELECT * FROM ledger.purges ORDER BY sequence").iter_rows(named=True)
        return [Purge(**row) for row in rows]

    def _attempts(self, where: str, parameters: list[object]) -> list[Attempt]:
        query = f"SELECT * FROM ledger.returns {where} ORDER BY sequence"
        return [Attempt.of(row) for row in self._engine.frame(query, parameters).iter_rows(named=True)]
