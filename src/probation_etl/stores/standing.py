"""The standing of returns: which of them are current, worked out from the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from probation_etl.stores.engine import Engine

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
#: Beyond any run.
_NOW = 2**62


class Standing:
    """``ledger.standing``: which returns are current. It is worked out when it is read, not after each entry of a run.

    Attributes:
        is_outdated: Whether it has to be worked out again before it is read.
    """

    def __init__(self, engine: Engine) -> None:
        """The standing of the returns in this database."""
        self._engine = engine
        self.is_outdated = False

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Around a transaction's work: at its end, standings agree with the ledger, whether it is committed or undone."""
        try:
            yield
            self.refresh()
        finally:
            self.is_outdated = False

    def refresh(self) -> None:
        """Works out which returns are current, where entries were added since this was last done."""
        if self.is_outdated:
            self.show()

    def show(self, run_sequence: int = _NOW) -> None:
        """Makes those returns current that were current after the runs up to this one; by default, after all of them."""
        self._engine.execute("DELETE FROM ledger.standing")
        self._engine.execute(f"INSERT INTO ledger.standing {STANDING}", [run_sequence])
        self.is_outdated = False
