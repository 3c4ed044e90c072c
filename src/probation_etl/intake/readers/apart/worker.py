"""What the separate process does: it reads files, one after the other, and answers with their grids.

A request is a line of JSON with the size of the file and the limits, and then the file. The answer is a line of JSON, and
then the frames of the grids.
"""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import traceback
from pathlib import Path
from typing import IO, Any

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.apart.frames import packed
from probation_etl.intake.readers.apart.restricted import end_with, has_grown, restrict, restrict_for_good
from probation_etl.intake.readers.limits import Limits
from probation_etl.intake.readers.parquet_arrow import is_columnar, read_columnar
from probation_etl.intake.readers.workbook import read_workbook

#: What this process answers once it can read.
READY = b"ready\n"
_NO_MEMORY = f"(os error {errno.ENOMEM})"


def work(lifeline: int) -> None:
    """Reads files until there is no further request.

    Args:
        lifeline: A pipe that is closed when nobody waits for this process any more.
    """
    end_with(lifeline)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    restrict_for_good()
    _send(answers, READY)
    requests = sys.stdin.buffer
    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["size"])
        if len(data) < request["size"]:
            return
        answer, frames = _answer(data, Limits(**request["limits"]))
        del data
        _send(answers, json.dumps(answer).encode() + b"\n", *frames)
        del frames
        if answer["last"]:
            return


def _send(answers: IO[bytes], *parts: bytes | memoryview) -> None:
    for part in parts:
        answers.write(part)
    answers.flush()


def _answer(data: bytes, limits: Limits) -> tuple[dict[str, Any], list[memoryview]]:
    """What is sent back: the grids, why the file cannot be read, or that reading it failed."""
    try:
        _warm(data)
        restrict(limits)
        grids = [read_columnar(data, limits)] if is_columnar(data) else read_workbook(data, limits)
        parts = [packed(grid) for grid in grids]
    except BaseException as error:  # noqa: BLE001 -- a panic of a library derives from nothing else
        if _is_of_memory(error):
            return {"failure": "memory", "last": True}, []
        if not isinstance(error, UnreadableFile):
            return {"failure": _place(error), "last": True}, []
        refusal = {"message": str(error), "code": error.code, "hint": error.hint}
        return {"refusal": refusal, "last": has_grown()}, []
    sheets = [head for head, _ in parts]
    return {"sheets": sheets, "last": has_grown()}, [frame for _, frames in parts for frame in frames]


def _warm(data: bytes) -> None:
    """Loads what a file is opened with, and starts its threads, so that the memory of the file is counted alone."""
    if is_columnar(data):
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
        of_system = isinstance(error, OSError) and (error.errno == errno.ENOMEM or _NO_MEMORY in str(error))
        if isinstance(error, MemoryError) or of_system:
            return True
        error = error.__context__
    return False


def _place(error: BaseException) -> str:
    """Kind and place of an error of the program itself, without its text, which may quote a cell."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return " in ".join((type(error).__name__, *(f"{Path(each.filename).name}, line {each.lineno}" for each in last)))
