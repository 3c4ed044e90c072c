"""What earlier runs found in files: a file that has not changed since it was hashed need not be read to be known.

It is written down beside the reports, for each store and inbox, without names. It is never believed over the content: it only
decides whether a file that the ledger knows is read once more, and is ignored where the clock has gone back since.

A clock has a grain, on some file systems of two seconds: a file that is written to twice within it has the same times after either.
So a hash counts only if it was taken two seconds after the times of the file; or, where these may be by the clock of another
machine, two seconds after a run had first seen them.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from probation_etl.discreet import Discreet
from probation_etl.remembered import recall, remember
from probation_etl.runs.inbox import Stamp

_FORMAT = 1
_SECOND = 1_000_000_000
_GRAIN = 2 * _SECOND


@dataclass(frozen=True)
class _Seen(Discreet):
    """What a file was found to hold.

    Attributes:
        first: When a run first saw the file with these times, in nanoseconds, by the clock of this machine.
        hashed: When its hash was begun.
    """

    stamp: Stamp
    sha256: str
    first: int
    hashed: int


class KnownFiles:
    """What is known of the files of one inbox; what is found of them now is noted for the next run."""

    def __init__(self, path: Path | None = None, *, trusts: bool = True) -> None:
        """Recalls what earlier runs noted.

        Args:
            path: The file that holds it; private to a store and an inbox. None where there is none.
            trusts: Whether a file need not be read that they knew. If not, it is noted anew all the same.
        """
        self._path, self._trusts = path, trusts
        self._before, self._device = _noted(path) if path else ({}, None)
        self._now: dict[tuple[int, int], _Seen] = {}

    @classmethod
    def beside(cls, reports: Path, store: str, inbox: Path, *, trusts: bool = True) -> KnownFiles:
        """What is known of the files of an inbox, by the store's identity."""
        which = hashlib.sha256(os.fsencode(inbox.resolve())).hexdigest()[:16]
        return cls(reports / f".{store}.{which}.known", trusts=trusts)

    def sha256_of(self, stamp: Stamp) -> str | None:
        """The hash of a file with these times, without reading it; None where it has to be read."""
        seen = self._before.get(_which(stamp))
        if not self._trusts or seen is None or seen.stamp != stamp or not self._is_proven(seen):
            return None
        self._now[_which(stamp)] = seen
        return seen.sha256

    def note(self, stamp: Stamp, sha256: str, hashed: int) -> None:
        """Notes what a file holds.

        Args:
            stamp: Its size and times when it was opened.
            sha256: Its hash.
            hashed: When it was opened, in nanoseconds.
        """
        seen = self._before.get(_which(stamp))
        if seen is None or (seen.stamp, seen.sha256) != (stamp, sha256):
            seen = _Seen(stamp, sha256, hashed, hashed)
        elif not self._is_proven(seen):
            seen = _Seen(stamp, sha256, seen.first, hashed)
        self._now[_which(stamp)] = seen

    def save(self) -> None:
        """Writes down what was noted for the next run, if that is another thing than before."""
        if self._path and self._now != self._before and self._path.parent.is_dir():
            remember(self._path, _written(self._now.values()))

    def _is_proven(self, seen: _Seen) -> bool:
        """Whether whatever was written to the file after it was hashed has given it other times."""
        is_our_clock = seen.stamp.device == self._device
        since = max(seen.stamp.modified, seen.stamp.changed) if is_our_clock else seen.first
        return seen.hashed - since >= _GRAIN


def _which(stamp: Stamp) -> tuple[int, int]:
    return stamp.device, stamp.number


def _written(files: Iterable[_Seen]) -> dict[str, object]:
    rows = [[*vars(each.stamp).values(), each.sha256, each.first, each.hashed] for each in files]
    return {"format": _FORMAT, "written": time.time_ns(), "files": rows}


def _noted(path: Path) -> tuple[dict[tuple[int, int], _Seen], int | None]:
    """What was noted, and the device that it lies on, if files there have their times from the clock of this machine."""
    said, about = recall(path) or ({}, None)
    if about is None or said["format"] != _FORMAT or said["written"] > time.time_ns():
        return {}, None
    is_our_clock = abs(about.st_mtime_ns - said["written"]) < _SECOND
    seen = [_Seen(Stamp(*row[:5]), *row[5:]) for row in said["files"]]
    return {_which(each.stamp): each for each in seen}, about.st_dev if is_our_clock else None
