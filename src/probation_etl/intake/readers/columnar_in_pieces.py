"""A long Parquet or Arrow file, whose rows wait on disk: never more of them is in memory than a few pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain

from probation_etl.intake.frames import Frames
from probation_etl.intake.readers.apart import read_pieces_apart
from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.limits import Limits, check_limit
from probation_etl.intake.received import Received
from probation_etl.intake.spill import Spill, Spilled, as_file

#: Of fewer rows a table is read into memory as a whole: among a few thousand, totals are looked for in other ways.
_FEW_ROWS = 5_000


def read_columnar_in_pieces(data: Received, limits: Limits) -> Grid:
    """The rows of a file, in ``Grid.pieces``; one of few rows, which are long, as a whole.

    Raises:
        UnreadableFile: The file cannot be read.
        EnvironmentFailure: The rows cannot be put down.
    """
    with as_file(data) as file:
        return read_pieces_apart(file, partial(_kept, limits=limits), limits)


def _kept(grids: Iterator[Grid], limits: Limits) -> Grid:
    spill, first, parts, size = Spill(), next(grids), list[Spilled](), 0
    for grid in chain([first], grids):
        parts.append(spill.kept(grid.cells))
        size += int(grid.cells.estimated_size())
    found = replace(first, pieces=Frames(tuple(parts)))
    if found.height > _FEW_ROWS:
        return found
    check_limit(size, limits.unpacked_bytes, "bytes of text")
    return found.whole()
