"""What goes from the process that reads to the one that waits: a sign, and memory that both have.

The frames of the grids are used where they are, without being copied.
"""

from __future__ import annotations

import json
import mmap
import os
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from typing import IO, Any, Final

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.intake.readers.base import Block, Grid

#: What the process that reads says once it can, with each answer, and with its last.
READY, ANSWER, LAST = b"r", b"a", b"l"
#: What it is asked for the next piece of a long file with.
NEXT = b"n"
#: Where Arrow wants the parts of a frame to begin.
_ALIGNED = 64
#: How the length of the last part is written, which says what the others are.
_LENGTH: Final = 8
_ORDER: Final = "big"


def shared(grids: Sequence[Grid], about: dict[str, Any]) -> IO[bytes]:
    """Memory with grids, and with what is to be said of them.

    Args:
        grids: The grids; their frames are written one after the other, as Arrow.
        about: Anything that JSON can say.
    """
    file = _memory()
    text = json.dumps({**about, "sheets": [_written(grid, file) for grid in grids]}).encode()
    file.seek(0, os.SEEK_END)
    file.write(text + len(text).to_bytes(_LENGTH, _ORDER))
    return file


def taken_over(file: IO[bytes]) -> tuple[list[Grid], dict[str, Any]]:
    """The grids in a memory, and what is said of them. It is given back to the system with the last of their frames."""
    memory = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    length = int.from_bytes(memory[-_LENGTH:], _ORDER)
    about = json.loads(bytes(memory[-_LENGTH - length : -_LENGTH]))
    return [_read(sheet, memory) for sheet in about.pop("sheets")], about


def _memory() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("grids"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def _written(grid: Grid, file: IO[bytes]) -> dict[str, Any]:
    """Writes the frames of a grid; returns the place of each, and all else that the grid is made of."""
    parts = {each.name: getattr(grid, each.name) for each in fields(Grid)}
    frames = {name: part for name, part in parts.items() if isinstance(part, pl.DataFrame)}
    others = {name: part for name, part in parts.items() if name not in frames}
    others["findings"] = [each.as_dict() for each in grid.findings]
    return {"frames": {name: _placed(frame, file) for name, frame in frames.items()}, "others": others}


def _placed(frame: pl.DataFrame, file: IO[bytes]) -> tuple[int, int]:
    """Where a frame is written, and where it ends."""
    begin = -(-file.seek(0, os.SEEK_END) // _ALIGNED) * _ALIGNED
    file.seek(begin)
    frame.write_ipc(file)
    return begin, file.seek(0, os.SEEK_END)


def _read(sheet: dict[str, Any], memory: memoryview) -> Grid:
    parts: dict[str, Any] = {name: _frame(memory[begin:end]) for name, (begin, end) in sheet["frames"].items()}
    parts |= {name: tuple(part) if isinstance(part, list) else part for name, part in sheet["others"].items()}
    parts["merged"] = tuple(Block(*each) for each in parts["merged"])
    parts["findings"] = tuple(Finding(**each) for each in parts["findings"])
    return Grid(**parts)


def _frame(part: memoryview) -> pl.DataFrame:
    import pyarrow.ipc

    # It is this library that leaves the cells where they are.
    frame = pl.from_arrow(pyarrow.ipc.open_file(pyarrow.py_buffer(part)).read_all())
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 -- for the types: of a table comes a frame
    return frame
