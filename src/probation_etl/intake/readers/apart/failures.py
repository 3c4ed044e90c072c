"""What is said of a file that brought the process down which read it."""

from __future__ import annotations

import signal

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.limits import Limits


def _number(name: str) -> int:
    """Number of a signal; one that no process has where the system does not know it."""
    return int(getattr(signal, name, 1 << 16))


#: How a process ends that somebody else ends: the system does so where memory runs out.
FROM_OUTSIDE = -_number("SIGKILL")


def why_it_ended(code: int | None, limits: Limits) -> UnreadableFile:
    """The refusal of a file at which the process ended.

    Args:
        code: How it ended: the number of a signal is negative. None where it was ended because it took too long.
        limits: What it was given.
    """
    if code is None:
        return _failed(f"It was not done after {2 * limits.process_seconds:,} seconds.")
    if code == -_number("SIGXCPU"):
        return _failed(f"It took more than {limits.process_seconds:,} seconds of processor time.")
    if code == FROM_OUTSIDE:
        return _failed("The system ended it, as it does where the machine has no memory left.")
    if code == -_number("SIGABRT"):
        return _failed(
            f"It gave up: the file is damaged, or asks for more than {limits.process_bytes:,} bytes of memory."
        )
    return _failed("It broke down: the file is damaged in a way that the program which opens it cannot bear.")


def what_failed(failure: str, limits: Limits) -> UnreadableFile:
    """The refusal of a file at which the process could still say what failed: the word ``memory``, or an error and its place."""
    if failure == "memory":
        return _failed(f"It took more than {limits.process_bytes:,} bytes of memory.")
    return _failed(f"There is a fault in this program, or the file is damaged: {failure}.")


def _failed(what: str) -> UnreadableFile:
    return UnreadableFile(f"The process that reads the file was brought down by it. {what}", code="reader-failed")
