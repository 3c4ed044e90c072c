"""The standing of returns: which of them are current, worked out from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import TableContract
from probation_etl.stores.engine import Engine
from probation_etl.stores.kept_rows import KeptRows
from probation_etl.stores.statements import OPEN, SHOWN, current_rows

#: The standing of each return after the runs up to ``$1``: the newest attempt at it, whether it is withdrawn, and which of
#: those for one supplier, kind and period is current. Arrival is the place in the sequence of its first attempt that was
#: not contested: a return that was refused because of another file comes when it is taken.
STANDING = """
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
#: After every run.
_NOW = OPEN - 1


def current_returns(after: str) -> str:
    """The returns that were current after a run, as ``ledger.current_returns`` shows those that are now.

    Args:
        after: The number of the run, or a query for it.
    """
    return (
        f"SELECT r.*, s.arrival FROM ({STANDING.replace('$1', f'({after})')}) AS s "
        "JOIN ledger.returns AS r ON r.return_id = s.return_id WHERE s.is_current"
    )


class Standing:
    """Which returns are current, and with them which rows: worked out when it is read, not after each entry of a run.

    Attributes:
        is_outdated: Whether it has to be worked out again before it is read.
    """

    def __init__(self, engine: Engine, contracts: Iterable[TableContract]) -> None:
        """The standing of the returns in this database.

        Args:
            engine: The database.
            contracts: Contracts of its unified tables.
        """
        self._engine, self._contracts = engine, tuple(contracts)
        self._rows = KeptRows(engine, self._contracts)
        self.is_outdated = False
        self._is_followed = True

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Around a transaction's work: at its end, standings agree with the ledger, whether it is committed or undone."""
        try:
            yield
            self.refresh()
        finally:
            self.is_outdated, self._is_followed = False, True

    def refresh(self) -> None:
        """Works out which returns and rows are current, where entries were added since this was last done."""
        self.refresh_returns()
        if self._is_followed:
            return
        self._rows.follow(self._engine.value("SELECT COALESCE(MAX(sequence), 0) FROM ledger.runs"))
        self._is_followed = True

    def refresh_returns(self) -> None:
        """The same of returns alone: which rows are current is worked out when it is asked, for all that came meanwhile."""
        if self.is_outdated:
            if self._is_followed:
                self._rows.remember_returns()
            self._work_out(_NOW)
            self.is_outdated = self._is_followed = False

    def show(self, run_sequence: int) -> None:
        """Shows the returns and rows that were current after the runs up to this one, until the transaction is undone."""
        self._work_out(run_sequence)
        self._engine.execute("UPDATE ledger.shown SET run_sequence = $1", [run_sequence])
        if self._engine.looked_up(SHOWN) is None:
            for each in self._contracts:
                self._engine.define_view(f"current_rows.{quoted(each.table)}", current_rows(each, run_sequence))
        self.is_outdated = False

    def has_other_keys(self) -> bool:
        """Whether rows have times by a key that is no longer that of their table."""
        return self._rows.has_other_keys()

    def follow_anew(self, *, every: bool = False) -> None:
        """Gives the rows of tables that are new, or have another key, their times: run by run, as they were loaded.

        Args:
            every: Those of all tables.
        """
        self.refresh()
        tables = self._rows.begin(every=every)
        if tables is None:
            return
        self._work_out(0)
        for (run,) in self._engine.rows("SELECT sequence FROM ledger.runs ORDER BY sequence"):
            tables.remember_returns()
            self._work_out(run)
            tables.follow(run)
        self._work_out(_NOW)

    def _work_out(self, run_sequence: int) -> None:
        self._engine.execute("DELETE FROM ledger.standing")
        self._engine.execute(f"INSERT INTO ledger.standing {STANDING}", [run_sequence])
