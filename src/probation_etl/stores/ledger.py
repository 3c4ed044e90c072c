"""The ledger: which runs there were, what arrived in them, what was decided, and which returns are current.

No value of a row goes into the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal

import polars as pl

from probation_etl.contracts.checks.measures import amounts, counted
from probation_etl.contracts.odcs import Contracts
from probation_etl.errors import UsageError
from probation_etl.intake.claims import Claim
from probation_etl.intake.result import ReturnResult
from probation_etl.stores.engine import Engine
from probation_etl.stores.entries import Attempt, LedgerEntry, Purge, Repeat, RunRecord, Totals

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
#: The standing of each return after the runs up to ``$1``: the newest attempt at it, whether it is withdrawn, and which of
#: those for one supplier, kind and period is current. Arrival is the place in the sequence of its first attempt that was
#: not contested: a return that was refused because of another file comes when it is taken.
_STANDING = """
SELECT return_id, arrival, withdrawn, loaded AND NOT withdrawn AND recency = 1 AS is_current
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
    JOIN (
        SELECT a.original_id, COALESCE(MIN(CASE WHEN NOT a.contested THEN a.sequence END), MIN(a.sequence)) AS sequence
        FROM ledger.returns AS a JOIN ledger.runs AS u ON u.run_id = a.run_id
        WHERE u.sequence <= $1
        GROUP BY a.original_id
    ) AS o ON o.original_id = r.original_id
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
_NOW = 2**62
_TOTALS: dict[str, type[pl.DataType] | pl.DataType] = {
    "return_id": pl.String,
    "table_name": pl.String,
    "measure": pl.String,
    "expression": pl.String,
    "total": pl.Decimal(28, 6),
}


