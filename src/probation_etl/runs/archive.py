"""Moves the files that a run has taken out of the inbox, once everything that it did is committed and reported.

A file is moved as it was read or not at all: what has come in its place meanwhile stays where it is. If the run ends before all are
moved, the files that are left are unchanged returns to the next run, which moves them.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from probation_etl.contracts.numbers import counted
from probation_etl.errors import EnvironmentFailure, UnreadableFile
from probation_etl.files import make_folder, private, reason, sync
from probation_etl.journal import tell
from probation_etl.runs.inbox import Stamp, hashed, stamp_of
from probation_etl.runs.listing import Listing
from probation_etl.runs.looking import Arrival


def put_away(inbox: Listing, files: Sequence[Arrival], folder: Path) -> None:
    """Moves files into a folder of the archive, under their paths below the inbox.

    Raises:
        EnvironmentFailure: Some could not be moved; the others were.
    """
    moved, failed = 0, list[str]()
    for each in files:
        try:
            moved += _put_away_one(inbox, each, folder)
        except OSError as error:
            failed.append(f"{each.name}: {reason(error)}")
        except UnreadableFile:
            continue  # it is not what was read: the next run takes what has come instead
    for filled in {folder / each.path.relative_to(inbox.directory).parent for each in files}:
        if filled.exists():
            sync(filled)
    if moved:
        tell("run", "archived", message="files archived", counts={"files": moved})
    if failed:
        raise EnvironmentFailure(
            f"The returns were loaded and reported. {counted(len(failed), 'file')} could not be moved to {folder}: "
            f"{failed[0]}. The next run tries again."
        )


def _put_away_one(inbox: Listing, file: Arrival, folder: Path) -> int:
    """Moves a file, and before it what came beside it.

    If the run ends in between, the ledger knows the file that is left, and the next run moves it. Of a marker that is left
    nobody would know whether its return has still to come.

    Returns:
        How many files it moved.
    """
    if stamp_of(inbox, file.path) != file.stamp:
        return 0
    together = [*_companions(inbox, file), file]
    for each in together:
        _move(inbox, each, folder / each.path.relative_to(inbox.directory))
    return len(together)


def _companions(inbox: Listing, file: Arrival) -> Iterator[Arrival]:
    for each in file.beside.files:
        with suppress(UnreadableFile):
            content = hashed(inbox, Path(each))
            yield Arrival(Path(each), inbox.named(each), inbox.shown(each), content.sha256, content.stamp, is_new=False)


def _move(inbox: Listing, file: Arrival, target: Path) -> None:
    if stamp_of(inbox, file.path) != file.stamp:
        return
    make_folder(target.parent)
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    try:
        file.path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(inbox, file, target)
        return
    if _is_another(target, file.stamp):
        # It came between the two looks. Nothing has its name in the inbox but what came even later.
        with suppress(FileExistsError):
            os.link(target, file.path)
            target.unlink()


def _is_another(target: Path, stamp: Stamp) -> bool:
    """Whether a file that was moved is not the one that was read; moving it has changed one of its times."""
    found = target.lstat()
    return (found.st_size, found.st_mtime_ns, found.st_ino) != (stamp.size, stamp.modified, stamp.number)


def _copy(inbox: Listing, file: Arrival, target: Path) -> None:
    """To another disk: the file is gone from the inbox once its copy is on the disk and holds the same."""
    draft = target.with_name(f".{target.name[:100]}.part")
    try:
        with file.path.open("rb") as source, open(draft, "xb", opener=private) as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
        if hashed(Listing(draft.parent), draft).sha256 == file.sha256 and stamp_of(inbox, file.path) == file.stamp:
            draft.rename(target)
            sync(target.parent)
            file.path.unlink()
    finally:
        draft.unlink(missing_ok=True)
