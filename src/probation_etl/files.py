"""The one way to write to disk: whole, private, safe from a power cut, and with one line of error.

A file or folder is made under another name beside its target and renamed when it is complete, so that a full disk or a
killed process never leaves half of one. It is on the disk before it is renamed, and its name is before we go on. What we
write may quote rows of a return: files are 0600 and folders 0700, whatever the umask says.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from probation_etl.errors import EnvironmentFailure, UsageError

FILE_MODE, FOLDER_MODE = 0o600, 0o700
_HALF_DONE = ".half-done-by-probation-etl"
"""Begins with a dot, so that a run on the folder around it passes it over."""
_SYNCED_AT_ONCE = 16
"""The disk takes many files together: one after the other would take twenty times as long."""


@contextmanager
def explained(failed: str, *, then: str = "", error: type[EnvironmentFailure] = EnvironmentFailure) -> Iterator[None]:
    """Turns an error of the file system into one line.

    Args:
        failed: What failed, such as ``The file a.csv cannot be written``.
        then: What the user should know besides, such as ``Nothing was loaded.``.
        error: The exception to raise.

    Raises:
        EnvironmentFailure: The system refused.
    """
    try:
        yield
    except OSError as cause:
        raise error(f"{failed}: {reason(cause)}. {then}".rstrip()) from None


def reason(error: OSError) -> str:
    """Why the system refused, in its own words: ``No space left on device``."""
    return error.strerror or str(error)


def make_folder(folder: Path, *, synced: bool = True) -> None:
    """Makes a private folder, with those above it that are missing; one that is there stays as it is.

    Args:
        folder: The folder.
        synced: Wait until its name is on the disk; not needed in a folder that :func:`sync_tree` is called for.

    Raises:
        OSError: It cannot be made.
    """
    if folder.is_dir():
        return
    if not folder.parent.exists():
        make_folder(folder.parent, synced=synced)
    folder.mkdir(exist_ok=True, mode=FOLDER_MODE)
    if synced:
        sync(folder.parent)


def sync(path: Path) -> None:
    """Waits until the content of a file is on the disk, or the names in a folder are.

    Raises:
        OSError: The disk failed.
    """
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        # Some systems of files have nothing to do for a folder, and say that it cannot be done.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not path.is_dir():
            raise
    finally:
        os.close(opened)


def sync_tree(folder: Path) -> None:
    """The same for a folder with everything below it, but not for its own name.

    Raises:
        OSError: The disk failed.
    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        for _ in pool.map(sync, [folder, *folder.rglob("*")]):
            pass


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Where to write a file that is to appear at a path once it is complete.

    A file that is replaced keeps its mode, which its owner may have chosen, and a link keeps its place. A device or a
    pipe cannot be replaced: it is written to as it is.

    Raises:
        OSError: It cannot be written. What was there before is there still.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    target = path.resolve()
    draft = target.with_name(f".{target.name[:100]}.part")
    draft.unlink(missing_ok=True)
    try:
        yield draft
        draft.chmod(target.stat().st_mode & 0o777 if target.exists() else FILE_MODE)
        sync(draft)
        draft.replace(target)
        sync(target.parent)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def write_file(path: Path, content: str | bytes | Iterable[str]) -> None:
    """Writes a file, whole or not at all.

    Half of a UTF-16 pair, which a damaged file may hold, cannot be encoded: it becomes a question mark.

    Args:
        path: The file.
        content: What is in it, or its parts, which are not all in memory then.

    Raises:
        OSError: It cannot be written. What was there before is there still.
    """
    with draft_of(path) as draft:
        _fill(draft, content)


def write_draft(path: Path, content: str | bytes | Iterable[str]) -> None:
    """The same for a file in a folder that nobody sees before :func:`sync_tree` and a rename: as it is, and at once.

    Args:
        path: The file.
        content: As there.

    Raises:
        OSError: It cannot be written.
    """
    _fill(path, content)


def _fill(draft: Path, content: str | bytes | Iterable[str]) -> None:
    """Nobody else can read the draft at any moment, not even before it has its final mode."""
    parts = [content] if isinstance(content, str | bytes) else content
    with open(draft, "wb", opener=private) as file:
        file.writelines(each if isinstance(each, bytes) else each.encode("utf-8", errors="replace") for each in parts)


def private(path: str, flags: int) -> int:
    """Opens a file, for the built-in ``open``: where it is made, nobody else can read it at any moment."""
    return os.open(path, flags, FILE_MODE)


@contextmanager
def filled_folder(target: Path) -> Iterator[Path]:
    """A folder to write into, whose content appears in the target at the end, or not at all.

    What an earlier attempt left half-done is cleared.

    Args:
        target: A folder that is empty or does not exist yet.

    Raises:
        UsageError: The target is not empty, or not a folder.
        OSError: It cannot be written.
    """
    import shutil

    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file: name a directory that is empty or does not exist yet.")
    made, draft = not target.exists(), target / _HALF_DONE
    make_folder(target)
    shutil.rmtree(draft, ignore_errors=True)
    if any(target.iterdir()):
        raise UsageError(f"The directory {target} is not empty: name another one, or empty it first.")
    try:
        draft.mkdir(mode=FOLDER_MODE)
        yield draft
        sync_tree(draft)
        # Folders come last: once returns can be seen, everything else is there.
        for path in sorted(draft.iterdir(), key=lambda path: (path.is_dir(), path.name)):
            path.replace(target / path.name)
        draft.rmdir()
        sync(target)
    except BaseException:
        shutil.rmtree(target if made else draft, ignore_errors=True)
        raise


def make_private(folder: Path) -> None:
    """Takes from everybody else the right to look into a folder that another library has filled.

    Raises:
        OSError: It is not ours to change.
    """
    for each in (folder, *folder.rglob("*")):
        each.chmod(FOLDER_MODE if each.is_dir() else FILE_MODE)
