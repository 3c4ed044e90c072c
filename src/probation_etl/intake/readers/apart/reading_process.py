"""The process that reads files for this one: how it is started and asked, and what is known when it has ended."""

from __future__ import annotations

import json
import os
import selectors
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from threading import TIMEOUT_MAX, Timer
from typing import IO

from probation_etl.errors import EnvironmentFailure, UnreadableFile
from probation_etl.intake.readers.apart.exchange import LAST, NEXT, READY, taken_over
from probation_etl.intake.readers.apart.failures import FROM_OUTSIDE, what_failed, why_it_ended
from probation_etl.intake.readers.apart.started import started
from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.limits import Limits
from probation_etl.journal import SIGN_EVERY, goes_on

_PROGRAM = "import sys; from probation_etl.intake.readers.apart.worker import work; work(int(sys.argv[1]))"
_SECONDS_TO_START = 120


class EndedFromOutside(Exception):
    """The system or somebody ended the process that reads."""


class ReadingProcess:
    """A process that reads one file after the other.

    Attributes:
        files: How many it was given.
        is_spent: Whether it must not be given another one.

    Raises:
        EnvironmentFailure: It cannot be started.
    """

    def __init__(self) -> None:
        self.files, self.is_spent, self._is_late = 0, False, False
        try:
            self._process, self._channel, self._lifeline = started(_PROGRAM)
        except OSError:
            raise _not_started() from None
        with self._no_longer_than(_SECONDS_TO_START):
            begun = self._channel.recv(1)
        if begun != READY:
            self.end()
            raise _not_started()

    @property
    def is_alive(self) -> bool:
        """Whether it is still there; a system may end it while it has nothing to do."""
        return self._process.poll() is None

    def read(self, data: bytes, limits: Limits) -> list[Grid]:
        """The grids of a file.

        Raises:
            UnreadableFile: It cannot be read, or brought the process down.
            EndedFromOutside: Something else ended the process, perhaps before it had the file.
        """
        request = json.dumps({"size": len(data), "limits": asdict(limits)}).encode() + b"\n"
        self.files += 1
        return self._answer(limits, request, data)

    def pieces(self, file: IO[bytes], limits: Limits) -> Iterator[Grid]:
        """A long file piece by piece; it must not be asked for anything else before the last one.

        Raises:
            UnreadableFile: As of :meth:`read`.
            EndedFromOutside: As there.
        """
        request = json.dumps({"size": None, "limits": asdict(limits)}).encode() + b"\n"
        self.files += 1
        found = self._answer(limits, request, file)
        while found:
            self.is_spent = True  # unless all of them are asked for
            yield from found
            found = self._answer(limits, NEXT)

    def _answer(self, limits: Limits, *said: bytes | IO[bytes]) -> list[Grid]:
        """The grids that are answered to what is said to it: bytes, or the way to a file when it is ready."""
        self.is_spent = True  # unless all goes well
        try:
            with self._no_longer_than(2 * limits.process_seconds):
                sign, memory = self._asked(said)
        except (OSError, EOFError):
            code = self.end()
            if code == FROM_OUTSIDE and not self._is_late:
                raise EndedFromOutside from None
            raise why_it_ended(None if self._is_late else code, limits) from None
        with memory:
            grids, about = taken_over(memory)
        if failure := about.get("failure"):
            raise what_failed(failure, limits)
        self.is_spent = sign == LAST
        if refusal := about.get("refusal"):
            raise UnreadableFile(**refusal)
        return grids

    def end(self) -> int:
        """Ends it, whatever it is doing; how it ended if it had done so before."""
        self._process.kill()
        self._channel.close()
        self._lifeline.close()
        return self._process.wait()

    def forget(self) -> None:
        """Leaves it to the process that this one was forked from."""
        self._channel.close()
        self._lifeline.close()
        self._process.returncode = 0  # it is no child of this process, so it is not waited for

    def _asked(self, said: Iterable[bytes | IO[bytes]]) -> tuple[bytes, IO[bytes]]:
        for each in said:
            if isinstance(each, bytes):
                self._channel.sendall(each)
            elif self._channel.recv(1) == READY:
                # Before, it would be lost among what is read ahead.
                socket.send_fds(self._channel, [NEXT], [each.fileno()])
        with selectors.DefaultSelector() as answer:
            answer.register(self._channel, selectors.EVENT_READ)
            while not answer.select(SIGN_EVERY):
                goes_on()  # it has a limit on time
        sign, files, *_ = socket.recv_fds(self._channel, 1, 1)
        if not files:
            raise EOFError
        return sign, os.fdopen(files[0], "rb")

    @contextmanager
    def _no_longer_than(self, seconds: int) -> Iterator[None]:
        timer = Timer(min(seconds, TIMEOUT_MAX), self._stop)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _stop(self) -> None:
        self._is_late = True
        self._process.kill()


def _not_started() -> EnvironmentFailure:
    return EnvironmentFailure(
        "The process that reads workbooks, Parquet and Arrow files could not be started: the machine may be out of memory "
        "or processes. Nothing was changed. Run again when there is room."
    )
