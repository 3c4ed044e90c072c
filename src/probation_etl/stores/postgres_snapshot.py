"""A served store as it was last committed: all queries see one state, and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from probation_etl.errors import StoreError
from probation_etl.stores.engine import read_only
from probation_etl.stores.postgres import PostgresEngine
from probation_etl.stores.versions import holds_store

#: For how long a reader waits for a run that holds what it needs.
_PATIENCE = "SET LOCAL lock_timeout = '5s'"


class PostgresSnapshot(PostgresEngine):
    """One transaction that only reads, from first to last.

    Where the store is not up to date with the program and the contracts, it is brought up to date in a transaction that is
    never committed.
    """

    def __init__(self, url: str) -> None:
        """Connects to the server.

        Raises:
            StoreError: The server cannot be reached, or refuses, or the database holds no store.
        """
        super().__init__(url)
        self._is_sealed = self._is_prepared_here = False
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if not holds_store(self):
            self.close()
            raise StoreError(f"There is no store at {self.place}.")

    def hold_for_preparing(self) -> None:
        if not self.value("SELECT pg_catalog.has_schema_privilege('ledger', 'CREATE')"):
            raise StoreError(
                f"The store {self.place} is of an older program or of other contracts, and the user may not bring it up to date: "
                "the next run does."
            )
        self.execute("ROLLBACK")
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        self.execute(_PATIENCE)
        self._is_prepared_here = True
        super().hold_for_preparing()

    def seal(self) -> None:
        """From now on nothing can be kept."""
        self._is_sealed = True

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        if keep and self._is_sealed:
            raise read_only(self.place)
        with self._undone() if self._is_sealed else self._as_it_is():
            yield

    @contextmanager
    def _as_it_is(self) -> Iterator[None]:
        yield

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """A transaction that may write, sees the same state, and is rolled back: in this connection or one beside it."""
        if self._is_prepared_here:
            self.execute("SAVEPOINT undone")
            try:
                yield
            finally:
                with suppress(StoreError):
                    self.execute("ROLLBACK TO undone")
            return
        state = self.value("SELECT pg_catalog.pg_export_snapshot()")
        mine, self._connection = self._connection, self._connected()
        try:
            self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            self.execute(f"SET TRANSACTION SNAPSHOT '{state}'")
            self.execute(_PATIENCE)
            yield
        finally:
            self._connection.close()
            self._connection = mine
