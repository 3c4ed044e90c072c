"""Folders whose whole content changes in one step, so that whoever looks sees the old or the new, never some of each.

On Linux the new folder and the old one exchange their names, which most file systems do as one rename: ext4, XFS, Btrfs,
tmpfs. Where that cannot be, what is left of it is said at each function.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from probation_etl.files import FOLDER_MODE, make_folder, sync, sync_tree
from probation_etl.journal import tell

_NEW = ".new-by-probation-etl-"
_OLD = ".old-by-probation-etl"
_HERE, _EXCHANGE = -100, 2
"""Of the system's call: paths are as they stand, and both names are to change places."""


@contextmanager
def held_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A private folder that lasts as long as the block. What a killed process left behind, the next caller removes.

    Args:
        parent: Where to make it.
        prefix: What its name begins with. Folders of such a name that no process holds any more are removed.

    Raises:
        OSError: It cannot be made.
    """
    _clear_up(parent, prefix)
    folder, lock = _made_and_locked(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _made_and_locked(parent: Path, prefix: str) -> tuple[Path, int]:
    while True:
        folder = parent / f"{prefix}{secrets.token_hex(4)}"
        folder.mkdir(mode=FOLDER_MODE)
        with suppress(FileNotFoundError):  # another process took it for left over before it was locked
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            with suppress(OSError):  # some network file systems lock no folders: then nobody removes them either
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _clear_up(parent: Path, prefix: str) -> None:
    """Removes the folders of processes that have gone; the lock of one that lives cannot be had."""
    for folder in [each for each in parent.iterdir() if each.name.startswith(prefix)]:
        with suppress(OSError):
            found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(found)


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """A folder to write into, which takes the place of the target at the end. A link to the target stays.

    Where names cannot be exchanged, the old folder is moved aside first: a crash just then leaves no folder there, and the
    next call puts the old one back.

    Raises:
        OSError: It cannot be written. What was there before is there still.
    """
    target = target.resolve()
    former = target.with_name(f".{target.name}{_OLD}")
    if former.exists() and not target.exists():
        former.rename(target)
    shutil.rmtree(former, ignore_errors=True)
    make_folder(target.parent)
    with held_folder(target.parent, f".{target.name}{_NEW}") as draft:
        yield draft
        sync_tree(draft)
        if not target.exists():
            draft.rename(target)
        elif not _exchanged(draft, target):
            target.rename(former)
            try:
                draft.rename(target)
            except OSError:
                former.rename(target)
                raise
            shutil.rmtree(former, ignore_errors=True)
        sync(target.parent)


@contextmanager
def renewed_folder(target: Path) -> Iterator[Path]:
    """A folder to write files into, which take the places of those of the same names in the target, all in one step.

    Other files of the target stay, and so does who may read it and them. Files are replaced one after another, pages last,
    where the target holds folders or files that cannot be linked, where the folder around it may not be written, or where
    the file system cannot exchange names.

    Raises:
        OSError: It cannot be written. Every file in the target is whole: as it was, or new.
    """
    target = target.resolve()
    make_folder(target)
    _clear_up(target, _NEW)
    beside = os.access(target.parent, os.W_OK)
    place, prefix = (target.parent, f".{target.name}{_NEW}") if beside else (target, _NEW)
    with held_folder(place, prefix) as draft:
        yield draft
        written = sorted(draft.iterdir(), key=lambda path: (path.suffix == ".html", path.name))
        for path in written:
            _keep_mode(target / path.name, path)
        sync_tree(draft)
        if beside and _linked(target, draft) and _exchanged(draft, target):
            _bring_late_files(draft, target, {path.name for path in written})
            sync(target.parent)
        else:
            _replace_each(target, written)
        sync(target)
        if beside:
            sync(target.parent)


def _replace_each(target: Path, written: Sequence[Path]) -> None:
    """The files appear one after another, and none before all are where they can be renamed."""
    tell("write", "replaced", message="files are replaced one after another", file=str(target))
    with held_folder(target, _NEW) as inside:
        for path in written:
            shutil.copy2(path, inside)
        sync_tree(inside)
        for path in written:
            (inside / path.name).replace(target / path.name)


def _keep_mode(old: Path, new: Path) -> None:
    if old.is_file():
        new.chmod(old.stat().st_mode & 0o777)


def _linked(target: Path, draft: Path) -> bool:
    """Whether the other files of the target are in the draft as well, which then is as open to others as the target."""
    try:
        for path in target.iterdir():
            if path.is_dir() and not path.is_symlink():
                return False
            if not (draft / path.name).exists():
                os.link(path, draft / path.name, follow_symlinks=False)
        given = target.stat()
        if given.st_gid != draft.stat().st_gid or given.st_uid != draft.stat().st_uid:
            os.chown(draft, given.st_uid, given.st_gid)
        shutil.copystat(target, draft)
        os.utime(draft)
    except OSError:
        return False
    return True


def _bring_late_files(former: Path, target: Path, written: set[str]) -> None:
    """Files that somebody put into the old folder while the new one was made."""
    for path in former.iterdir():
        new = target / path.name
        if path.name not in written and not (new.exists() and path.samefile(new)):
            path.replace(new)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether two folders have exchanged their names; False where the system or the file system cannot do that."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return False
    return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)
