"""Stores, which hold the unified tables and all that led to them: opened by URL."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from probation_etl.contracts.odcs import Contracts
from probation_etl.errors import ContractError, StoreError, UsageError
from probation_etl.paths import on_this_machine
from probation_etl.stores.engine import Engine
from probation_etl.stores.entries import Attempt, Decision, LedgerEntry, Purge, Repeat, RunRecord
from probation_etl.stores.failures import Failure, Trouble
from probation_etl.stores.ledger_file.account import Disagreement
from probation_etl.stores.ledger_file.place import LedgerPlace, refuse_without_store
from probation_etl.stores.released import Release
from probation_etl.stores.run_writer import RunWriter
from probation_etl.stores.store import Store
from probation_etl.stores.versions import holds_store
from probation_etl.stores.waiting import patient
from probation_etl.version import VERSION

if TYPE_CHECKING:
    from probation_etl.stores.duckdb_snapshot import DuckDBSnapshot
    from probation_etl.stores.postgres import PostgresEngine
    from probation_etl.stores.postgres_snapshot import PostgresSnapshot

__all__ = [
    "Attempt", "Decision", "Disagreement", "Failure", "LedgerEntry", "LedgerPlace", "Purge", "Release", "Repeat", "RunRecord", "RunWriter", "Store", "Trouble", "connect", "exists", "opened_for_run", "query_faults_on", "shown_url", "snapshot", "store_path", "undisturbed",
]  # fmt: skip

_DUCKDB = "duckdb:///"
_POSTGRESQL = ("postgresql://", "postgres://")


def store_path(url: str) -> Path | None:
    """File of an embedded store, None for a served one.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
    """
    if url.startswith(_POSTGRESQL):
        return None
    if not url.startswith(_DUCKDB) or url == _DUCKDB:
        scheme = url.split(":", 1)[0]
        raise UsageError(
            f"The kind of store ‘{scheme}:…’ is not known: expected {_DUCKDB}FILE, such as {_DUCKDB}probation.duckdb, "
            f"or {_POSTGRESQL[0]}USER@HOST/DATABASE"
        )
    return on_this_machine(url.removeprefix(_DUCKDB))


def shown_url(url: str) -> str:
    """A store's URL for messages, without the password."""
    return str(store_path(url) or re.sub(r"//[^@/]*@", "//…@", url.split("?", 1)[0]))


def exists(url: str) -> bool:
    """Whether there is a store at this URL; a database without the tables of a store does not count.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
        StoreError: The server cannot be reached.
    """
    path = store_path(url)
    if path is not None:
        return path.exists()
    with closing(_engine(url)) as engine:
        return holds_store(engine)


def connect(
    url: str,
    contracts: Contracts,
    tables: Mapping[str, pl.DataFrame],
    *,
    check: Callable[[Contracts], None] = lambda _: None,
) -> Store:
    """Opens a store, makes it where there is none, and brings it up to date.

    Args:
        url: ``duckdb:///FILE`` (``duckdb:////FILE`` for an absolute path) or ``postgresql://USER@HOST/DATABASE``.
        contracts: The contracts whose unified tables it holds.
        tables: Reference tables by name.
        check: Called before the store takes over new contracts; when it raises, nothing is changed.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
        StoreError: The store is out of reach, unusable, or newer than the program.
        ContractError: The store does not understand the query of a contract.
    """
    store = Store(_engine(url), contracts, tables, VERSION)
    try:
        with store.transaction():
            if store.preparation.prepare():
                check(contracts)
    except BaseException:
        store.close()
        raise
    return store


