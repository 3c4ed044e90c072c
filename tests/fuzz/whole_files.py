"""Reads damaged files as every command does: ``python whole_files.py FORMAT FIRST COUNT``.

The result must be grids or an UnreadableFile. It prints how many files were read and refused, and how many brought the process down
that reads them.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from mutations import damaged

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import Limits, read_grids

LIMITS = Limits(process_bytes=1_000_000_000, process_seconds=20)
FIXTURES = Path(__file__).parents[1] / "fixtures"


def outcomes(form: str, first: int, count: int) -> Counter[str]:
    """What became of so many damaged files."""
    seeds = [path.read_bytes() for path in sorted(FIXTURES.glob(f"*.{form}")) if path.stat().st_size < 60_000]
    found = Counter[str]()
    for number in range(first, first + count):
        try:
            read_grids(damaged(seeds[number % len(seeds)], number), limits=LIMITS)
        except UnreadableFile as error:
            ours = "There is a fault in this program" in str(error)
            found["fault of ours" if ours else "brought down" if error.brought_down else "refused"] += 1
            if error.brought_down:
                print(f"{form} {number}: {error}", flush=True)
        else:
            found["read"] += 1
    return found


if __name__ == "__main__":
    began = time.monotonic()
    print(
        sys.argv[1],
        dict(outcomes(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))),
        f"{time.monotonic() - began:.0f} s",
    )
