"""The served store: schemas of one PostgreSQL database, which others may read while a run loads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import psycopg

from probation_etl.contracts.identifiers import quoted
from probation_etl.errors import CommitError, LockedError, StoreError, TooLongError
from probation_etl.stores import confined_postgres
from probation_etl.stores.engine import Count, Engine
from probation_etl.stores.postgres_values import as_text, records, type_of, typed, without_nul

#: Advisory locks of a database: the first for a whole run, the second while tables are made.
_RUN_LOCK, _PREPARE_LOCK = 7_206_521_001, 7_206_521_002
#: Seconds in which a connection that was lost must be over on the server, and between two looks.
_PATIENCE, _PAUSE = 10.0, 0.1
#: Rows that are sent as one text.
_AT_ONCE = 1 << 17
#: Whether the user may look into a schema and read all tables (r) and views (v) in it.
_READABLE = """
SELECT COALESCE(BOOL_AND(
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
), FALSE)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'v')
"""
#: Who else may read the tables and views of a schema, and whether they may let others.
_READERS = """
SELECT table_name, grantee, CASE WHEN is_grantable = 'YES' THEN ' WITH GRANT OPTION' ELSE '' END
FROM information_schema.role_table_grants
WHERE table_schema = $1 AND privilege_type = 'SELECT' AND grantee <> CURRENT_USER
"""
#: Few queries are asked at a time, and they join large tables: with the server's small share for each, all would go by its disk.
_SETTINGS = """
SET client_min_messages = warning;
SET TIME ZONE 'UTC';
SET work_mem = '64MB';
SET maintenance_work_mem = '256MB';
SET temp_buffers = '64MB'
"""
#: Whether a table has a fifth more pages than when its rows were last counted.
_HAS_GROWN = """
SELECT pg_catalog.pg_relation_size(c.oid) > 1.2 * c.relpages * CAST(current_setting('block_size') AS BIGINT)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2
"""


class PostgresEngine(Engine):
    """A store in a PostgreSQL database."""

    row_id, temporary_schema = "ctid", "pg_temp"

    def __init__(self, url: str) -> None:
        """Connects to the server.

        Args:
            url: ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``, or any other URL that libpq takes.

        Raises:
            StoreError: The server cannot be reached, or refuses.
        """
        self._url, self._place = url, place_of(url)
        self._connection = self._connected()
        self._transaction: object = None

    def _connected(self) -> psycopg.Connection[Any]:
        try:
            # Plans prepared before tables change would be refused afterwards.
            connection = psycopg.connect(
                self._url, autocommit=True, cursor_factory=psycopg.RawCursor, prepare_threshold=None
            )
            connection.execute(_SETTINGS)
        except psycopg.Error as error:
            # The driver's message may quote the password.
            raise StoreError(
                f"The store {self._place} cannot be reached ({type(error).__name__}): check the server, the user and the password. "
                "Nothing was done."
            ) from None
        return connection

    @property
    def place(self) -> str:
        return self._place

    def _execute(self, statement: str, parameters: Sequence[object] | None = None) -> None:
        with self._explained():
            self._connection.execute(statement.encode(), without_nul(parameters))

    def _refusal(self, definition: str) -> str:
        with self._explained():
            try:
                self._connection.execute(definition.encode())
            except psycopg.ProgrammingError as error:
                if isinstance(error, psycopg.errors.InsufficientPrivilege):
                    raise
                return " ".join(str(error).split())
        return ""

    def _rows(self, query: str, parameters: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._connection.execute(query.encode(), without_nul(parameters)).fetchall()

    def _frame(self, query: str, parameters: Sequence[object] | None = None) -> pl.DataFrame:
        with self._explained(), self._connection.cursor() as cursor:
            cursor.execute(query.encode(), without_nul(parameters))
            schema = {column.name: type_of(column) for column in cursor.description or ()}
            return pl.DataFrame(cursor.fetchall(), schema=schema, orient="row")

    def _frames(self, query: str, height: int) -> Iterator[pl.DataFrame]:
        # As text: the driver makes a Python object of each value, which takes several times as long.
        none = self._frame(f"SELECT * FROM ({query}) AS described LIMIT 0")
        statement, is_first = f"COPY ({query}) TO STDOUT (FORMAT csv)", True
        with self._explained(), self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for text in records(copy, height):
                yield typed(text, none)
                is_first = False
        if is_first:
            yield none

    def _append(self, table: str, frame: pl.DataFrame) -> None:
        columns = ", ".join(map(quoted, frame.columns))
        statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)"
        with self._explained(), self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for part in frame.iter_slices(_AT_ONCE):
                copy.write(as_text(part))

    def define_view(self, name: str, query: str) -> None:
        self.execute("SAVEPOINT before_view")
        if not self.refusal(f"CREATE OR REPLACE VIEW {name} AS {query}"):
            return
        self.execute("ROLLBACK TO before_view")
        self.execute(f"DROP VIEW {name} CASCADE")
        super().define_view(name, query)

    def looked_up(self, query: str) -> str | None:
        # To give a view another query would keep readers waiting until the transaction ends.
        return query

    def find_quickly(self, schema: str, table: str, by: Mapping[str, Sequence[str]]) -> None:
        of = f"{schema}.{quoted(table)}"
        # An index that is made counts the rows, but does not look at their values.
        has_grown = self.value(_HAS_GROWN, [schema, table])
        for name, expressions in by.items():
            # A table that was empty is filled without indexes, which takes half the time.
            self.execute(
                f"CREATE INDEX IF NOT EXISTS {quoted(f'{table} by {name}')} ON {of} ({', '.join(expressions)})"
            )
        if has_grown:
            # Nobody else counts what is not committed, and by guesses a join of many rows is planned row by row.
            self.execute(f"ANALYZE {of}")

    def find_no_more(self, schema: str, table: str, name: str) -> None:
        self.execute(f"DROP INDEX IF EXISTS {schema}.{quoted(f'{table} by {name}')}")

    def count_up(self, table: str) -> None:
        self.execute(f"ANALYZE {table}")

    def readers(self, schema: str) -> list[tuple[str, str]]:
        return [
            (
                table,
                f"GRANT SELECT ON {schema}.{quoted(table)} TO {'PUBLIC' if role == 'PUBLIC' else quoted(role)}{passing}",
            )
            for table, role, passing in self.rows(_READERS, [schema])
        ]

    def may_read(self, schema: str) -> bool:
        return bool(self.value(_READABLE, [schema]))

    def hold_for_preparing(self) -> None:
        self.execute("SELECT pg_advisory_xact_lock($1)", [_PREPARE_LOCK])

    def undo(self) -> None:
        # The connection itself may be gone: report the first error.
        with suppress(psycopg.Error):
            self._connection.execute("ROLLBACK")

    def commit(self) -> None:
        # By this name the server can be asked what became of it; there is none where nothing was written.
        self._transaction = self.value("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
        try:
            done = self._connection.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            raise CommitError(f"The store {self._place} failed while it committed ({type(error).__name__}).") from None
        if done != "COMMIT":
            raise StoreError(
                f"The store {self._place} has undone its work instead of committing it. Nothing was changed."
            )

    def reconnect(self) -> None:
        self.close()
        self._connection = self._connected()
        until = time.monotonic() + _PATIENCE
        while not (self._is_over() and self._takes_lock()):
            if time.monotonic() > until:
                raise StoreError(f"The store {self._place} is still at work for a connection that was lost.")
            time.sleep(_PAUSE)

    def _is_over(self) -> bool:
        """Whether the transaction whose commit failed has come to its end on the server."""
        state = self.value("SELECT pg_xact_status(CAST(CAST($1 AS text) AS xid8))", [self._transaction])
        return bool(state != "in progress")

    def _takes_lock(self) -> bool:
        """Takes the lock of a run again: the server frees it when it sees that a connection is lost."""
        return bool(self.value("SELECT pg_try_advisory_lock($1)", [_RUN_LOCK]))

    @contextmanager
    def counting(
        self,
        seconds: float,
        queries: Iterable[str] = (),  # noqa: ARG002 -- it reads where they are
        reading: Callable[[str], str] = str,
    ) -> Iterator[Count]:
        def count(query: str) -> int:
            with self._explained():
                return confined_postgres.count(self._connection, reading(query), seconds)

        yield count

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        self.execute(confined_postgres.only_for(seconds))
        try:
            yield
        except TooLongError as error:
            raise TooLongError(seconds, self._place, error.tables) from None
        self.execute("SET LOCAL statement_timeout TO DEFAULT")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The lock of a run, held while the block lasts; the server releases it when the connection ends.

        Raises:
            LockedError: Another run holds it.
        """
        if not self._takes_lock():
            raise LockedError(
                f"Another run works on {self._place}. Nothing was done: try again when it has finished, or wait for it with "
                "--wait."
            )
        try:
            yield
        finally:
            with suppress(StoreError):
                self.execute("SELECT pg_advisory_unlock($1)", [_RUN_LOCK])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except psycopg.errors.InsufficientPrivilege:
            raise StoreError(
                f"The user has no right to do this in the store {self._place}. Nothing was changed: which rights readers "
                "need is in the guide ‘Keep the store in PostgreSQL’."
            ) from None
        except (psycopg.errors.LockNotAvailable, psycopg.errors.SerializationFailure):
            raise LockedError(f"A run works on {self._place}. Try again when it has finished.") from None
        except psycopg.errors.QueryCanceled:
            raise TooLongError(0, self._place) from None
        except psycopg.Error as error:
            # The server's message may quote values of rows: only the kind of error is passed on.
            raise StoreError(f"The store {self._place} failed ({type(error).__name__}). Nothing was changed.") from None


def place_of(url: str) -> str:
    """Host and database of a URL for messages, without user and password."""
    parts = urlsplit(url)
    host = parts.hostname or "the local server"
    port = f":{parts.port}" if parts.port else ""
    return f"‘{parts.path.lstrip('/') or 'default'}’ on {host}{port}"
