"""The unified tables and views, computed once where much is asked about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import TableContract
from probation_etl.errors import TooLongError
from probation_etl.stores.engine import Engine
from probation_etl.stores.statements import by_dependency


class ComputedTables:
    """The unified tables and views of one database as temporary tables, in a transaction in which no row changes meanwhile.

    The end of a run asks some fifty questions about them, and each of them would compute the queries of the contracts again.
    """

    def __init__(self, engine: Engine, contracts: Sequence[TableContract]) -> None:
        """The tables of a store.

        Args:
            engine: The database.
            contracts: The contracts of unified tables and views.
        """
        self._engine, self._contracts = engine, tuple(contracts)
        self._schemas: dict[str, str] = {}

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Inside, queries are answered from tables that were computed at its beginning; call it in a transaction."""
        for each in by_dependency(list(self._contracts)):
            table = quoted(each.table)
            with _naming(each.table):
                self._engine.execute(f"CREATE TEMPORARY TABLE {table} AS {self._query(each.table)}")
            self._engine.count_up(f"{self._engine.temporary_schema}.{table}")
        self._schemas = {"unified": self._engine.temporary_schema}
        try:
            yield
        finally:
            self._schemas = {}
        # After an error the transaction is undone, and they are gone with it.
        for each in self._contracts:
            self._engine.execute(f"DROP TABLE {self._engine.temporary_schema}.{quoted(each.table)}")

    def _query(self, table: str) -> str:
        """The query of the view itself, which reads those that are computed already: what is compared and checked is what readers see."""
        written = self._engine.definition("unified", table)
        return (
            _moved(written, {"unified": self._engine.temporary_schema})
            if written
            else f"SELECT * FROM unified.{quoted(table)}"
        )

    def reading(self, query: str) -> str:
        """A query, as it reads these tables where they are at hand."""
        return _moved(query, self._schemas) if self._schemas else query


@contextmanager
def _naming(table: str) -> Iterator[None]:
    """Says which view it was that took too long."""
    try:
        yield
    except TooLongError as error:
        raise TooLongError(error.seconds, error.place, [table]) from None


def _moved(query: str, schemas: Mapping[str, str]) -> str:
    from probation_etl.contracts.checks.query_text import moved  # what reads SQL takes long to import

    return moved(query, schemas)
