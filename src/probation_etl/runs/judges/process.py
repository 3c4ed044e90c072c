"""A process that judges files for this one."""

from __future__ import annotations

from multiprocessing.connection import Connection

from probation_etl.intake.readers.apart.started import started
from probation_etl.runs.judges.exchange import Answer, Request

_PROGRAM = "import sys; from probation_etl.runs.judges.worker import work; work(int(sys.argv[1]))"


class Ended(Exception):
    """The process has ended, or cannot be started."""


class JudgingProcess:
    """A process that judges one file after the other.

    Raises:
        Ended: It cannot be started.
    """

    def __init__(self, first: bytes) -> None:
        """Starts it.

        Args:
            first: What it is told before all files.
        """
        try:
            self._process, channel, self._lifeline = started(_PROGRAM)
        except OSError:
            raise Ended from None
        self._channel = Connection(channel.detach())
        self._first: bytes | None = first

    @property
    def is_alive(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def ask(self, request: Request) -> Answer | None:
        """What a file tells by itself; None where the process failed at it.

        Raises:
            Ended: The process has ended.
        """
        try:
            if self._first is not None:
                self._channel.send_bytes(self._first)
                self._first = None
            self._channel.send_bytes(request.packed())
            return Answer.unpacked(self._channel.recv_bytes())
        except (OSError, EOFError):
            raise Ended from None

    def end(self) -> None:
        """Ends it, whatever it is doing; who waits for its answer is told so."""
        self._process.kill()
        self._process.wait()
        self._lifeline.close()
