"""Processes that judge small files by themselves while this one finishes and loads those before them.

Only what a file tells by itself is found in them. This process reads the inbox, holds the store, and finishes each return in its
turn, so that the outcome is the same whatever the number of processes. What a process does not answer, for whatever reason, this one
does itself, as if there were no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.readers import Limits

if TYPE_CHECKING:
    from probation_etl.runs.judges.pool import Judges

#: Bytes of a file from which on it is judged in this process, which need not send it or its rows anywhere.
LARGE = 1 << 22
#: Files for each process that is started unasked: with fewer, to start it costs more than it saves.
_FILES_EACH = 32


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
    # Most runs need none, and do without what it takes to have them.
    from probation_etl.runs.judges.pool import Judges

    judges = Judges(wanted, rulebook, limits)
    try:
        yield judges
    finally:
        judges.end()
