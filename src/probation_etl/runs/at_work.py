"""Which file a run is at, in a file of its own: if the run is brought down, the next one knows by which file.

It is no part of the transaction, which is lost with the run. It holds a line for every run that was brought down, until a
run that has written them into the ledger is committed; the last line is that of the run at work. It need not survive a power
cut, which no file brings about: it is written without waiting for the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from probation_etl.errors import InternalError, ProbationEtlError
from probation_etl.files import FILE_MODE, explained, make_folder
from probation_etl.stopping import Stopped
from probation_etl.stores import Failure, RunRecord


class AtWork:
    """The file beside the reports in which a run says what it is at."""

    def __init__(self, path: Path, run: RunRecord) -> None:
        """Nothing is written before the first file is read.

        Args:
            path: The file; private to its store.
            run: The run.
        """
        self._path, self._run = path, run
        self._file: int | None = None
        self._kept = 0

    def left(self) -> list[Failure]:
        """What runs were at that were brought down, the oldest first."""
        with self._explained():
            lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        return [each for each in map(_failure, lines) if each]

    @contextmanager
    def on(self, file: str, sha256: str) -> Iterator[None]:
        """Inside, a file is read. If that ends the process, or with a fault of the program, the word stays."""
        line = json.dumps(
            {"run_id": self._run.run_id, "sha256": sha256, "file": file, "program_version": self._run.program_version}
        )
        with self._explained():
            target = self._opened()
            os.lseek(target, self._kept, os.SEEK_SET)
            os.write(target, f"{line}\n".encode())
        try:
            yield
        except InternalError:
            raise
        except (ProbationEtlError, KeyboardInterrupt, Stopped):
            self._take_back()
            raise
        self._take_back()

    def close(self) -> None:
        """Lets go of the file: no more files are read. What it says stays."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def settled(self) -> None:
        """Forgets everything: it is in the ledger now."""
        # If it stays, what is in it is not written into the ledger a second time.
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _opened(self) -> int:
        if self._file is None:
            make_folder(self._path.parent)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
            self._kept = os.fstat(self._file).st_size
        return self._file

    def _take_back(self) -> None:
        if self._file is not None:
            with self._explained():
                os.ftruncate(self._file, self._kept)

    def _explained(self) -> AbstractContextManager[None]:
        return explained(f"The file {self._path} cannot be written", then="Nothing was loaded.")


def _failure(line: bytes) -> Failure | None:
    """One line; None where it was not written to its end."""
    try:
        return Failure(**json.loads(line), what="run")
    except (ValueError, TypeError):
        return None
