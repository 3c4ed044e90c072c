"""Says what a path is that cannot be meant: an address of another machine, a folder that is not there, a file of another kind.

A mistyped path would otherwise make a folder or an empty store somewhere, and the work would seem to be done.
"""

from __future__ import annotations

import re
from pathlib import Path

from probation_etl.errors import EnvironmentFailure, UsageError

#: The beginning of an address. A path object has lost one of its slashes; a single letter is a drive.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")


def on_this_machine(path: str | Path) -> Path:
    """The path, which must not be an address.

    Raises:
        UsageError: It begins like ``s3://``.
    """
    found = _ADDRESS.match(str(path))
    if found:
        raise UsageError(
            f"‘{path}’ is an address ({found[1]}:), not a path: expected a file or folder on this machine. "
            "Where it lies elsewhere, mount it, or copy it here first."
        )
    return Path(path)


#: Endings that are those of files, whatever is in them.
_OF_FILES = frozenset((
    ".arrow", ".csv", ".doc", ".docx", ".duckdb", ".gz", ".htm", ".html", ".json", ".jsonl", ".md", ".ods", ".odt", ".parquet", ".pdf",
    ".py", ".sarif", ".sqlite", ".toml", ".tsv", ".txt", ".xls", ".xlsb", ".xlsm", ".xlsx", ".xml", ".yaml", ".yml", ".zip",
))  # fmt: skip


def named_as_folder(path: Path) -> Path:
    """The path, which must not have the name of a file.

    Raises:
        UsageError: It is called like ``t.csv``, and no folder is called so.
    """
    if path.suffix.lower() in _OF_FILES and not path.is_dir():
        raise UsageError(
            f"‘{path}’ is the name of a file ({path.suffix}); several files are written, into a folder: name one, such as "
            f"‘{path.with_suffix('')}’. Nothing was done."
        )
    return path


def named_as(path: Path, what: str, *endings: str) -> Path:
    """The path, whose ending must be one of those, or none.

    Args:
        path: The file to write.
        what: What is written, such as ``a workbook``.
        endings: Endings of such files; the first is suggested.

    Raises:
        UsageError: It has another ending: who opens the file would take it for something else.
    """
    if path.suffix and path.suffix.lower() not in endings:
        raise UsageError(
            f"‘{path}’ ends in {path.suffix}, but {what} is written: expected a name such as ‘{path.with_suffix(endings[0])}’. "
            "Nothing was done."
        )
    return path


def folder_for(path: Path, what: str, *, error: type[EnvironmentFailure] = EnvironmentFailure) -> None:
    """Refuses a path in a folder that is not there.

    Args:
        path: Where something may be made.
        what: What it would be, such as ``The store``.
        error: The exception to raise.

    Raises:
        EnvironmentFailure: There is no such folder.
    """
    folder = path.parent
    if folder.is_dir():
        return
    is_there = "is a file" if folder.exists() else "is not there"
    raise error(
        f"{what} {path} cannot be made: the folder {folder} {is_there}. If the path is right, make the folder first "
        f"(‘mkdir -p {folder}’). Nothing was done."
    )


def outside(path: Path | None, inbox: Path, what: str) -> None:
    """Refuses a path in the inbox: the next run would take for returns what is written there, and senders could read it.

    Args:
        path: Where something is written; None if nothing is.
        inbox: The inbox.
        what: What is written, such as ``The archive``.

    Raises:
        UsageError: The path is the inbox, or lies in it, by whatever link.
    """
    if path is not None and path.resolve().is_relative_to(inbox.resolve()):
        raise UsageError(
            f"{what} {path} lies in the inbox {inbox}: it would be taken for a return, and those who send could read it. Name a "
            "place outside of the inbox. Nothing was done."
        )


def is_folder(path: Path, what: str) -> None:
    """Refuses a file where a folder is expected.

    Raises:
        EnvironmentFailure: It is a file.
    """
    if path.exists() and not path.is_dir():
        raise EnvironmentFailure(f"{what} {path} is {_kind(path)}, not a folder. Nothing was done.")


def is_store(path: Path) -> None:
    """Refuses a folder, or a file of another kind, where a store is expected.

    Raises:
        EnvironmentFailure: It is none.
    """
    if path.is_dir():
        raise EnvironmentFailure(
            f"The store {path} is a folder: a store is one file, such as duckdb:///{path / 'probation.duckdb'}. Nothing was done."
        )


def _kind(path: Path) -> str:
    if not path.is_file():
        return "no regular file"
    with path.open("rb") as file:
        return "a store" if file.read(12)[8:] == b"DUCK" else "a file"
