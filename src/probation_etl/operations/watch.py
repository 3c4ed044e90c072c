"""Tells every observer of a run. What one of them cannot be told is a warning: it never changes how the run ends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from probation_etl.discreet import Discreet
from probation_etl.files import reason
from probation_etl.journal import Clock, tell
from probation_etl.operations.events import Begun, Ended, Failure, NotTold, Observer
from probation_etl.stopping import completing

if TYPE_CHECKING:
    from probation_etl.reports.run_report import RunReport

#: A run waits so long at its beginning and at its end for all that are told over a network.
SECONDS = 15.0
_Telling = Callable[[Observer], None]


@dataclass(frozen=True)
class _Found(Discreet):
    exit_code: int
    report: RunReport
    reports: Path | None


class Watch:
    """A run under watch."""

    def __init__(self, observers: Sequence[Observer], run: Begun) -> None:
        """Tells nobody before it begins.

        Args:
            observers: Whom to tell.
            run: The run.
        """
        self._observers, self._run, self._clock = observers, run, Clock()
        self._near = [each for each in observers if not each.is_remote]
        self._found: _Found | None = None
        self._done: tuple[int, int] | tuple[None, None] = None, None

    def begin(self) -> None:
        """Tells all that the run begins."""
        self._tell(lambda each: each.begun(self._run))

    def working(self, _name: str, done: int, total: int) -> None:
        """Tells how far the run is, before each file."""
        self._done = done, total
        self.goes_on()

    def goes_on(self) -> None:
        """Tells those on this machine that the run works."""
        if self._near:
            self._tell(lambda each: each.working(self._run, *self._done), self._near)

    def found(self, exit_code: int, report: RunReport, reports: Path | None) -> None:
        """Keeps what the work has come to, until it is known whether it could be said."""
        self._found = _Found(exit_code, report, reports)

    def finished(self) -> None:
        """Tells that the work was done."""
        if self._found:
            self._end(self._found.exit_code)

    def failed(self, failure: Failure) -> None:
        """Tells that the run failed."""
        self._end(failure.exit_code, failure)

    def _end(self, exit_code: int, failure: Failure | None = None) -> None:
        now, seconds = datetime.now(UTC).replace(tzinfo=None), self._clock.seconds
        report, reports = (self._found.report, self._found.reports) if self._found else (None, None)
        end = Ended(self._run, now, seconds, exit_code, report, reports, failure)
        # Whoever ends the run now should not be the reason that some hear of its end and others do not.
        with completing():
            self._tell(lambda each: each.ended(end))

    def _tell(self, telling: _Telling, observers: Iterable[Observer] | None = None) -> None:
        """Tells all: those on this machine at once, those elsewhere beside each other, and none of them for too long."""
        listed = list(self._observers if observers is None else observers)
        for each in listed:
            if not each.is_remote:
                _tell_one(each, telling)
        waiting = [(each, _begin(each, telling)) for each in listed if each.is_remote]
        clock = Clock()
        for each, thread in waiting:
            thread.join(max(0.0, SECONDS - clock.seconds))
            if thread.is_alive():
                _warn(each, f"no answer within {SECONDS:.0f} seconds")


def _begin(observer: Observer, telling: _Telling) -> Thread:
    """A thread that tells one. It ends with the program: a name server that never answers cannot hold the run up."""
    thread = Thread(target=copy_context().run, args=(_tell_one, observer, telling), daemon=True)
    thread.start()
    return thread


def _tell_one(observer: Observer, telling: _Telling) -> None:
    try:
        telling(observer)
    except NotTold as error:
        _warn(observer, str(error))
    except OSError as error:
        _warn(observer, reason(error) if error.strerror else type(error).__name__)
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with a monitor, the run ends as it does without
        _warn(observer, f"a bug of ours ({type(error).__name__})")


def _warn(observer: Observer, why: str) -> None:
    message = f"{observer.name} could not be told of the run: {why}"
    tell("notify", "not-told", message=message, level=logging.WARNING, target=observer.name)
