"""Reads files that a library must open in a process with limits on memory and time.

What such a file asks for is known in advance only as far as its parts can be inspected: a few kilobytes may need
gigabytes, or abort the program that opens them. If reading fails, that process ends and not this one. It is kept for the
files that follow, so that a small one costs little, and ends with this process.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Iterator
from typing import IO, TypeVar

from probation_etl.intake.readers.apart.failures import FROM_OUTSIDE, why_it_ended
from probation_etl.intake.readers.apart.reading_process import EndedFromOutside, ReadingProcess
from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits

__all__ = ["read_apart", "read_pieces_apart"]

_Answer = TypeVar("_Answer")

#: Files after which the process is replaced, so that what libraries leave behind does not add up.
_MOST_FILES = 500


class _Kept:
    """The one process, and who is using it."""

    def __init__(self) -> None:
        self.in_use = threading.Lock()
        self.process: ReadingProcess | None = None

    def asked(self, ask: Callable[[ReadingProcess], _Answer]) -> _Answer:
        if self.process and not self.process.is_alive:
            self.end()
        process = self.process = self.process or ReadingProcess()
        try:
            return ask(process)
        finally:
            if process.is_spent or process.files >= _MOST_FILES:
                self.end()

    def end(self) -> None:
        process, self.process = self.process, None
        if process:
            process.end()

    def after_fork(self) -> None:
        process, self.process = self.process, None
        self.in_use = threading.Lock()
        if process:
            process.forget()


_kept = _Kept()
atexit.register(_kept.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_kept.after_fork)


def read_apart(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Grid]:
    """The grids of a workbook, a Parquet or an Arrow file, read in the separate process.

    There is none of a Parquet file with many cells, which is to be read in pieces.

    The process is started with the first file. Threads wait for one another; a forked process starts one of its own.

    Raises:
        UnreadableFile: The file cannot be opened, exceeds a limit, or brought the process down, with the code
            ``reader-failed``.
        EnvironmentFailure: The process cannot be started.
    """
    return _asked(lambda process: process.read(data, limits), limits)


def read_pieces_apart(file: IO[bytes], keep: Callable[[Iterator[Grid]], Grid], limits: Limits = DEFAULT_LIMITS) -> Grid:
    """A long Parquet or Arrow file, read in the same process piece by piece.

    Args:
        file: The file.
        keep: Puts the pieces down, one after the other, and makes one grid of them. Another process may have to begin anew.
        limits: How much is read; those of the process are for each piece.

    Raises:
        UnreadableFile: As of :func:`read_apart`.
        EnvironmentFailure: As there.
    """
    return _asked(lambda process: keep(process.pieces(file, limits)), limits)


def _asked(ask: Callable[[ReadingProcess], _Answer], limits: Limits) -> _Answer:
    with _kept.in_use:
        try:
            return _kept.asked(ask)
        except EndedFromOutside:
            # It may have happened to it while it had nothing to do, or for the sake of another program.
            try:
                return _kept.asked(ask)
            except EndedFromOutside:
                raise why_it_ended(FROM_OUTSIDE, limits) from None
