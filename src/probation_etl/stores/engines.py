"""The database at a URL. Its driver is imported when it is needed, so that no run waits for one that it does not use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from probation_etl.stores.engine import Engine
from probation_etl.stores.ledger_file.place import refuse_without_store
from probation_etl.stores.urls import store_path
from probation_etl.stores.versions import holds_store

if TYPE_CHECKING:
    from probation_etl.stores.duckdb_snapshot import DuckDBSnapshot
    from probation_etl.stores.postgres import PostgresEngine
    from probation_etl.stores.postgres_snapshot import PostgresSnapshot


def exists(url: str) -> bool:
    """Whether there is a store at this URL; a database without the tables of a store does not count.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
        StoreError: The server cannot be reached.
    """
    path = store_path(url)
    if path is not None:
        return path.exists()
    with closing(engine_at(url)) as engine:
        return holds_store(engine)


def engine_at(url: str) -> Engine:
    """The database of a store, which is made where there is none."""
    path = store_path(url)
    return served(url) if path is None else embedded(path)


def embedded(path: Path | None) -> Engine:
    """The database in a file, None for one in memory."""
    from probation_etl.stores.duckdb import DuckDBEngine

    if path:
        refuse_without_store(path)
    return DuckDBEngine(path)


def served(url: str) -> PostgresEngine:
    """The database on a server."""
    from probation_etl.stores.postgres import PostgresEngine

    return PostgresEngine(url)


def read_at(url: str) -> DuckDBSnapshot | PostgresSnapshot:
    """The database of a store as it was last committed, for reading."""
    path = store_path(url)
    if path is None:
        from probation_etl.stores.postgres_snapshot import PostgresSnapshot

        return PostgresSnapshot(url)
    from probation_etl.stores.duckdb_snapshot import DuckDBSnapshot

    return DuckDBSnapshot(path)


def is_open_here(path: Path) -> bool:
    """Whether this process has an embedded store open."""
    from probation_etl.stores import duckdb_snapshot

    return duckdb_snapshot.is_open_here(path)


@contextmanager
def locked_file(path: Path) -> Iterator[Engine]:
    """The database in a file, locked against other runs."""
    with locked(path), closing(embedded(path)) as engine:
        yield engine


def locked(path: Path) -> AbstractContextManager[None]:
    """Keeps other runs from a file."""
    from probation_etl.stores import duckdb_file

    return duckdb_file.locked(path)