def query_faults_on(url: str, contracts: Contracts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Queries and totals of contracts that the database does not understand. Everything done there is undone.

    Databases differ in the SQL that they understand, so the one that will run a query must be asked. For an embedded
    store no URL is needed: see :func:`probation_etl.stores.query_lint.query_faults`.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
        StoreError: The store is out of reach or unusable.
    """
    if store_path(url) is not None:
        return []
    with closing(_served(url)) as engine, engine.transaction(keep=False):
        store = Store(engine, contracts, tables, VERSION)
        try:
            store.preparation.prepare()
        except ContractError as error:
            return list(error.faults)
        for contract in contracts.tables():
            part = "reconciles" if contract.is_view else "measures"
            try:
                store.view_totals(contract.table) if contract.is_view else store.totals(contract.table)
            except StoreError as error:
                return [f"{contract.where(part)}: {error}"]
    return []


@contextmanager
def opened_for_run(
    url: str, contracts: Contracts, tables: Mapping[str, pl.DataFrame], *, dry_run: bool = False, wait: float = 0
) -> Iterator[Store]:
    """A store that is locked against other runs. The run has to prepare it in its own transaction.

    A dry run without an existing store works in memory and leaves nothing behind.

    Args:
        url: URL of the store.
        contracts: The contracts whose unified tables it holds.
        tables: Reference tables by name.
        dry_run: Whether the run changes nothing.
        wait: For how many seconds to wait for another run, or for another program that has it open.

    Raises:
        LockedError: Another run works on it, or another program has it open.
        UsageError: The URL is not of a kind that can be opened.
        StoreError: The store is out of reach or unusable.
    """
    with ExitStack() as stack:
        path = store_path(url)
        if dry_run and not exists(url):
            engine = stack.enter_context(closing(_embedded(None)))
        elif path is not None:
            file = path
            engine = patient(wait, lambda: stack.enter_context(_locked_file(file)))
        else:
            served = stack.enter_context(closing(_served(url)))
            patient(wait, lambda: stack.enter_context(served.locked()))
            engine = served
        yield Store(engine, contracts, tables, VERSION)


def snapshot(
    url: str,
    contracts: Contracts,
    tables: Mapping[str, pl.DataFrame],
    *,
    check: Callable[[Contracts], None] = lambda _: None,
) -> Store:
    """Opens a store for reading, as it was last committed. A run may work on it meanwhile, and no run waits for a reader.

    Where the store is not up to date with the program and the contracts, what is read is: the store itself is not changed.

    Args:
        url: URL of the store, which must be there.
        contracts: The contracts whose unified tables it holds.
        tables: Reference tables by name.
        check: Called where the store has other contracts so far.

    Raises:
        LockedError: It changed all the time.
        UsageError, StoreError, ContractError: As for :func:`connect`.
    """
    path = store_path(url)
    if path is not None and _is_open_here(path):
        # It is read from the same process that writes it, which may see what it has committed.
        return connect(url, contracts, tables, check=check)
    engine = _read(url)
    store = Store(engine, contracts, tables, VERSION)
    try:
        if store.may_read("ledger"):
            with store.transaction():
                if store.preparation.prepare():
                    check(contracts)
        engine.seal()
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def undisturbed(url: str, *, wait: float = 0) -> Iterator[None]:
    """Keeps runs from the store, so that what is read of it agrees with what lies beside it.

    Where its folder may not be written, nothing is locked.

    Args:
        url: URL of the store.
        wait: For how many seconds to wait for a run.

    Raises:
        LockedError: A run works on it.
        UsageError: The URL is not of a kind that can be opened.
        StoreError: The server cannot be reached.
    """
    path = store_path(url)
    with ExitStack() as stack:
        if path is None:
            served = stack.enter_context(closing(_served(url)))
            patient(wait, lambda: stack.enter_context(served.locked()))
        elif os.access(path.resolve().parent, os.W_OK):
            patient(wait, lambda: stack.enter_context(_locked(path)))
        yield


@contextmanager
def _locked_file(path: Path) -> Iterator[Engine]:
    with _locked(path), closing(_embedded(path)) as engine:
        yield engine


# An engine is imported when it is needed, so that no run waits for a driver that it does not use.


def _engine(url: str) -> Engine:
    path = store_path(url)
    return _served(url) if path is None else _embedded(path)


def _embedded(path: Path | None) -> Engine:
    from probation_etl.stores.duckdb import DuckDBEngine

    if path:
        refuse_without_store(path)
    return DuckDBEngine(path)


def _read(url: str) -> DuckDBSnapshot | PostgresSnapshot:
    path = store_path(url)
    if path is None:
        from probation_etl.stores.postgres_snapshot import PostgresSnapshot

        return PostgresSnapshot(url)
    from probation_etl.stores.duckdb_snapshot import DuckDBSnapshot

    return DuckDBSnapshot(path)


def _is_open_here(path: Path) -> bool:
    from probation_etl.stores.duckdb_snapshot import is_open_here

    return is_open_here(path)


def _locked(path: Path) -> AbstractContextManager[None]:
    from probation_etl.stores.duckdb import locked

    return locked(path)


def _served(url: str) -> PostgresEngine:
    from probation_etl.stores.postgres import PostgresEngine

    return PostgresEngine(url)
