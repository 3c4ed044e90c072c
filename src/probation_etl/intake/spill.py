"""Rows that wait on disk instead of in memory: in a file without a name, which is gone when nobody asks for them any more.

What a supplier sent may not be read by others. A file without a name cannot be opened by anybody, and the system removes it
however the program ends.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO

import polars as pl

from probation_etl.discreet import Discreet
from probation_etl.files import explained
from probation_etl.intake.frames import Part
from probation_etl.intake.received import PART, Received

_BYTES = "bytes"


class Spill:
    """A file of frames, in the temporary folder (``TMPDIR``)."""

    def __init__(self) -> None:
        """A file with nothing in it.

        Raises:
            EnvironmentFailure: There is no temporary folder that can be written to.
        """
        with explained(_folder()):
            self._file: IO[bytes] = tempfile.TemporaryFile(prefix="probation-etl-")  # noqa: SIM115 -- see the next line
        # It is closed with the last that asks for its rows.
        weakref.finalize(self, self._file.close)

    def kept(self, frame: pl.DataFrame) -> Spilled:
        """Puts rows down.

        Raises:
            EnvironmentFailure: They cannot be written: the disk is full, or the folder may not be written to.
        """
        written = io.BytesIO()
        frame.write_ipc(written, compression="lz4")
        with explained(_folder()):
            begin = self._file.seek(0, os.SEEK_END)
            self._file.write(written.getbuffer())
            self._file.flush()
            return Spilled(frame.height, self, begin, self._file.tell(), tuple(frame.columns))

    def read(self, begin: int, end: int, columns: Sequence[str] | None) -> pl.DataFrame:
        """Rows that were put down, from one place of the file to another.

        Raises:
            EnvironmentFailure: They cannot be read.
        """
        with explained(_folder()):
            self._file.seek(begin)
            data = self._file.read(end - begin)
        return pl.read_ipc(data, columns=None if columns is None else list(columns))


def _folder() -> str:
    return f"Rows cannot be kept in the temporary folder {tempfile.gettempdir()}"


@dataclass(frozen=True)
class Spilled(Part, Discreet):
    """Rows that wait on disk.

    Attributes:
        columns: The columns that they have.
    """

    height: int
    spill: Spill
    begin: int
    end: int
    columns: tuple[str, ...]

    def put(self, frame: pl.DataFrame) -> Spilled:
        """Other rows, on the same disk."""
        return self.spill.kept(frame)

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows, from the disk."""
        return self.spill.read(self.begin, self.end, columns)


@dataclass(frozen=True)
class Widened(Part, Discreet):
    """The rows of another part with more columns: those that it has not are null.

    Attributes:
        schema: All columns.
    """

    part: Spilled
    schema: Mapping[str, pl.DataType]

    @property
    def height(self) -> int:  # type: ignore[override]
        """Rows of the other part."""
        return self.part.height

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows."""
        wanted, own = list(self.schema if columns is None else columns), self.part.columns
        frame = self.part.read([name for name in wanted if name in own] or own)
        nothing = {name: pl.lit(None, dtype=self.schema[name]) for name in wanted if name not in own}
        return frame.with_columns(**nothing).select(wanted)


@dataclass(frozen=True)
class SpilledBytes(Received, Discreet):
    """The bytes of a file that wait on disk.

    Attributes:
        sha256: Their hash.
    """

    _size: int
    sha256: str
    _parts: list[Spilled] = field(repr=False)

    def __len__(self) -> int:
        """How many they are."""
        return self._size

    def parts(self) -> Iterator[bytes]:
        """The bytes, from the disk."""
        for part in self._parts:
            yield part.read().item()

    @classmethod
    def of(cls, file: IO[bytes], most: int) -> SpilledBytes:
        """The bytes of a file from where it stands to its end, or some more than a number of them.

        Raises:
            OSError: It cannot be read.
            EnvironmentFailure: They cannot be put down.
        """
        return cls.of_parts(_parts_of(file, most))

    @classmethod
    def of_parts(cls, given: Iterable[bytes]) -> SpilledBytes:
        """Bytes that come part by part.

        Raises:
            EnvironmentFailure: They cannot be put down.
        """
        spill, parts, size, found = Spill(), list[Spilled](), 0, hashlib.sha256()
        for data in given:
            parts.append(spill.kept(pl.DataFrame({_BYTES: [data]}, schema={_BYTES: pl.Binary})))
            size += len(data)
            found.update(data)
        return cls(size, found.hexdigest(), parts)


def _parts_of(file: IO[bytes], most: int) -> Iterator[bytes]:
    size = 0
    while size <= most and (data := file.read(PART)):
        yield data
        size += len(data)


@contextmanager
def as_file(data: Received) -> Iterator[IO[bytes]]:
    """Inside, the bytes of a file in one without a name, which can be read anywhere.

    Raises:
        EnvironmentFailure: They cannot be put down.
    """
    with ExitStack() as after:
        with explained(_folder()):
            file = after.enter_context(tempfile.TemporaryFile(prefix="probation-etl-"))
            for part in data.parts():
                file.write(part)
            file.seek(0)
        yield file
