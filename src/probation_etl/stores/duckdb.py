"""The embedded store: one DuckDB file, used by one process at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from probation_etl.contracts.identifiers import quoted
from probation_etl.errors import CommitError, LockedError, StoreError, TooLongError
from probation_etl.files import sync
from probation_etl.paths import is_store
from probation_etl.stores.duckdb_file import connected, create
from probation_etl.stores.duckdb_lengths import counted_in_microseconds, lengths_of_time, with_lengths
from probation_etl.stores.engine import Count, Engine
from probation_etl.stores.overwritten import Overwritten, put_back
from probation_etl.stores.private_files import PrivateFiles
from probation_etl.stores.time_limit import ended_after

if TYPE_CHECKING:
    import pyarrow as pa

#: How many groups of rows are in memory at the same time, at some hundred bytes each.
_GROUPS = 1_000_000


class DuckDBEngine(Engine):
    """A store in one file, or in memory."""

    row_id, temporary_schema = "rowid", "temp"

    def __init__(self, path: Path | None) -> None:
        """Opens the file and makes it where there is none.

        Args:
            path: The file; None for a store in memory that is gone when it is closed.

        Raises:
            LockedError: Another program has it open.
            StoreError: It cannot be opened or made.
        """
        self._path = path
        self._seconds: float | None = None
        if path is not None:
            is_store(path)
            if not path.exists():
                create(path)
        self._open()

    def _open(self) -> None:
        self._private = PrivateFiles(self._path)
        self._overwritten = Overwritten(self._path) if self._path else None
        try:
            self._connection = connected(self._path, self.place, self._private)
        except (StoreError, LockedError):
            self._let_go()
            raise

    def _let_go(self) -> None:
        if self._overwritten:
            self._overwritten.close()
        self._private.after_closing()

    @property
    def place(self) -> str:
        return str(self._path or "in memory")

    @property
    def file(self) -> Path | None:
        return self._path.resolve() if self._path else None

    def _execute(self, statement: str, parameters: Sequence[object] | None = None) -> None:
        with self._explained():
            # A result that is not read to its end keeps the connection busy.
            self._connection.execute(statement, list(parameters) if parameters else None).complete()

    def _refusal(self, definition: str) -> str:
        with self._explained():
            try:
                self._connection.execute(definition).complete()
            except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException) as error:
                return " ".join(str(error).split())
        return ""

    def _rows(self, query: str, parameters: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._connection.execute(query, list(parameters) if parameters else None).fetchall()

    def _frame(self, query: str, parameters: Sequence[object] | None = None) -> pl.DataFrame:
        with self._explained():
            relation = self._connection.sql(query, params=list(parameters) if parameters else None)
            lengths = lengths_of_time(relation)
            table = counted_in_microseconds(relation, lengths).to_arrow_table()
        return with_lengths(pl.DataFrame(pl.from_arrow(table)), lengths)

    def _frames(self, query: str, height: int) -> Iterator[pl.DataFrame]:
        with self._explained():
            relation = self._connection.sql(query)
            lengths = lengths_of_time(relation)
            reader = counted_in_microseconds(relation, lengths).to_arrow_reader(height)
        with closing(reader):
            batch = self._next_of(reader)
            if batch is None:
                yield with_lengths(pl.DataFrame(pl.from_arrow(reader.schema.empty_table())), lengths)
            while batch is not None:
                yield with_lengths(pl.DataFrame(pl.from_arrow(batch)), lengths)
                batch = self._next_of(reader)

    def _next_of(self, reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
        with self._explained():
            return next(reader, None)

    def definition(self, schema: str, view: str) -> str | None:
        written = self.value("SELECT sql FROM duckdb_views() WHERE schema_name = $1 AND view_name = $2", [schema, view])
        return str(written).partition(" AS ")[2].strip().rstrip(";") or None

    def can_group(self, rows: str, count: int, by: Sequence[Sequence[str]]) -> list[bool]:
        if count <= _GROUPS or not by:
            return super().can_group(rows, count, by)
        # An estimate takes no memory.
        roughly = ", ".join(f"approx_count_distinct({_hashed(each)}) <= {_GROUPS}" for each in by)
        return list(self.rows(f"SELECT {roughly} FROM ({rows}) AS t")[0])

    def shares(self, count: int, columns: Sequence[str]) -> list[str]:
        parts = math.ceil(count / _GROUPS)
        return (
            super().shares(count, columns)
            if parts < 2
            else [f"{_hashed(columns)} % {parts} = {at}" for at in range(parts)]
        )

    def _append(self, table: str, frame: pl.DataFrame) -> None:
        with self._explained():
            columns = self._connection.sql(f"SELECT * FROM {table} LIMIT 0").columns
            given = [quoted(name) if name in frame.columns else "NULL" for name in columns]
            given += [quoted(name) for name in frame.columns if name not in columns]  # which is refused
            # Under a name of its own a frame would be held in memory until the transaction ends.
            self._connection.from_arrow(frame.to_arrow()).project(", ".join(given)).insert_into(table)

    def hold_for_preparing(self) -> None:
        """Nothing to do: the file is this process's alone."""

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        self._private.before_writing()
        with super().transaction(keep=keep):
            yield

    def undo(self) -> None:
        # The engine may already have rolled back: report the first error.
        with suppress(duckdb.Error):
            self._connection.execute("ROLLBACK").complete()

    def commit(self) -> None:
        is_committed = False
        try:
            self._connection.execute("COMMIT").complete()
            if self._path is not None:
                # The engine makes the log durable, but not its name.
                sync(self._path.resolve().parent)
            is_committed = True
            self._checkpoint()
        except (duckdb.Error, OSError) as error:
            failure = f"The store {self.place} failed while it committed ({type(error).__name__})."
            raise CommitError(failure, is_committed=is_committed) from None

    def reconnect(self) -> None:
        # The engine refuses everything after an error of the disk. Opened anew, it reads what is in the file and its log.
        self.close()
        if self._path is not None:
            put_back(self._path)
        self._open()
        with self._explained():
            self._checkpoint()

    def _checkpoint(self) -> None:
        # Otherwise the last commits are in the write-ahead log alone, and a truncated log loses them silently.
        if self._overwritten is None:
            return
        [(size,)] = self._connection.execute("SELECT block_size FROM pragma_database_size()").fetchall()
        blocks = self._connection.execute("SELECT block_id FROM pragma_metadata_info()").fetchall()
        with self._overwritten.kept([number for (number,) in blocks], size):
            self._connection.execute("CHECKPOINT").complete()

    @contextmanager
    def counting(
        self, seconds: float, queries: Iterable[str] = (), reading: Callable[[str], str] = str
    ) -> Iterator[Count]:
        def count(query: str) -> int:
            with self._explained():
                apart.take_over(query)
            return apart.count(query, seconds)

        from probation_etl.stores.queries_apart import QueriesApart  # what reads SQL takes long to import

        with closing(QueriesApart(self._connection, self._private.of_another(), reading)) as apart:
            for each in queries:
                # One that cannot be read fails when it is asked.
                with suppress(duckdb.Error):
                    apart.expect(each)
            yield count

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        before, self._seconds = self._seconds, seconds
        try:
            yield
        finally:
            self._seconds = before

    def close(self) -> None:
        self._private.before_closing()
        # After an error of the disk the engine may fail again: the first error is reported.
        with suppress(duckdb.Error):
            self._connection.close()
        self._let_go()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with ended_after(self._seconds, self._connection.interrupt):
                yield
        except TooLongError as error:
            raise TooLongError(error.seconds, self.place) from None
        except duckdb.Error as error:
            # The engine's message may quote values of rows: only the kind of error is passed on.
            raise StoreError(f"The store {self.place} failed ({type(error).__name__}). Nothing was changed.") from None


def _hashed(columns: Sequence[str]) -> str:
    return f"hash({', '.join(map(quoted, columns))})"
