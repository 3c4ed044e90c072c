"""Measures the memory and the time of runs with very many rows, into DuckDB with reports. Usage: ``large.py [ROWS ...]``.

Ends with 1 where the longest run takes more than is promised of it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from ours import MIB, run_of, say
from targets import memory_of_runs, time_of_runs
from timing import Cost
from tools import FLOOR, cost_of_tool, sent
from work import work_of_contract

ROWS = (2_000_000, 20_000_000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int, nargs="*", default=ROWS, help="rows of each file, from small to large")
    parser.add_argument("--folder", type=Path, help="where files and stores are made; the temporary folder by default")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench", dir=given.folder) as made:
        folder = Path(made)
        work_of_contract().write(folder / "work.json")
        runs = {}
        for rows in sorted(given.rows):
            file = sent(folder, rows)
            say(
                f"reading {rows:,} rows as text and casting them ({file.stat().st_size // MIB:,} MiB)",
                _floor(folder, file),
            )
            runs[rows] = run_of(folder, rows, f"duckdb:///{folder / f'rows{rows}.duckdb'}")
            say(f"run, {rows:,} rows into DuckDB", runs[rows].cost)
            print(", ".join(f"{stage} {seconds:.1f}" for stage, seconds in runs[rows].stages.items()), flush=True)
            file.unlink()
            (folder / f"rows{rows}.duckdb").unlink()
    if len(runs) == 1:
        return 0
    *_, few, many = runs
    promised = [memory_of_runs(runs, few, many), time_of_runs(runs, few, many)]
    for each in promised:
        print(
            f"{each.what}: promised {each.target}; measured {each.measured}{' (missed)' if each.met is False else ''}"
        )
    return int(any(each.met is False for each in promised))


def _floor(folder: Path, file: Path) -> Cost:
    return cost_of_tool(FLOOR, folder / "work.json", file, sent(folder, 200))


if __name__ == "__main__":
    sys.exit(main())
