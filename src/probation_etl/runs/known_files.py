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
from pathlib import Path
from typing import NamedTuple

from probation_etl.remembered import recall, remember
from probation_etl.runs.inbox import Stamp

_FORMAT = 2
_SECOND = 1_000_000_000
_GRAIN = 2 * _SECOND


class _Seen(NamedTuple):
    """What a file was found to hold: its stamp, field by field, and its hash.

    Attributes:
        first: When a run first saw the file with these times, in nanoseconds, by the clock of this machine.
        hashed: When its hash was begun.
        contracts: Digest of the contracts under which it was judged last and nothing of it was new; empty if there are none.
        entry: Number of its last entry in the ledger then.
    """

    size: int
    modified: int
    changed: int
    number: int
    device: int
    sha256: str
    first: int
    hashed: int
    contracts: str = ""
    entry: int = 0

    @property
    def which(self) -> tuple[int, int]:
        """Which file it is."""
        return self.device, self.number

    def is_as(self, stamp: Stamp) -> bool:
        """Whether the file was as it is now."""
        return self[:5] == (stamp.size, stamp.modified, stamp.changed, stamp.number, stamp.device)


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
        seen = self._before.get((stamp.device, stamp.number)) if self._trusts else None
        if seen is None or not seen.is_as(stamp) or not self._is_proven(seen):
            return None
        self._now[seen.which] = seen
        return seen.sha256

    def note(self, stamp: Stamp, sha256: str, hashed: int) -> None:
        """Notes what a file holds.

        Args:
            stamp: Its size and times when it was opened.
            sha256: Its hash.
            hashed: When it was opened, in nanoseconds.
        """
        seen = self._before.get((stamp.device, stamp.number))
        if seen is None or not seen.is_as(stamp) or seen.sha256 != sha256:
            seen = _Seen(stamp.size, stamp.modified, stamp.changed, stamp.number, stamp.device, sha256, hashed, hashed)
        elif not self._is_proven(seen):
            seen = seen._replace(hashed=hashed)
        self._now[seen.which] = seen

    def note_judged(self, stamp: Stamp, contracts: str, entry: int) -> None:
        """Notes that a file was judged and nothing of it was new; it must have been noted what it holds.

        Args:
            stamp: Its size and times when it was opened.
            contracts: Digest of the contracts.
            entry: Number of the last entry of its content in the ledger.
        """
        seen = self._now.get((stamp.device, stamp.number))
        if seen is not None:
            self._now[seen.which] = seen._replace(contracts=contracts, entry=entry)

    def is_judged(self, stamp: Stamp, contracts: str, entry: int) -> bool:
        """Whether nothing of a file was new when it was judged under these contracts; its last entry was this one then.

        A store that was put back has another last entry: what these contracts make of the file may have gone with the later ones.
        """
        seen = self._now.get((stamp.device, stamp.number))
        return bool(self._trusts and seen and seen.is_as(stamp) and (seen.contracts, seen.entry) == (contracts, entry))

    def save(self) -> None:
        """Writes down what was noted for the next run, if that is another thing than before."""
        if self._path and self._now != self._before and self._path.parent.is_dir():
            remember(self._path, _written(self._now.values()))

    def _is_proven(self, seen: _Seen) -> bool:
        """Whether whatever was written to the file after it was hashed has given it other times."""
        since = max(seen.modified, seen.changed) if seen.device == self._device else seen.first
        return seen.hashed - since >= _GRAIN


def _written(files: Iterable[_Seen]) -> dict[str, object]:
    return {"format": _FORMAT, "written": time.time_ns(), "files": list(files)}


def _noted(path: Path) -> tuple[dict[tuple[int, int], _Seen], int | None]:
    """What was noted, and the device that it lies on, if files there have their times from the clock of this machine."""
    said, about = recall(path) or ({}, None)
    if about is None or said["format"] != _FORMAT or said["written"] > time.time_ns():
        return {}, None
    is_our_clock = abs(about.st_mtime_ns - said["written"]) < _SECOND
    seen = map(_Seen._make, said["files"])
    return {each.which: each for each in seen}, about.st_dev if is_our_clock else None
