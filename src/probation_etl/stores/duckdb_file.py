"""The file of an embedded store: how it is made, locked and opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from probation_etl.errors import LockedError, StoreError
from probation_etl.files import FILE_MODE, draft_of, explained
from probation_etl.paths import folder_for, is_store
from probation_etl.stores.confined import confined
from probation_etl.stores.overwritten import put_back
from probation_etl.stores.private_files import PrivateFiles


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """A lock file beside the store, held while the block lasts; the system releases it when the process dies.

    Raises:
        LockedError: Another process holds it.
        StoreError: It cannot be made.
    """
    is_store(path)
    folder_for(path, "The store", error=StoreError)
    # Whoever comes by a link meets the same lock.
    real = path.resolve()
    lock = FileLock(real.with_name(f"{real.name}.lock"), timeout=0, mode=FILE_MODE)
    with explained(f"The store {path} cannot be locked", then="Nothing was done.", error=StoreError):
        try:
            lock.acquire()
        except Timeout:
            raise LockedError(
                f"Another run works on {path}. Nothing was done: try again when it has finished, or wait for it with --wait."
            ) from None
    try:
        put_back(real)
        yield
    finally:
        lock.release()


def create(path: Path) -> None:
    """Makes an empty store under another name and renames it, because a half-made file could not be opened."""
    failed = f"The store {path} cannot be made"
    folder_for(path, "The store", error=StoreError)
    try:
        with explained(failed, error=StoreError), draft_of(path) as draft:
            confined(draft).close()
    except duckdb.Error as error:
        raise StoreError(f"{failed}: {type(error).__name__}.") from None


def connected(path: Path | None, place: str, private: PrivateFiles) -> duckdb.DuckDBPyConnection:
    """A connection to a store.

    Raises:
        LockedError: Another program has it open.
        StoreError: It cannot be opened.
    """
    try:
        return confined(path, private.configuration)
    except duckdb.Error as error:
        raise _refused(place, error) from None


def _refused(place: str, error: duckdb.Error) -> LockedError | StoreError:
    """Why the file cannot be opened, from the text of the engine, of which only the number of a process is passed on."""
    text = str(error)
    if "Could not set lock" not in text:
        return StoreError(
            f"The store {place} cannot be opened ({type(error).__name__}): it is not a DuckDB file, or may not be written."
        )
    holder = re.search(r"\(PID (\d+)\)", text)
    process = f" (process {holder[1]})" if holder else ""
    return LockedError(
        f"Another program{process} has the store {place} open. Nothing was done: try again when it has closed it, or wait for "
        "it with --wait."
    )
