"""Opens old workbooks (``.xls``) in a separate process with limits on memory and time.

They are not archives that could be inspected first: a few kilobytes that require billions of cells are noticed only while
they are read. If reading fails, that process ends and not this one.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.base import Block, Grid
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.workbook import read_workbook

_PROGRAM = f"from {__name__} import answer; answer()"


def read_in_subprocess(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Grid]:
    """Every sheet of an old workbook.

    Raises:
        UnreadableFile: The file cannot be opened, or exceeds a limit, such as those on memory and time.
    """
    # The import path of this process, without the working directory, which may contain anything that was sent.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-P", "-c", _PROGRAM, json.dumps(asdict(limits))]
    try:
        done = subprocess.run(  # noqa: S603 -- a fixed command
            command, input=data, capture_output=True, check=False, env=environment, timeout=2 * limits.process_seconds
        )
    except subprocess.TimeoutExpired:
        raise _too_costly(limits) from None
    if done.returncode:
        raise _too_costly(limits)
    return _grids(done.stdout)


def _too_costly(limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        f"The old workbook (.xls) could not be opened with {limits.process_bytes:,} bytes of memory in "
        f"{limits.process_seconds:,} seconds: it is damaged or asks for too much. Save it as .xlsx.",
        code="too-large",
    )


def _grids(answer: bytes) -> list[Grid]:
    first, _, rest = answer.partition(b"\n")
    head, frames = json.loads(first), io.BytesIO(rest)
    if "message" in head:
        raise UnreadableFile(head["message"], code=head["code"], hint=head["hint"])
    return [_unpacked(sheet, frames) for sheet in head["sheets"]]


def answer() -> None:
    """What the separate process does: it reads the workbook from standard input and writes its grids to standard output."""
    data, limits = sys.stdin.buffer.read(), Limits(**json.loads(sys.argv[1]))
    _restrict(limits)
    try:
        grids = read_workbook(data, limits)
    except UnreadableFile as error:
        sys.stdout.write(json.dumps({"message": str(error), "code": error.code, "hint": error.hint}) + "\n")
        return
    packed = [_packed(grid) for grid in grids]
    head = json.dumps({"sheets": [head for head, _ in packed]})
    sys.stdout.buffer.write(head.encode() + b"\n" + b"".join(frame for _, frames in packed for frame in frames))


def _packed(grid: Grid) -> tuple[dict[str, Any], list[bytes]]:
    """What a grid is made of: the sizes of its frames and all else, and then its frames."""
    parts = {each.name: getattr(grid, each.name) for each in fields(Grid)}
    frames = {name: _bytes_of(part) for name, part in parts.items() if isinstance(part, pl.DataFrame)}
    others = {name: part for name, part in parts.items() if name not in frames}
    return {"frames": {name: len(frame) for name, frame in frames.items()}, "others": others}, [*frames.values()]


def _unpacked(head: dict[str, Any], frames: io.BytesIO) -> Grid:
    parts: dict[str, Any] = {name: pl.read_ipc(io.BytesIO(frames.read(size))) for name, size in head["frames"].items()}
    parts |= {name: tuple(part) if isinstance(part, list) else part for name, part in head["others"].items()}
    parts["merged"] = tuple(Block(*each) for each in parts["merged"])
    return Grid(**parts)


def _bytes_of(frame: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.write_ipc(target)
    return target.getvalue()


def _restrict(limits: Limits) -> None:
    """Limits the processor time of this process, and its memory beyond what it has once all libraries are loaded."""
    import python_calamine  # noqa: F401 -- loaded before memory is counted

    try:
        import resource
    except ImportError:  # a system without such limits: only the timeout of the waiting process applies
        return
    resource.setrlimit(resource.RLIMIT_CPU, (limits.process_seconds, limits.process_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _taken() + limits.process_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _taken() -> int:
    """Bytes of address space that this process has, where the system reports them."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