class Ledger:
    """The ledger of one database, read and written in the transaction of its store.

    ``ledger.standing`` says which returns are current. It is worked out from the other tables when it is read, not after
    each entry of a run.

    Attributes:
        is_outdated: Whether ``ledger.standing`` has to be worked out again before it is read.
    """

    def __init__(self, engine: Engine) -> None:
        """The ledger in this database."""
        self._engine = engine
        self.is_outdated = False
        self._next: int | None = None

    def begin(self) -> None:
        """Forgets at the beginning of a transaction what another program may have changed."""
        self._next = None

    def end(self) -> None:
        """Forgets what held within a transaction alone: committed or rolled back, standings agree with the ledger again."""
        self.is_outdated, self._next = False, None

    def add_run(self, run: RunRecord) -> None:
        """Writes down a run."""
        self._engine.insert("ledger.runs", {"sequence": self._engine.next_in("ledger.runs"), **vars(run)})

    def runs_of(self, run_ids: Iterable[str]) -> list[str]:
        """Those of the runs that there were, in the order of the ledger."""
        wanted = set(run_ids)
        if not wanted:
            return []
        return [
            run_id
            for (run_id,) in self._engine.rows("SELECT run_id FROM ledger.runs ORDER BY sequence")
            if run_id in wanted
        ]

    def add_return(self, result: ReturnResult, run: RunRecord) -> None:
        """Writes down an attempt at a return."""
        self._add("ledger.returns", _columns(result, run))
        self.is_outdated = True

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
        self.is_outdated = True
        return sequence

    def settle(self, original_id: str) -> None:
        """Writes down that a return was validated in the light of every entry so far."""
        self._engine.insert("ledger.settled", {"original_id": original_id, "sequence": self._next_entry() - 1})

    def add_repeat(self, original_id: str, file: str, run: RunRecord) -> None:
        """Writes down that the content of a return came again, and that somebody was told what counts."""
        entry = {"run_id": run.run_id, "original_id": original_id, "file": file}
        self._add("ledger.repeats", entry)

    def repeats(self) -> list[Repeat]:
        """Content that came again, in the order of the ledger."""
        rows = self._engine.frame("SELECT * FROM ledger.repeats ORDER BY sequence").iter_rows(named=True)
        return [Repeat(**row) for row in rows]

    def purge(self, return_ids: Mapping[str, date], reason: str, run: RunRecord) -> None:
        """Writes down that attempts are purged, each with the last day on which it had to be kept."""
        for return_id, kept_until in return_ids.items():
            entry = {"run_id": run.run_id, "return_id": return_id, "kept_until": kept_until, "reason": reason}
            self._add("ledger.purges", entry)

    def purges(self) -> list[Purge]:
        """Attempts that were purged, in the order of the ledger."""
        rows = self._engine.frame("SELECT * FROM ledger.purges ORDER BY sequence").iter_rows(named=True)
        return [Purge(**row) for row in rows]

    def is_current(self, return_id: str) -> bool:
        """Whether the rows of an attempt are in the unified tables."""
        self.refresh()
        query = "SELECT COUNT(*) FROM ledger.standing WHERE return_id = $1 AND is_current"
        return bool(self._engine.value(query, [return_id]))

    def known(self, sha256: str) -> list[Attempt]:
        """Attempts at returns of a file with this content."""
        return self._attempts("WHERE sha256 = $1", [sha256])

    def originals(self) -> dict[Claim, set[str]]:
        """The names of all returns, by what they claim to be; those that claim nothing are left out."""
        found: dict[Claim, set[str]] = {}
        query = "SELECT DISTINCT supplier_code, kind, period_end, original_id FROM ledger.returns"
        for *claim, original_id in self._engine.rows(query):
            if None not in claim:
                found.setdefault(Claim(*claim), set()).add(original_id)
        return found

    def sent_for(self, claim: Claim) -> list[Attempt]:
        """Attempts at the returns of one kind that a supplier sent for one period."""
        return self._attempts("WHERE supplier_code = $1 AND kind = $2 AND period_end = $3", list(claim))

    def known_by_content(self) -> dict[str, list[Attempt]]:
        """All attempts by SHA-256."""
        found: dict[str, list[Attempt]] = {}
        for each in self._attempts():
            found.setdefault(each.sha256, []).append(each)
        return found

    def _attempts(self, where: str = "", parameters: list[object] | None = None) -> list[Attempt]:
        query = f"SELECT * FROM ledger.returns {where} ORDER BY sequence"
        return [Attempt.of(row) for row in self._engine.frame(query, parameters).iter_rows(named=True)]

    def frame(self, run_sequence: int | None = None) -> pl.DataFrame:
        """All attempts in their order, with the fields of :class:`LedgerEntry` as columns; as they stood after that run."""
        if run_sequence is not None:
            return self._engine.frame(_ENTRIES.format(standing=f"({_STANDING})"), [run_sequence])
        self.refresh()
        return self._engine.frame(_ENTRIES.format(standing="ledger.standing"))

    def entries(self) -> list[LedgerEntry]:
        """The same as values."""
        return [LedgerEntry.of(row) for row in self.frame().iter_rows(named=True)]

    def run_at(self, moment: str | datetime) -> int:
        """The sequence of a run; for a time (UTC), of the last in the ledger of those started by then: clocks may jump.

        Raises:
            UsageError: There is no such run.
        """
        if isinstance(moment, datetime):
            query = "SELECT COALESCE(MAX(sequence), 0) FROM ledger.runs WHERE started_at <= $1"
            return int(self._engine.value(query, [moment]))
        found = self._engine.value("SELECT sequence FROM ledger.runs WHERE run_id = $1", [moment])
        if found is None:
            raise UsageError(f"The store {self._engine.place} knows no run ‘{moment}’.")
        return int(found)

    def show(self, run_sequence: int = _NOW) -> None:
        """Makes those returns current that were current after the runs up to this one; by default, after all of them."""
        self._engine.execute("DELETE FROM ledger.standing")
        self._engine.execute(f"INSERT INTO ledger.standing {_STANDING}", [run_sequence])
        self.is_outdated = False

    def refresh(self) -> None:
        """Works out which returns are current, where entries were added since this was last done."""
        if self.is_outdated:
            self.show()

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
        sequence = self._next_entry()
        self._engine.insert(table, {"sequence": sequence, **entry})
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


def totals_of(unified: Mapping[str, pl.DataFrame], contracts: Contracts) -> dict[str, dict[str, int | Decimal]]:
    """Totals counted from the mapped rows themselves, for returns that are loaded one by one."""
    return {table: counted(frame, amounts(contracts.unified_table(table))) for table, frame in unified.items()}
