"""Reads the files of an inbox, which is never changed.

Between listing and reading, anybody who may write to an inbox can put a link in the place of a file. So each file is
opened step by step from the inbox down without following a link, and what was opened must be a regular file with no name
outside of the inbox. The bytes in memory are the only copy: what is hashed, validated and kept is the same, whatever
becomes of the file meanwhile.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.files import reason
from probation_etl.intake.readers import Content, Limits, read_content
from probation_etl.runs.listing import Listing

# A system without one of these (Windows) has no such thing to guard against in the same way.
_NO_LINK, _FOLDER = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_DIRECTORY", 0)
_FLAGS = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_STEP_BY_STEP = os.open in os.supports_dir_fd
_REPLACED = "While the run was on, something took its place that is no regular file."


@dataclass(frozen=True)
class Stamp(Discreet):
    """What changes when a file is written to: its size and its times in nanoseconds; and which file of which device it is."""

    size: int
    modified: int
    changed: int
    number: int
    device: int

    @classmethod
    def of(cls, found: os.stat_result) -> Self:
        """The same of what the system says of a file."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)


@dataclass(frozen=True)
class Hashed(Discreet):
    """The hash of a file that was not read into memory.

    Attributes:
        sha256: Of all its bytes.
        stamp: Its size and times when it was opened.
    """

    sha256: str
    stamp: Stamp


def hashed(inbox: Listing, path: Path) -> Hashed:
    """The hash of a file, without its bytes.

    Raises:
        UnreadableFile: It cannot be read, or may not be.
    """
    with _opened(inbox, path) as (file, stamp), open(file, "rb", closefd=False, buffering=0) as stream:
        return Hashed(hashlib.file_digest(stream, "sha256").hexdigest(), stamp)


def read_file(inbox: Listing, path: Path, limits: Limits) -> Content:
    """Content and hash of a file. Of a file that is too large, or a text that no table can be, only the hash is taken.

    Raises:
        UnreadableFile: It cannot be read, or may not be.
    """
    with _opened(inbox, path) as (file, stamp), open(file, "rb", closefd=False) as stream:
        return read_content(stream, stamp.size, limits)


def stamp_of(inbox: Listing, path: Path) -> Stamp:
    """Size and times of a file as it is now.

    Raises:
        UnreadableFile: It cannot be read, or may not be.
    """
    with _opened(inbox, path) as (_, stamp):
        return stamp


def seen_stamp(inbox: Listing, path: Path) -> Stamp | None:
    """The same without opening the file; None where it would be refused, or cannot be seen: who opens it is told why."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return Stamp.of(found) if stat.S_ISREG(found.st_mode) and not _has_a_name_outside(inbox, found) else None


def _has_a_name_outside(inbox: Listing, found: os.stat_result) -> bool:
    return found.st_nlink > max(1, inbox.names[found.st_ino])


@contextmanager
def _opened(inbox: Listing, path: Path) -> Iterator[tuple[int, Stamp]]:
    """A descriptor of a file, with its size and times."""
    try:
        file = _open(inbox.directory, path)
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode):
                raise _refusal(_REPLACED)
            if _has_a_name_outside(inbox, found):
                raise UnreadableFile("", code="linked-file")
            yield file, Stamp.of(found)
        finally:
            os.close(file)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise _refusal(_REPLACED) from None
        raise _refusal(f"It could not be read: {reason(error)}.") from None


def _open(directory: Path, path: Path) -> int:
    if not _STEP_BY_STEP:
        return os.open(path, _FLAGS)
    *folders, name = path.relative_to(directory).parts
    # The inbox itself may be named by a link: its owner chose it.
    at = os.open(directory, os.O_RDONLY | _FOLDER)
    try:
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | _FOLDER | _NO_LINK, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(name, _FLAGS, dir_fd=at)
    finally:
        os.close(at)


def _refusal(text: str) -> UnreadableFile:
    return UnreadableFile(text, code="inaccessible-file")
