"""What a run costs for each file of a large inbox: against reading the same files as text, and against a small inbox.

If a file cost more the more of them there are, an inbox of tens of thousands would never be done; if it cost much more than to read
it, one of thousands would not be done in time. Processor time is measured, so that other work on the machine counts for little; the
memory of the process is shown beside it. Other numbers of files can be given: ``many_files.py 400 20000``.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from probation_etl.runs.run import run
from returns import small_ones
from timing import peak, processor_seconds

FEW, MANY = 100, 800
AT_MOST, KNOWN_AT_MOST, OF_READING_AT_MOST = 1.3, 0.1, 100


@dataclass(frozen=True)
class Cost:
    """What a run over an inbox took.

    Attributes:
        first: Processor seconds of the run that loads the files.
        again: Those of a second run, to which all are known.
        reading: Those of reading the same files as text.
        memory: The most bytes that the process had by then.
    """

    files: int
    first: float
    again: float
    reading: float
    memory: int


def read(inbox: Path) -> None:
    """The floor: every file read as text, and nothing done with it."""
    for path in inbox.iterdir():
        pl.read_csv(path, infer_schema=False)


def measured(root: Path, files: int) -> Cost:
    """What an inbox of so many files costs."""
    inbox = root / f"inbox{files}"
    small_ones(inbox, files)
    store, reports = f"duckdb:///{root / f'{files}.duckdb'}", root / f"reports{files}"
    first, again = (processor_seconds(lambda: run(inbox, store=store, reports=reports)) for _ in range(2))
    cost = Cost(files, first, again, processor_seconds(lambda: read(inbox)), peak())
    print(
        f"{files:,} files: {first:.1f} s, {1000 * first / files:.1f} ms a file; again, all known: {again:.1f} s; "
        f"read as text: {1000 * cost.reading / files:.2f} ms a file; at most {cost.memory >> 20:,} MiB"
    )
    return cost


def main(few: int = FEW, many: int = MANY) -> int:
    with tempfile.TemporaryDirectory() as folder:
        measured(Path(folder), 1)  # imports, and the contracts compiled once
        small, large = (measured(Path(folder), files) for files in (few, many))
    limits = (
        (f"a file of {many:,} costs", (large.first / many) / (small.first / few), f"× one of {few:,}", AT_MOST),
        ("a file costs", large.first / large.reading, "× reading it as text", OF_READING_AT_MOST),
        ("known files cost", large.again / large.first, "× new ones", KNOWN_AT_MOST),
    )
    for what, found, of, most in limits:
        print(f"{what} {found:,.2f} {of} (at most {most:,g})")
    return 0 if all(found <= most for _, found, _, most in limits) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
