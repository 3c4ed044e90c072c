"""Ends what takes too long in an engine that has no limit on time of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from probation_etl.errors import TooLongError


@contextmanager
def ended_after(seconds: float | None, end: Callable[[], None]) -> Iterator[None]:
    """Inside, something may take so long and no longer.

    Args:
        seconds: How long; None for as long as it takes.
        end: Ends it, from another thread, so that it raises.

    Raises:
        TooLongError: It was ended.
    """
    if seconds is None:
        yield
        return
    is_late = False

    def stop() -> None:
        nonlocal is_late
        is_late = True
        end()

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception:
        if is_late:
            raise TooLongError(seconds) from None
        raise
    finally:
        timer.cancel()
        timer.join()
