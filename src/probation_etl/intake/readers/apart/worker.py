"""What the separate process does: it reads files, one after the other, and answers with their grids.

A request is a line of JSON with the size of the file and the limits, and then the file. The answer is a sign, and memory that the
other process takes over. A long file has no size: the way to it is sent when this process is ready, and there is an answer for each
piece when it is asked for; the last one has none.
"""

from __future__ import annotations

import errno
import io
import json
import os
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.apart.exchange import ANSWER, LAST, NEXT, READY, shared
from probation_etl.intake.readers.apart.restricted import (
    end_with,
    has_grown,
    restrict,
    restrict_for_good,
    restrict_time,
)
from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.limits import Limits
from probation_etl.intake.readers.parquet_arrow import columnar_pieces, has_many_cells, is_columnar, read_columnar
from probation_etl.intake.readers.workbook import read_workbook

_OF_MEMORY = (errno.ENOMEM, errno.EFBIG)
_NO_MEMORY = f"(os error {errno.ENOMEM})"


def work(lifeline: int) -> None:
    """Reads files until there is no further request.

    Args:
        lifeline: A pipe that is closed when nobody waits for this process any more.
    """
    end_with(lifeline)
    channel = socket.socket(fileno=sys.stdin.fileno())
    restrict_for_good()
    channel.sendall(READY)
    requests = channel.makefile("rb")
    is_last = False
    while not is_last and (line := requests.readline()):
        request = json.loads(line)
        limits = Limits(**request["limits"])
        if request["size"] is None:
            answer = _last_piece(channel, limits)
        else:
            answer = _answer(partial(_grids, requests.read(request["size"]), limits))
        is_last = has_grown()
        _send(channel, LAST if is_last else ANSWER, answer)


def _grids(data: bytes, limits: Limits) -> list[Grid]:
    columnar = is_columnar(data)
    _warm(columnar=columnar)
    restrict(limits)
    if not columnar:
        return read_workbook(data, limits)
    return [] if has_many_cells(data, limits) else [read_columnar(data, limits)]


def _last_piece(channel: socket.socket, limits: Limits) -> IO[bytes]:
    """Sends a long file piece by piece, each when it is asked for; returns what is sent after them."""
    channel.sendall(READY)
    _, files, *_ = socket.recv_fds(channel, 1, 1)
    with os.fdopen(files[0], "rb") as file:
        _warm(columnar=True)
        restrict(limits)
        pieces = columnar_pieces(file, limits)
        while True:
            restrict_time(limits)
            read = list[Grid]()
            answer = _answer(partial(_next_into, read, pieces))
            if not read:
                return answer
            _send(channel, ANSWER, answer)
            if not channel.recv(len(NEXT)):
                raise EOFError  # nobody waits any more


def _next_into(read: list[Grid], pieces: Iterator[Grid]) -> list[Grid]:
    read.extend(islice(pieces, 1))
    return read


def _send(channel: socket.socket, sign: bytes, answer: IO[bytes]) -> None:
    with answer:
        socket.send_fds(channel, [sign], [answer.fileno()])


def _answer(read: Callable[[], list[Grid]]) -> IO[bytes]:
    """What is sent back: the grids, why the file cannot be read, or that reading it failed."""
    try:
        return shared(read(), {})
    except BaseException as error:  # noqa: BLE001 -- a panic of a library derives from nothing else
        if _is_of_memory(error):
            return shared([], {"failure": "memory"})
        if not isinstance(error, UnreadableFile):
            return shared([], {"failure": _place(error)})
        return shared([], {"refusal": {"message": str(error), "code": error.code, "hint": error.hint}})


def _warm(*, columnar: bool) -> None:
    """Loads what a file is opened with, and starts its threads, so that the memory of the file is counted alone."""
    if columnar:
        import pyarrow.parquet  # noqa: F401

        target = io.BytesIO()
        pl.DataFrame({"c0": ["text"]}).write_parquet(target)
        pl.read_parquet(target.getvalue())
    else:
        import python_calamine  # noqa: F401


def _is_of_memory(error: BaseException | None) -> bool:
    """Whether there was no memory, perhaps beneath another error."""
    while error is not None:
        # Some libraries give the number of the system's error in its text alone.
        of_system = isinstance(error, OSError) and (error.errno in _OF_MEMORY or _NO_MEMORY in str(error))
        if isinstance(error, MemoryError) or of_system:
            return True
        error = error.__context__
    return False


def _place(error: BaseException) -> str:
    """Kind and place of an error of the program itself, without its text, which may quote a cell."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return " in ".join((type(error).__name__, *(f"{Path(each.filename).name}, line {each.lineno}" for each in last)))
