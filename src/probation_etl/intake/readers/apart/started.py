"""How a process is started that works for this one: what it knows, the way to it and back, and how it learns that nobody waits any more.

It is no process of :mod:`multiprocessing`: a forked one would hang in the library for frames, and a spawned one would run once more
the script of whoever calls this library.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from typing import IO, NamedTuple

#: What it may know of the environment of this one: where libraries are. It needs no password of a database.
_KNOWN = ("PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


class Started(NamedTuple):
    """A process, the way to it and back, and a pipe that is closed when this process ends, so that the other notices."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    lifeline: IO[bytes]


def started(program: str) -> Started:
    """Starts a program in Python. Its argument is the number of its end of the pipe, and the channel is its standard input.

    Raises:
        OSError: It cannot be started.
    """
    with ExitStack() as unless_started:
        ours, theirs = socket.socketpair()
        unless_started.enter_context(ours)
        end, begin = os.pipe()
        lifeline = unless_started.enter_context(os.fdopen(begin, "wb"))
        with theirs, os.fdopen(end, "rb"):
            process = subprocess.Popen(  # noqa: S603 -- a fixed command
                [sys.executable, "-P", "-c", program, str(end)], pass_fds=(end,), env=_environment(),
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        unless_started.pop_all()
        return Started(process, ours, lifeline)


def _environment() -> dict[str, str]:
    # The import path of this process, without the working directory, which may contain anything that was sent.
    path = os.pathsep.join(filter(None, sys.path))
    known = {name: os.environ[name] for name in _KNOWN if name in os.environ}
    return {**known, "PYTHONPATH": path, "POLARS_MAX_THREADS": "1", "RUST_BACKTRACE": "0"}
