"""Lists and reads the files of an inbox. The inbox is never changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import refers
from probation_etl.files import explained
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.readers import Limits, printable_name

#: Endings of files that are still being written, and beginnings of the lock files of spreadsheet programs.
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
_LOCK_FILES = ("~$", ".~lock")


def files_in(inbox: Path) -> list[Path]:
    """Regular files below the inbox, in a stable order; without links, hidden files, and files still being written.

    Raises:
        EnvironmentFailure: The inbox is not there, or cannot be read.
    """
    with explained(f"The inbox {inbox} cannot be read", then="Nothing was done."):
        return sorted(_walk(inbox), key=lambda path: path.as_posix())


def depth_of(name: str, contracts: Iterable[ReturnContract]) -> int:
    """The order of a file: 0 if others may refer to its rows, 1 if it refers to rows of others, 2 if it is not known."""
    fitting = [each for each in contracts if file_name_matches(name, each)]
    return min((int(refers(each)) for each in fitting), default=2)


def read_file(path: Path, limits: Limits) -> tuple[bytes | None, str]:
    """Content and SHA-256 of a file. The content of a file above the limit is not read into memory, and None.

    Raises:
        EnvironmentFailure: The file cannot be read.
    """
    with explained(f"The file {path} cannot be read", then="Nothing was loaded."):
        if path.stat().st_size > limits.file_bytes:
            with path.open("rb") as file:
                return None, hashlib.file_digest(file, "sha256").hexdigest()
        data = path.read_bytes()
    return data, hashlib.sha256(data).hexdigest()


def shown_name(path: Path) -> str:
    """A path as text that can be stored and printed: bytes that are not UTF-8 and control characters are escaped."""
    return printable_name(path.as_posix())


def _walk(directory: Path) -> Iterator[Path]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith((".", *_LOCK_FILES)):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))
            elif entry.is_file(follow_symlinks=False) and not entry.name.lower().endswith(_UNFINISHED):
                yield Path(entry.path)
