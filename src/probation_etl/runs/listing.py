"""What lies in an inbox: the files that may be returns, and everything else, each with the reason why it is none."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from probation_etl.contracts.guard import UNGUARDED, Guard
from probation_etl.discreet import Discreet
from probation_etl.files import explained, reason
from probation_etl.intake.readers import printable_name
from probation_etl.reports.not_taken import NotTaken

#: Endings of files that are still being written, and beginnings of the lock files of spreadsheet programs.
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
_LOCK_FILES = ("~$", ".~lock")
_KINDS = {
    stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device",
}  # fmt: skip


@dataclass
class Listing(Discreet):
    """What lies in an inbox.

    Attributes:
        directory: The inbox.
        store: File of the run's store, whatever links lead to it; None for one on a server.
        files: Regular files that may be returns, in a stable order.
        left: What is left alone: links, pipes and devices, hidden files, files that are still being written.
        closed: What could not be looked at, by the name that is shown, with the reason of the system.
        names: How many names in the inbox each file has, by its number in the file system.
        guard: What must not be shown of names.
    """

    directory: Path
    store: Path | None = None
    guard: Guard = UNGUARDED
    files: list[Path] = field(default_factory=list)
    left: list[NotTaken] = field(default_factory=list)
    closed: dict[str, str] = field(default_factory=dict)
    names: Counter[int] = field(default_factory=Counter)

    def named(self, path: Path | str) -> str:
        """The path of a file below the inbox as text."""
        return printable_name(os.fspath(path).removeprefix(self._above).replace(os.sep, "/"))

    @cached_property
    def _above(self) -> str:
        """What the path of a file has before its path below the inbox."""
        return os.path.join(self.directory, "")  # noqa: PTH118 -- with the sign behind it

    def shown(self, path: Path | str, sha256: str = "") -> str:
        """The same as it may be shown, with the first digits of its SHA-256, if it is known, in a name that is masked."""
        return self.shown_as(self.named(path), sha256)

    def shown_as(self, named: str, sha256: str = "") -> str:
        """The same of a path below the inbox as text."""
        if named in self._plain:
            return named
        return self.guard.file_name(named, sha256) if sha256 else self.guard.text(named)

    @cached_property
    def _plain(self) -> frozenset[str]:
        """Names of files that are shown as they are: in none of them anything may have to be masked. They are looked at together."""
        names = [self.named(path) for path in self.files]
        return frozenset(names).difference(self.guard.suspects(pl.Series(names, dtype=pl.String)))


def listing(inbox: Path, store: Path | None = None, guard: Guard = UNGUARDED) -> Listing:
    """Looks at everything in an inbox. A folder that cannot be looked into does not stop the others.

    Args:
        inbox: The inbox.
        store: File of the run's store. If it lies in the inbox it is left alone, with what lies beside it: reading it would
            give up the engine's lock, because a process that closes a file loses all its locks on it.
        guard: What must not be shown of names.

    Raises:
        EnvironmentFailure: The inbox is not there, or cannot be read.
    """
    found = Listing(inbox, store and store.resolve(), guard)
    with explained(f"The inbox {inbox} cannot be read", then="Nothing was done."):
        folders = _look_into(inbox, found)
    while folders:
        folder = folders.pop()
        try:
            folders += _look_into(folder, found)
        except OSError as error:
            found.closed[found.shown(folder)] = reason(error)
    found.files.sort(key=lambda path: path.as_posix())
    found.left.sort(key=lambda each: each.file)
    return found


def bare_name(name: str) -> str:
    """The name of a file without its folders, as text."""
    return name.rpartition("/")[2]


def shown_name(path: Path) -> str:
    """A path as text that can be stored and printed: bytes that are not UTF-8 and control characters are escaped."""
    return printable_name(path.as_posix())


def _look_into(folder: Path, found: Listing) -> list[Path]:
    """Adds what a folder holds.

    Returns:
        The folders in it.
    """
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            is_file = entry.is_file(follow_symlinks=False)
            if is_file:
                found.names[entry.inode()] += 1
            why = _why_left(entry.name, is_file=is_file) or _why_own(folder, entry.name, found.store)
            if why:
                found.left.append(NotTaken(found.shown(entry.path), "left_alone", why))
            elif entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            elif is_file:
                found.files.append(Path(entry.path))
            else:
                found.left.append(NotTaken(found.shown(entry.path), "left_alone", _kind(entry)))
    return folders


def _why_left(name: str, *, is_file: bool) -> str:
    """Why an entry is left alone, by its name; empty if its name is no reason."""
    if name.startswith(_LOCK_FILES):
        return "a lock of a spreadsheet program"
    if name.startswith("."):
        return "hidden"
    return "still being written" if is_file and name.lower().endswith(_UNFINISHED) else ""


def _why_own(folder: Path, name: str, store: Path | None) -> str:
    """Why an entry is left alone, if it is the store or named after it, such as its log and its lock; empty if it is not."""
    is_named_so = store is not None and (name == store.name or name.startswith(f"{store.name}."))
    return "the store" if is_named_so and store and folder.resolve() == store.parent else ""


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError:
        return "not a file"
    return _KINDS.get(stat.S_IFMT(mode), "not a file")
