"""Reads files that a library must open in a process with limits on memory and time.

What such a file asks for is known in advance only as far as its parts can be inspected: a few kilobytes may need
gigabytes, or abort the program that opens them. If reading fails, that process ends and not this one. It is kept for the
files that follow, so that a small one costs little, and ends with this process.
"""

from __future__ import annotations

import atexit
import os
import threading

from probation_etl.intake.readers.apart.failures import FROM_OUTSIDE, why_it_ended
from probation_etl.intake.readers.apart.reading_process import EndedFromOutside, ReadingProcess
from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits

__all__ = ["read_apart"]

#: Files after which the process is replaced, so that what libraries leave behind does not add up.
_MOST_FILES = 500


class _Kept:
    """The one process, and who is using it."""

    def __init__(self) -> None:
        self.in_use = threading.Lock()
        self.process: ReadingProcess | None = None

    def read(self, data: bytes, limits: Limits) -> list[Grid]:
        if self.process and not self.process.is_alive:
            self.end()
        process = self.process = self.process or ReadingProcess()
        try:
            return process.read(data, limits)
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

    The process is started with the first file. Threads wait for one another; a forked process starts one of its own.

    Raises:
        UnreadableFile: The file cannot be opened, exceeds a limit, or brought the process down, with the code
            ``reader-failed``.
        EnvironmentFailure: The process cannot be started.
    """
    with _kept.in_use:
        try:
            return _kept.read(data, limits)
        except EndedFromOutside:
            # It may have happened to it while it had nothing to do, or for the sake of another program.
            try:
                return _kept.read(data, limits)
            except EndedFromOutside:
                raise why_it_ended(FROM_OUTSIDE, limits) from None
