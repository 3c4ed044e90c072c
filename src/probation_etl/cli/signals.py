"""Signals that ask for an end: the first undoes or completes what is being done, a second ends the process at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from probation_etl.cli.failures import explain
from probation_etl.stopping import Stopped, forget_wish, wish_to_stop, wished

_ASKING_FOR_AN_END = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def heeded_signals() -> Iterator[None]:
    """Inside, signals that ask for an end stop the work; what else ignores them, as in the background, still does."""
    if not _is_main_thread():
        yield
        return
    former = {each: signal.getsignal(each) for each in _ASKING_FOR_AN_END}
    try:
        for each, handler in former.items():
            if handler is not signal.SIG_IGN:
                signal.signal(each, _stop)
        yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)


@contextmanager
def signals_forgotten() -> Iterator[None]:
    """Afterwards nothing is known of a signal that came inside: it asked for the end of this command, and of nothing after it."""
    try:
        yield
    finally:
        if _is_main_thread():
            forget_wish()


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _stop(number: int, _: FrameType | None) -> None:
    if wished() is None:
        wish_to_stop(number)
        return
    # A broken pipe must not keep the process from ending.
    with suppress(Exception):
        explain(Stopped("It was left at once; the next run finishes or undoes what was begun."), verbose=False)
        sys.stderr.flush()
    os._exit(128 + number)
