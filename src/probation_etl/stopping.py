"""A wish to stop the work. It is heeded at once, except while something is completed that could not be undone.

Nothing here takes over signals: the command line does, and says so when one comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Stopped(BaseException):
    """Somebody wished the work to stop. What it had not completed is undone on the way out.

    Attributes:
        holds: What holds now, in a sentence.
    """

    def __init__(self, holds: str = "Nothing is half-done.") -> None:
        super().__init__(holds)
        self.holds = holds


class _Wish:
    """Whether somebody wished the work of this process to stop."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.put_off = 0


_wish = _Wish()


def wish_to_stop(number: int) -> None:
    """Notes the wish, and heeds it unless it has to be put off.

    Args:
        number: The signal by which it came.

    Raises:
        Stopped: The work stops here.
    """
    _wish.number = number
    if not _wish.put_off:
        raise Stopped


def wished() -> int | None:
    """The signal by which somebody wished the work to stop; None if nobody did."""
    return _wish.number


def forget_wish() -> None:
    """Nobody has wished anything yet."""
    _wish.number = None


@contextmanager
def completing() -> Iterator[None]:
    """Puts a wish off: what happens inside must be completed. Who uses this asks :func:`wished` afterwards."""
    _wish.put_off += 1
    try:
        yield
    finally:
        _wish.put_off -= 1
