"""An embedded store as it was last committed, read from a private copy, so that reading needs no lock and changes nothing.

DuckDB lets nobody open a file that another process writes, not even to read. But it never writes over what it would need
after a crash: blocks that the newest header refers to, and committed entries of its log, stay until the next header is
written. So a copy during which neither the header nor the log has changed is what a crash would have left, and opens as
the last committed state (decision 26).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from probation_etl.errors import LockedError, StoreError
from probation_etl.files import FILE_MODE, explained
from probation_etl.folders import held_folder
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.engine import read_only
from probation_etl.stores.waiting import patient

#: A file begins with a main header and two of the database, one of which is the newest.
_HEADERS = 3 * 4096
#: What the engine keeps beside a file: its log, the log of commits during a checkpoint, and both when it recovers.
_LOGS = (".wal", ".checkpoint.wal", ".recovery.wal")
_PREFIX = "probation-etl-reading-"
#: For how long a copy is tried again: a store changes for moments, at a commit.
_SECONDS = 10
_Stamp = tuple[int, int, int]


class DuckDBSnapshot(DuckDBEngine):
    """A private copy of a store. What is done to it is gone when it is closed."""

    def __init__(self, path: Path) -> None:
        """Copies the store.

        Raises:
            LockedError: It changed in each attempt to copy it.
            StoreError: It cannot be copied or opened.
        """
        self._original = path
        self._is_sealed = False
        with ExitStack() as stack:
            if not path.exists():
                raise StoreError(f"There is no store at {path}.")
            scratch = Path(tempfile.gettempdir())
            failed = f"The store {path} cannot be read, because it cannot be copied to {scratch}"
            with explained(failed, then="TMPDIR names another folder.", error=StoreError):
                folder = stack.enter_context(held_folder(scratch, _PREFIX))
                self._copy = folder / path.name
                patient(_SECONDS, lambda: _copy(path, self._copy))
            super().__init__(self._copy)
            self._stack = stack.pop_all()

    @property
    def place(self) -> str:
        return str(self._original)

    @property
    def file(self) -> Path:
        return self._original.resolve()

    def seal(self) -> None:
        """From now on nothing can be kept. The copy has no name any more, so that nothing stays if the process is killed."""
        self._is_sealed = True
        for path in self._copy.parent.iterdir():
            with suppress(OSError):
                path.unlink()

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        if keep and self._is_sealed:
            raise read_only(self.place)
        with super().transaction(keep=keep):
            yield

    def close(self) -> None:
        super().close()
        self._stack.close()


def is_open_here(path: Path) -> bool:
    """Whether this very process has the file open, so that it must not be copied.

    The system takes all locks of a process from a file when the process closes any handle on it: a copy would leave the
    store that the process has open unprotected.
    """
    if not path.exists():
        return False
    wanted = path.stat()
    for handle in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            if os.path.samestat(handle.stat(), wanted):
                return True
    return False


def _copy(path: Path, copy: Path) -> None:
    before = _state(path)
    for suffix in ("", *_LOGS):
        target = _beside(copy, suffix)
        target.unlink(missing_ok=True)
        with suppress(*(() if not suffix else (FileNotFoundError,))):
            shutil.copyfile(_beside(path, suffix), target)
            target.chmod(FILE_MODE)
    if not _headers(copy) == before[0] == _headers(path) or _state(path) != before:
        raise LockedError(f"The store {path} changes all the time. Nothing was done: try again later.")


def _state(path: Path) -> tuple[bytes, _Stamp | None, tuple[_Stamp | None, ...]]:
    """What changes whenever the last committed state does."""
    stamp = _stamp(path)
    return _headers(path), stamp and (stamp[0], 0, 0), tuple(_stamp(_beside(path, suffix)) for suffix in _LOGS)


def _headers(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEADERS)


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}{suffix}")
