"""A connection in the middle of a transaction, lent to a library that treats it as its own."""

from __future__ import annotations

from typing import Any

import psycopg

_POINT = "SAVEPOINT lent"
#: Queries of contracts run here: they can read, and a statement that writes is refused. It ends with the savepoint.
_ONLY_READ = "SET LOCAL transaction_read_only = on"


class LentConnection:
    """A psycopg connection whose transaction the borrower cannot end.

    The borrower can read, and not write. A rollback by the borrower goes back to the moment of lending, so that a failed
    query does not spoil the transaction. A commit or close by the borrower does nothing.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Lends a connection. Give it back with :meth:`give_back`."""
        self._connection, self._cursors = connection, connection.cursor_factory
        connection.cursor_factory = psycopg.Cursor
        connection.execute(_POINT)
        connection.execute(_ONLY_READ)

    def commit(self) -> None:
        """Does nothing: the transaction is not the borrower's."""

    def close(self) -> None:
        """Does nothing, for the same reason."""

    def rollback(self) -> None:
        """Goes back to the moment of lending."""
        self._back()
        self._connection.execute(_ONLY_READ)

    def give_back(self) -> None:
        """Restores the connection: with the savepoint, it can write again."""
        self._back()
        self._connection.execute(f"RELEASE {_POINT}")
        self._connection.cursor_factory = self._cursors

    def _back(self) -> None:
        self._connection.execute(f"ROLLBACK TO {_POINT}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)
