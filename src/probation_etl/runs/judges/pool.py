"""The processes: how they are given files, and what is done where one does not answer."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from threading import TIMEOUT_MAX, Event
from time import monotonic

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.readers import Limits
from probation_etl.journal import SIGN_EVERY, goes_on
from probation_etl.runs.judges.exchange import Answer, Request, packed_rulebook
from probation_etl.runs.judges.process import Ended, JudgingProcess

#: How many times as long as a file may take to be read a process may take for it.
_TIMES = 4.0
#: Processes that may end of themselves before no further one is started.
_MOST_ENDED = 4


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
