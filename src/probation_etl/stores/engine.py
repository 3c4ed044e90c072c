"""What a database must be able to do to hold a store. The SQL is the same for all; how it is run differs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from probation_etl.errors import StoreError, TooLongError, UsageError
from probation_etl.stores.batch import Batch
from probation_etl.stores.planning import Planning

#: Gives the number that a query of a contract gives. It raises TooLongError, or StoreError where it cannot be computed.
Count = Callable[[str], int]
_TABLE = re.compile(r'\bunified\."?(\w+)')


class Engine(Planning, ABC):
    """One connection to a database. Parameters are written ``$1``, ``$2``, … in every statement.

    Attributes:
        row_id: The column by which the database itself knows a row within a transaction, as long as the row is not changed.
        temporary_schema: The schema in which the connection has its temporary tables.
    """

    row_id: ClassVar[str]
    temporary_schema: ClassVar[str]

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the store is, for messages; never with a password."""

    @property
    def file(self) -> Path | None:
        """The file of an embedded store, whatever links lead to it; None for one in memory or on a server."""
        return None

    @cached_property
    def _batch(self) -> Batch:
        """Rows that are written before anything else is done that may read them."""
        return Batch()

    def execute(self, statement: str, parameters: Sequence[object] | None = None) -> None:
        """Runs a statement, or several without parameters.

        Raises:
            StoreError: The database refused. The message holds no value of a row.
        """
        self.write_waiting()
        with _naming(statement):
            self._execute(statement, parameters)

    def refusal(self, definition: str) -> str:
        """Runs a statement that defines a view, which holds no value of a row.

        Returns:
            The database's message where it does not understand the statement; the transaction is lost then. Else empty.

        Raises:
            StoreError: It failed for another reason.
        """
        self.write_waiting()
        return self._refusal(definition)

    def rows(self, query: str, parameters: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query.

        Raises:
            StoreError: As for :meth:`execute`.
        """
        self.write_waiting()
        with _naming(query):
            return self._rows(query, parameters)

    def frame(self, query: str, parameters: Sequence[object] | None = None) -> pl.DataFrame:
        """A query's result as a frame in the types of the database.

        Raises:
            StoreError: As for :meth:`execute`.
        """
        self.write_waiting()
        with _naming(query):
            return self._frame(query, parameters)

    def frames(self, query: str, height: int) -> Iterator[pl.DataFrame]:
        """A query's result as :meth:`frame` gives it, in frames of so many rows at most, at least one; call it in a transaction.

        The result is nowhere as a whole in the memory of this process. Nothing else may be asked before the last frame.

        Raises:
            StoreError: As for :meth:`execute`.
        """
        self.write_waiting()
        with _naming(query):
            yield from self._frames(query, height)

    def append(self, table: str, frame: pl.DataFrame) -> None:
        """Adds rows to a table; columns are matched by name.

        They may wait for others, but no longer than until something is read or committed.

        Args:
            table: Schema and name, quoted.
            frame: The rows.

        Raises:
            StoreError: As for :meth:`execute`.
        """
        self._batch.add(table, frame)
        if self._batch.is_full:
            self.write_waiting()

    def write_waiting(self) -> None:
        """Writes the rows that wait.

        Raises:
            StoreError: As for :meth:`execute`.
        """
        for table, frame in self._batch.taken():
            self._append(table, frame)

    @abstractmethod
    def _execute(self, statement: str, parameters: Sequence[object] | None = None) -> None:
        """As :meth:`execute`, and so on: nothing waits that it could read."""

    @abstractmethod
    def _refusal(self, definition: str) -> str: ...

    @abstractmethod
    def _rows(self, query: str, parameters: Sequence[object] | None = None) -> list[tuple[Any, ...]]: ...

    @abstractmethod
    def _frame(self, query: str, parameters: Sequence[object] | None = None) -> pl.DataFrame: ...

    @abstractmethod
    def _frames(self, query: str, height: int) -> Iterator[pl.DataFrame]: ...

    @abstractmethod
    def _append(self, table: str, frame: pl.DataFrame) -> None: ...

    def define_view(self, name: str, query: str) -> None:
        """Makes a view, or gives it another query. Where its columns are others, what reads it may be dropped.

        Args:
            name: Schema and name, quoted.
            query: What it shows.

        Raises:
            StoreError: As for :meth:`execute`.
        """
        self.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")

    def readers(self, schema: str) -> list[tuple[str, str]]:  # noqa: ARG002 -- for those that have roles
        """Who may read the tables and views of a schema: the name of each, with a statement that grants it again."""
        return []

    def may_read(self, schema: str) -> bool:  # noqa: ARG002 -- for those that have roles
        """Whether the user may read every table and view of a schema."""
        return True

    @abstractmethod
    def hold_for_preparing(self) -> None:
        """Keeps others from preparing the same store until the transaction ends."""

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """All or nothing. With ``keep=False`` everything is undone at the end.

        Raises:
            CommitError: The database failed while it committed.
        """
        self.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._batch.forget()
            self.undo()
            raise
        if not keep:
            self._batch.forget()
            self.execute("ROLLBACK")
            return
        try:
            self.write_waiting()
            self.commit()
        except StoreError:
            self.undo()
            raise

    @abstractmethod
    def undo(self) -> None:
        """Rolls a transaction back after an error, even if the database has already done so."""

    @abstractmethod
    def commit(self) -> None:
        """Commits the transaction, and makes it durable.

        Raises:
            CommitError: The database failed. What it holds can be asked after :meth:`reconnect`.
        """

    @abstractmethod
    def reconnect(self) -> None:
        """Connects anew, as the same run, once a transaction whose commit failed is over: what is read then is durable.

        Raises:
            StoreError: The database is out of reach or fails again, or another run works on it.
        """

    @contextmanager
    @abstractmethod
    def counting(
        self, seconds: float, queries: Iterable[str] = (), reading: Callable[[str], str] = str
    ) -> Iterator[Count]:
        """What counts in the current transaction, which is as it was afterwards.

        A query can read, and do nothing else, whoever wrote it.

        Args:
            seconds: How long each query may take.
            queries: Those that will come, as far as is known; what several read is then fetched once.
            reading: Gives a query as it reads tables that were computed already.
        """
        yield _not_at_all

    @contextmanager
    @abstractmethod
    def limited(self, seconds: float) -> Iterator[None]:
        """Inside, no statement takes longer; call it in a transaction.

        Raises:
            TooLongError: One did.
        """
        yield

    @abstractmethod
    def close(self) -> None:
        """Lets go of the database."""

    def value(self, query: str, parameters: Sequence[object] | None = None) -> Any:
        """The first column of the first row of a query, None where there is no row."""
        rows = self.rows(query, parameters)
        return rows[0][0] if rows else None

    def insert(self, table: str, values: Mapping[str, object]) -> None:
        """Adds one row to a table of the program's own, by column."""
        marks = ", ".join(f"${at}" for at in range(1, len(values) + 1))
        # Nothing is read: rows that wait may go on waiting.
        self._execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))

    def next_in(self, table: str) -> int:
        """The number of the next row in a table with a ``sequence``."""
        return int(self.value(f"SELECT COALESCE(MAX(sequence), 0) + 1 FROM {table}"))


@contextmanager
def _naming(statement: str) -> Iterator[None]:
    """Says which tables and views a statement was about that took too long."""
    try:
        yield
    except TooLongError as error:
        raise TooLongError(error.seconds, error.place, _TABLE.findall(statement)) from None


def _not_at_all(query: str) -> int:
    raise NotImplementedError(query)


def read_only(place: str) -> UsageError:
    """What to say to somebody who wants to change a store that was opened for reading."""
    return UsageError(f"The store {place} was opened for reading: open it with ‘open_store’ to change it.")
