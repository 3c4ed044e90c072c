"""An embedded store as it was last committed, read from a private copy, so that reading needs no lock and changes nothing.

DuckDB lets nobody open a file that another process writes, not even to read. But it keeps its file and log so that a process
may be killed at any moment: what is there then opens as the last committed state. So a copy during which nothing was written
is as good as a crash just then (decision 26).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from probation_etl.errors import LockedError, StoreError
from probation_etl.files import FILE_MODE, explained
from probation_etl.folders import held_folder
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.engine import read_only
from probation_etl.stores.overwritten import KEPT, put_back
from probation_etl.stores.waiting import patient

#: What is kept beside a file: its log, the log of commits during a checkpoint, both when it recovers, and what a checkpoint overwrites.
_LOGS = (".wal", ".checkpoint.wal", ".recovery.wal", KEPT)
_PREFIX = "probation-etl-reading-"
#: For how long a copy is tried again: a store is written for moments, and longest at a commit.
_SECONDS = 30
_TICK = 0.02


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
                put_back(self._copy)
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
    before = _stamps(path)
    # What is written from now on gets another time: the clock of a file system stands still for some milliseconds.
    time.sleep(_TICK)
    for suffix in ("", *_LOGS):
        target = _beside(copy, suffix)
        target.unlink(missing_ok=True)
        with suppress(*(() if not suffix else (FileNotFoundError,))):
            shutil.copyfile(_beside(path, suffix), target)
            target.chmod(FILE_MODE)
    if _stamps(path) != before:
        raise LockedError(f"The store {path} changes all the time. Nothing was done: try again later.")


def _stamps(path: Path) -> list[tuple[int, int, int] | None]:
    """What changes whenever the file or one of its logs is written."""
    return [_stamp(_beside(path, suffix)) for suffix in ("", *_LOGS)]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}{suffix}")
