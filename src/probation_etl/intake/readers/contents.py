"""What a file holds. Of a file that is too large to be a return, nothing but its hash is taken into memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader

from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_file_size
from probation_etl.intake.readers.long_lines import check_large_file
from probation_etl.intake.received import Received
from probation_etl.intake.spill import SpilledBytes

#: Bytes that are read at a time of a file that has grown.
_MORE = 1 << 24


@dataclass(frozen=True)
class Content(Discreet):
    """What a file holds.

    Attributes:
        data: Its bytes, those of a long file on disk; None if they were not read.
        hashed: Their hash, where it was made while they were read.
        refused: Why they were not read.
    """

    data: bytes | Received | None
    hashed: str = ""
    refused: str = ""

    @classmethod
    def of(cls, data: bytes) -> Content:
        """Bytes that are in memory already."""
        return cls(data)

    @cached_property
    def sha256(self) -> str:
        """The hash of the bytes, which is made when it is asked for."""
        in_memory = self.data if isinstance(self.data, bytes) else b""
        return self.hashed or hashlib.sha256(in_memory).hexdigest()


def read_content(file: BufferedReader, size: int, limits: Limits = DEFAULT_LIMITS) -> Content:
    """Reads a file. Of one that is too large, or a text that no table can be, only the hash is taken.

    Args:
        file: The file, at its beginning.
        size: Its bytes when it was opened.
        limits: How much is read.

    Raises:
        OSError: It cannot be read.
    """
    try:
        if check_large_file(file, size, limits):
            long = SpilledBytes.of(file, limits.file_bytes)
            check_file_size(len(long), limits)
            return Content(long, long.sha256)
        data = _whole(file, size, limits.of_a_whole.file_bytes)
        check_file_size(len(data), limits.of_a_whole)
    except UnreadableFile as error:
        file.seek(0)
        return Content(None, hashlib.file_digest(file, "sha256").hexdigest(), str(error))
    return Content.of(data)


def _whole(file: BufferedReader, size: int, limit: int) -> bytes:
    """All of a file, or one byte more than allowed at least: it may grow while it is read.

    What is asked for is allocated at once, so it is no more than the file was said to have.
    """
    data = file.read(size + 1)
    while len(data) > size and len(data) <= limit and (more := file.read(_MORE)):
        data += more
    return data
