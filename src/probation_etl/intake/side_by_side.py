"""Does the same with several things at a time: polars lets other threads work while it computes, so all cores have some."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import polars as pl

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
#: Things in work at a time at most: each takes memory.
_MOST = 4
_FEW_ROWS = 1 << 14


def workers() -> int:
    """How many things are done at a time: as many as polars has threads, within bounds."""
    return min(pl.thread_pool_size(), _MOST)


def begun(make: Callable[[], _Made], *, is_much: bool) -> Callable[[], _Made]:
    """Begins to make something beside what follows, and gives what waits for it; what is not much is made at once."""
    if not is_much or workers() == 1:
        made = make()
        return lambda: made
    pool = ThreadPoolExecutor(1, thread_name_prefix="side")
    try:
        return pool.submit(make).result
    finally:
        pool.shutdown(wait=False)


def side_by_side(
    make: Callable[[_Given], _Made], given: Iterable[_Given], *, rows: int | None = None
) -> Generator[_Made]:
    """What is made of each thing, in their order. Of the things no more are taken than are in work.

    Args:
        make: Makes something of one thing, and changes nothing else.
        given: The things.
        rows: How many rows they are about: of few, one is made after the other, which takes less time than threads do.

    Yields:
        What was made. An error comes in the place of the thing that it is about.
    """
    things = iter(given)
    if rows is not None and rows < _FEW_ROWS:
        yield from map(make, things)
        return
    ahead = [each for _, each in zip(range(2), things, strict=False)]
    if len(ahead) < 2 or workers() == 1:
        yield from map(make, ahead)
        yield from map(make, things)
        return
    pool = ThreadPoolExecutor(workers(), thread_name_prefix="side")
    try:
        in_work: deque[Future[_Made]] = deque(pool.submit(make, each) for each in ahead)
        for each in things:
            if len(in_work) >= workers():
                yield in_work.popleft().result()
            in_work.append(pool.submit(make, each))
        while in_work:
            yield in_work.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
