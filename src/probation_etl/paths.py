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
