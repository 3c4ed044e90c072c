"""The ledger file on disk: lines are only added, each on the disk before the next thing is done, for the owner's eyes alone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from probation_etl.files import FILE_MODE, explained, make_folder
from probation_etl.stores.ledger_file.lines import Entry, Recorded, digest_of, line_of, recorded

#: No line holds it.
_HOLE = b"\0"
#: Bytes from the end of the file in which its last line is looked for first.
_TAIL = 65536
_AT_ONCE = 1 << 20


class LedgerFile:
    """One ledger file, which need not be there yet."""

    def __init__(self, path: Path) -> None:
        """The ledger file at this path."""
        self.path = path

    def read(self) -> Recorded | None:
        """What it says; None where it is not there or empty.

        Raises:
            BrokenChainError: A line was changed or is missing.
            EnvironmentFailure: It cannot be read.
        """
        with self._explained():
            if not self.path.exists():
                return None
            content = self.path.read_bytes()
        # What follows the last line end was being written when its process died: nothing was committed after it. After a power
        # cut zeros may stand in the place of a part that has not reached the disk, before others that have.
        whole = content.partition(_HOLE)[0]
        whole = whole[: whole.rfind(b"\n") + 1]
        return recorded(whole.splitlines()) if whole else None

    def append(self, entries: Iterable[Entry]) -> None:
        """Adds lines, and waits until they are on the disk.

        Raises:
            EnvironmentFailure: They cannot be written.
        """
        with self._explained(), self._held() as file:
            end, last = _end(file)
            # What a process that died has left of a line would spoil the next one.
            file.truncate(end)
            lines = []
            for entry in entries:
                lines.append(line_of(entry, last))
                last = digest_of(lines[-1])
            file.seek(end)
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())

    def set_aside(self) -> Path:
        """Renames it, because no line can follow what it says.

        Returns:
            Its path now.

        Raises:
            EnvironmentFailure: It cannot be renamed.
        """
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.{number}")).exists():
            number += 1
        with self._explained():
            return self.path.rename(aside)

    @contextmanager
    def _held(self) -> Iterator[BinaryIO]:
        """The file, open, while no other process adds to it."""
        is_new = not self.path.exists()
        make_folder(self.path.parent)
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, FILE_MODE), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                folder = os.open(self.path.parent, os.O_RDONLY)
                os.fsync(folder)
                os.close(folder)
            yield file

    def _explained(self) -> AbstractContextManager[None]:
        return explained(f"The ledger file {self.path} cannot be used", then="Nothing was changed.")


def _end(file: BinaryIO) -> tuple[int, str]:
    """Where the last whole line ends, and its SHA-256."""
    size, reach = _written(file), _TAIL
    while True:
        start = max(0, size - reach)
        file.seek(start)
        tail = file.read(size - start)
        end = tail.rfind(b"\n") + 1
        line = tail[:end].rstrip(b"\n").rfind(b"\n") + 1
        if start == 0 or line:
            return start + end, digest_of(tail[line:end]) if end else ""
        reach *= 4


def _written(file: BinaryIO) -> int:
    """How much of it has reached the disk: up to its end, or to where something is missing."""
    file.seek(0)
    read = 0
    while content := file.read(_AT_ONCE):
        whole = content.partition(_HOLE)[0]
        read += len(whole)
        if len(whole) < len(content):
            break
    return read
