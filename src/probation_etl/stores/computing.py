"""What contracts and libraries have the database compute, which may take long and must change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from probation_etl.contracts.odcs import Contracts
from probation_etl.stores.checked_tables import CheckedTables
from probation_etl.stores.computed_tables import ComputedTables
from probation_etl.stores.engine import Count, Engine
from probation_etl.stores.standing import Standing


class Computing:
    """Computing in the database of one store."""

    def __init__(self, engine: Engine, contracts: Contracts, standing: Standing) -> None:
        """Computing in this database, which has the tables of these contracts."""
        self._engine, self._standing = engine, standing
        self._tables = ComputedTables(engine, contracts.tables())

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Inside, each unified table and view is computed once, however much is asked; nothing may be written meanwhile.

        Call it in a transaction.
        """
        self._standing.refresh()
        with self._tables.at_hand():
            yield

    def reading(self, query: str) -> str:
        """A query, as it reads the tables that were computed where that was done."""
        return self._tables.reading(query)

    @contextmanager
    def counting(self, seconds: float, queries: Iterable[str] = ()) -> Iterator[Count]:
        """What gives the numbers of queries of contracts, for so long each at most. The transaction is as it was afterwards."""
        self._standing.refresh()
        with self._engine.counting(seconds, queries, self.reading) as count:
            yield count

    def limited(self, seconds: float) -> AbstractContextManager[None]:
        """Inside, no statement takes longer: what contracts say of views may be computed for ever. Call it in a transaction.

        Raises:
            TooLongError: One did.
        """
        return self._engine.limited(seconds)

    @contextmanager
    def checked(self, tables: Iterable[str]) -> Iterator[CheckedTables]:
        """What release checks need to see of these unified tables and views, with what is not committed yet."""
        self._standing.refresh()
        yield CheckedTables(self._engine, tables, self.reading)
