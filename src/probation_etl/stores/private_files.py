"""What DuckDB writes beside a store, which it would let everybody read: the write-ahead log and what memory cannot hold.

The process's umask would do, and the command line sets it; but it belongs to the whole process, so the library must not.
DuckDB takes a log and a folder that are there as they are, with their modes: so they are made before it needs them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

import polars as pl

from probation_etl.files import FILE_MODE, FOLDER_MODE

#: By itself DuckDB takes four fifths of the machine's memory. With this it is as quick, and ten million rows or more are loaded in it.
_MEMORY, _THREADS = "768MB", 6


class PrivateFiles:
    """The log and the folder for overflow of one store. Where they cannot be made, DuckDB says what is wrong."""

    def __init__(self, path: Path | None, within: Path | None = None) -> None:
        """Makes the folder.

        Args:
            path: File of the store; None for one in memory.
            within: Where the folder of one in memory is made; by default among the temporary files of the system.
        """
        # DuckDB follows a link, and writes beside the file itself.
        real = path and path.resolve()
        self._log = real and real.with_name(f"{real.name}.wal")
        self._overflow = (
            real.with_name(f"{real.name}.tmp") if real else Path(mkdtemp(prefix="probation-etl-", dir=within))
        )
        self._in_memory = path is None
        with suppress(OSError):
            self._overflow.mkdir(mode=FOLDER_MODE, exist_ok=True)
            self._overflow.chmod(FOLDER_MODE)
        self.before_writing(make=False)

    @property
    def configuration(self) -> dict[str, str | bool | int | float | list[str]]:
        """Settings for the connection: what memory it has, and where the rest goes.

        For a file, the folder is where DuckDB looks for it by itself.
        """
        folder: dict[str, str | bool | int | float | list[str]] = (
            {"temp_directory": str(self._overflow)} if self._in_memory else {}
        )
        # More threads would need more memory, of which each wants an eighth of a gigabyte.
        return {**folder, "memory_limit": _MEMORY, "threads": min(_THREADS, pl.thread_pool_size())}

    def of_another(self) -> PrivateFiles:
        """Those of an engine in memory that works beside this one, on the same disk."""
        return PrivateFiles(None, self._overflow)

    def before_writing(self, *, make: bool = True) -> None:
        """Makes the log, which DuckDB removes and makes again as it goes; one that was left by a crash is made private.

        Args:
            make: False to leave it at that.
        """
        if self._log is None:
            return
        with suppress(OSError):
            if make:
                os.close(os.open(self._log, os.O_CREAT | os.O_WRONLY, FILE_MODE))
            self._log.chmod(FILE_MODE)

    def before_closing(self) -> None:
        """Removes the log again if nothing was written to it."""
        with suppress(OSError):
            if self._log and not self._log.stat().st_size:
                self._log.unlink()

    def after_closing(self) -> None:
        """Removes the folder, unless somebody else uses it too."""
        with suppress(OSError):
            self._overflow.rmdir()
