"""Opens stores: for a library's user, for a run, for reading."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager

import polars as pl

from probation_etl.contracts.odcs import Contracts
from probation_etl.stores.engines import embedded, engine_at, exists, is_open_here, locked, locked_file, read_at, served
from probation_etl.stores.preparation import Check, unchecked
from probation_etl.stores.store import Store
from probation_etl.stores.urls import store_path
from probation_etl.stores.waiting import patient
from probation_etl.version import VERSION


def connect(
    url: str,
    contracts: Contracts,
    tables: Mapping[str, pl.DataFrame],
    *,
    check: Check = unchecked,
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
    store = Store(engine_at(url), contracts, tables, VERSION)
    try:
        with store.transaction():
            store.preparation.prepare(check)
    except BaseException:
        store.close()
        raise
    return store


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
            engine = stack.enter_context(closing(embedded(None)))
        elif path is not None:
            file = path
            engine = patient(wait, lambda: stack.enter_context(locked_file(file)))
        else:
            server = stack.enter_context(closing(served(url)))
            patient(wait, lambda: stack.enter_context(server.locked()))
            engine = server
        yield Store(engine, contracts, tables, VERSION)


def snapshot(
    url: str,
    contracts: Contracts,
    tables: Mapping[str, pl.DataFrame],
    *,
    check: Check = unchecked,
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
    if path is not None and is_open_here(path):
        # It is read from the same process that writes it, which may see what it has committed.
        return connect(url, contracts, tables, check=check)
    engine = read_at(url)
    store = Store(engine, contracts, tables, VERSION)
    try:
        if store.may_read("ledger"):
            with store.transaction():
                store.preparation.prepare(check)
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
            server = stack.enter_context(closing(served(url)))
            patient(wait, lambda: stack.enter_context(server.locked()))
        elif os.access(path.resolve().parent, os.W_OK):
            patient(wait, lambda: stack.enter_context(locked(path)))
        yield
