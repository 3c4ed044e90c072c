"""Waits for a store that somebody else has in use, for as long as the caller wants to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from probation_etl.errors import LockedError
from probation_etl.journal import goes_on

Held = TypeVar("Held")
_PAUSE = 0.2


def patient(seconds: float, attempt: Callable[[], Held]) -> Held:
    """Tries until the store is free.

    Args:
        seconds: For how long; 0 to try once.
        attempt: Takes hold of the store. Where it raises ``LockedError`` it is called again.

    Raises:
        LockedError: The store is still in use.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except LockedError:
            left = until - time.monotonic()
            if left <= 0:
                raise
            time.sleep(min(_PAUSE, left))
            goes_on()
