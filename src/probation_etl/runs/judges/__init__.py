"""Processes that judge small files by themselves while this one finishes and loads those before them.

Only what a file tells by itself is found in them. This process reads the inbox, holds the store, and finishes each return in its
turn, so that the outcome is the same whatever the number of processes. What a process does not answer, for whatever reason, this one
does itself, as if there were no others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from threading import TIMEOUT_MAX, Event
from time import monotonic

import polars as pl

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.readers import Limits
from probation_etl.journal import SIGN_EVERY, goes_on
from probation_etl.runs.judges.exchange import Answer, Request, packed_rulebook
from probation_etl.runs.judges.process import Ended, JudgingProcess

__all__ = ["LARGE", "Answer", "Judges", "Request", "judges_for"]

#: Bytes of a file from which on it is judged in this process, which need not send it or its rows anywhere.
LARGE = 1 << 22
#: Files for each process that is started unasked: with fewer, to start it costs more than it saves.
_FILES_EACH = 32
#: How many times as long as a file may take to be read a process may take for it.
_TIMES = 4.0
#: Processes that may end of themselves before no further one is started.
_MOST_ENDED = 4


@contextmanager
def judges_for(workers: int | None, files: int, rulebook: Rulebook, limits: Limits) -> Iterator[Judges | None]:
    """Processes for some files; None where this one is enough.

    Args:
        workers: How many; by default as many as there are processors to use, and fewer for few files.
        files: How many small files there are.
        rulebook: The contracts.
        limits: How large a file may be.
    """
    wanted = min(workers, files) if workers else min(pl.thread_pool_size(), files // _FILES_EACH)
    if wanted < 2:
        yield None
        return
    judges = Judges(wanted, rulebook, limits)
    try:
        yield judges
    finally:
        judges.end()


class Judges:
    """Processes that judge files, each one file at a time.

    Attributes:
        number: How many there are at most.
    """

    def __init__(self, number: int, rulebook: Rulebook, limits: Limits) -> None:
        """Starts none before the first file."""
        self.number = number
        self._first = packed_rulebook(rulebook, limits)
        self._longest = min(_TIMES * limits.process_seconds, TIMEOUT_MAX)
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="judge")
        self._idle: deque[JudgingProcess] = deque()
        self._started: list[JudgingProcess] = []
        self._ended, self._is_over = 0, Event()

    def judge(self, request: Request) -> Future[Answer | None]:
        """Has a file judged, after those before it."""
        return self._threads.submit(self._answered, request)

    def answer(self, future: Future[Answer | None]) -> Answer | None:
        """What came of it; None where this process has to judge the file itself."""
        until = monotonic() + self._longest
        while True:
            try:
                return future.result(SIGN_EVERY)
            except NotYet:
                goes_on()  # for no longer than reading a file may take
                if monotonic() > until:
                    self._give_up()

    def end(self) -> None:
        """Ends all processes, whatever they are doing."""
        self._give_up()
        self._threads.shutdown(cancel_futures=True)

    def _answered(self, request: Request) -> Answer | None:
        process = None
        try:
            process = self._process()
            found = process.ask(request)
        except Ended:
            self._ended += 1
            if self._ended >= _MOST_ENDED:
                self._is_over.set()
            if process:
                process.end()
            return None
        self._idle.append(process)
        return found

    def _process(self) -> JudgingProcess:
        """One that has nothing to do, or a new one: there are as many threads as processes."""
        try:
            return self._idle.pop()
        except IndexError:
            if self._is_over.is_set():
                raise Ended from None
        process = JudgingProcess(self._first)
        self._started.append(process)
        if self._is_over.is_set():  # all were given up meanwhile
            process.end()
        return process

    def _give_up(self) -> None:
        self._is_over.set()
        for each in self._started:
            each.end()
