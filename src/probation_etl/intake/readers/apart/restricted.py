"""What the separate process may use, and that it ends when nobody waits for it any more.

On systems other than Linux, only the time that the waiting process allows is limited.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path

from probation_etl.intake.readers.limits import Limits

#: What asks a whole group of processes to end is for the one that waits for this one, which then ends this one.
_FOR_OTHERS = ("SIGINT", "SIGTERM", "SIGHUP")
#: Memory that remains with this process for no use: it is then replaced by a new one.
_KEPT = 600_000_000
#: From here on a limit is none: kept files are read again without one.
_NONE = 1 << 60
#: Where the system says how large the address space is, what of it is in memory, and what of it can be written to.
_ALL, _IN_MEMORY, _WRITABLE = 0, 1, 5


def restrict_for_good() -> None:
    """What holds for all files: there is no core file, and where memory runs out, this process goes first."""
    for name in _FOR_OTHERS:
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def restrict(limits: Limits) -> None:
    """Limits for the next file, beyond what this process has used so far: memory and processor time."""
    restrict_time(limits)
    if sys.platform == "linux":
        import resource

        # Address space may be reserved and not used: what can be written to is the closer measure of memory.
        _set(resource.RLIMIT_AS, _bytes(_ALL), limits.process_bytes)
        _set(resource.RLIMIT_DATA, _bytes(_WRITABLE), limits.process_bytes)
        # The memory that goes to the other process is a file.
        _set(resource.RLIMIT_FSIZE, 0, limits.process_bytes)


def restrict_time(limits: Limits) -> None:
    """The limit for what comes next, beyond what this process has used so far, of processor time alone."""
    if sys.platform == "linux":
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        # The signal of the limit on time ends the process.
        _set(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime), limits.process_seconds)


def _set(kind: int, has: int, more: int) -> None:
    import resource

    # Who runs the program may have set a limit of their own, which only root could raise.
    highest = resource.getrlimit(kind)[1]
    wanted = has + more if more < _NONE else resource.RLIM_INFINITY
    within = highest == resource.RLIM_INFINITY or 0 <= wanted <= highest
    resource.setrlimit(kind, (wanted if within else highest, highest))


def has_grown() -> bool:
    """Whether this process keeps so much memory that it should be replaced."""
    return sys.platform == "linux" and _bytes(_IN_MEMORY) > _KEPT


def end_with(lifeline: int) -> None:
    """From now on, this process is ended at once when the other end of a pipe is closed, whatever it is doing.

    Args:
        lifeline: A pipe into which nothing is written, because that would end the process too.
    """
    if sys.platform != "linux":
        return
    import fcntl

    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    # The signal that then comes, SIGIO, ends a process that does not handle it.
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    closed = select.poll()
    closed.register(lifeline, 0)
    if closed.poll(0):  # it was closed before
        os._exit(1)


def _bytes(which: int) -> int:
    """Bytes of this process, as the system counts them."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[which]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
