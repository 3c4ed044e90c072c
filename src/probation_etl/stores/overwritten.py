"""What a checkpoint of DuckDB writes over in place, kept beside the store until the checkpoint is complete.

A checkpoint leaves alone what the one before refers to, but for the blocks of the catalogue: a new state goes into what is free
in them, and each is written as a whole, with one checksum. A power cut in the middle of that leaves a block that is neither the
old nor the new, and a file that cannot be opened, whatever its log holds. So these blocks are kept before, and put back by
whoever holds the lock next: then the file is as it was before the checkpoint, and its log has the rest.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from probation_etl.errors import StoreError
from probation_etl.files import explained, sync, write_file

KEPT = ".overwritten"
"""How the name of a file ends that keeps them."""
_HEADER = 4096
"""The file begins with three: what it is, and twice where its state is. The second or third is written last, in turns."""
_HEADERS = 3 * _HEADER
Part = tuple[int, bytes]


class _Handles:
    """One handle for each file that this process has open, however often it has it open.

    The system drops all locks of a process on a file when the process closes one handle on it: the engine's lock would be lost.
    """

    def __init__(self) -> None:
        self._alone = threading.Lock()
        self._held: dict[tuple[int, int], tuple[int, int]] = {}

    def opened(self, path: Path) -> int:
        with self._alone:
            about = path.stat()
            key = (about.st_dev, about.st_ino)
            file, times = self._held.get(key) or (os.open(path, os.O_RDONLY | os.O_CLOEXEC), 0)
            self._held[key] = (file, times + 1)
            return file

    def close(self, file: int) -> None:
        with self._alone:
            key, times = next((key, times) for key, (held, times) in self._held.items() if held == file)
            self._held[key] = (file, times - 1)
            if times == 1:
                del self._held[key]
                os.close(file)


_handles = _Handles()


class Overwritten:
    """The blocks of one store that the next checkpoint may write over."""

    def __init__(self, store: Path) -> None:
        """Opens the file, before the engine does, so that it can be read while the engine holds its lock.

        Raises:
            StoreError: It cannot be read.
        """
        self._kept = _kept(store)
        with explained(f"The store {store} cannot be opened", error=StoreError):
            self._file = _handles.opened(store)

    @contextmanager
    def kept(self, blocks: Iterable[int], size: int) -> Iterator[None]:
        """Inside, a checkpoint may write over blocks of this size. If it fails, they stay kept.

        Raises:
            OSError: They cannot be kept. Nothing was written over.
        """
        places = [(0, _HEADERS), *((_HEADERS + number * size, size) for number in sorted(blocks))]
        parts = [(at, os.pread(self._file, length, at)) for at, length in places]
        content = b"".join(data for _, data in parts)
        index = {"parts": [(at, len(data)) for at, data in parts], "sha256": sha256(content).hexdigest()}
        write_file(self._kept, json.dumps(index).encode() + b"\n" + content)
        yield
        self._kept.unlink()

    def close(self) -> None:
        """To be called when the engine has closed the file."""
        if self._file >= 0:
            _handles.close(self._file)
            self._file = -1


def put_back(store: Path) -> None:
    """Undoes a checkpoint that was not completed. Whoever calls it holds the store's lock, and nobody has it open.

    Raises:
        StoreError: The disk refused.
    """
    kept = _kept(store)
    if not kept.exists():
        return
    with explained(f"The store {store} cannot be mended after a checkpoint that was cut off", error=StoreError):
        parts = _parts(kept.read_bytes())
        if parts and store.exists():
            with store.open("r+b") as file:
                if _is_undone(file.read(_HEADERS), parts[0][1]):
                    for at, data in parts:
                        file.seek(at)
                        file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
        kept.unlink()
        sync(kept.parent)


def _kept(store: Path) -> Path:
    real = store.resolve()
    return real.with_name(f"{real.name}{KEPT}")


def _parts(content: bytes) -> list[Part]:
    """What was kept, the headers first; nothing where it is not whole: then nothing was written over yet."""
    line, _, data = content.partition(b"\n")
    try:
        index = json.loads(line)
    except ValueError:
        return []
    if sha256(data).hexdigest() != index["sha256"]:
        return []
    parts, start = list[Part](), 0
    for at, length in index["parts"]:
        parts.append((at, data[start : start + length]))
        start += length
    return parts


def _is_undone(now: bytes, before: bytes) -> bool:
    """Whether the file, by its headers, is as it was before a checkpoint, or within one; else that was completed since."""
    if now[:_HEADER] != before[:_HEADER]:
        return False  # another file has been put in its place
    return now == before or not all(_is_whole(now[at : at + _HEADER]) for at in (_HEADER, 2 * _HEADER))


def _is_whole(header: bytes) -> bool:
    """Whether a header has the checksum that it begins with, as the engine computes it."""
    checksum = 5381
    for word in struct.unpack("<511Q", header[8:]):
        checksum ^= word * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    return header[:8] == struct.pack("<Q", checksum)
