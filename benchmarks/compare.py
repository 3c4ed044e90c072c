"""Measures this program and its peers, and writes ``docs/performance.md``. Usage: ``compare.py [quick|default|full] [--docs DIR]``.

The page of the repository is written by the default size alone; others write into ``build/bench`` unless told otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from ours import SIZES, measure
from page import kept, write
from targets import targets
from tools import FLOOR, OURS, PEERS, compared, nhs
from work import work_of_contract

ROOT = Path(__file__).parent.parent
#: The environment of the Data Validation Engine, which needs older libraries.
NHS = ROOT / ".venv-nhs" / "bin" / "python"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", choices=SIZES, nargs="?", default="default")
    parser.add_argument("--docs", type=Path, help="where performance.md and images/performance.svg are written")
    given = parser.parse_args()
    size, work = SIZES[given.size], work_of_contract()
    docs = given.docs or (ROOT / "build" / "bench" if given.size == "quick" else ROOT / "docs")
    (docs / "images").mkdir(parents=True, exist_ok=True)
    others = nhs(str(NHS))
    tools = [FLOOR, OURS, *PEERS, *([others] if NHS.exists() else [])]
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        costs = compared(tools, work, Path(folder), size.rows, size.repeats)
        found = measure(Path(folder), size)
    write(
        docs / "performance.md",
        docs / "images" / "performance.svg",
        work,
        costs,
        found,
        size,
        [] if NHS.exists() else [others],
    )
    good, of = kept(targets(costs, found, size))
    print(f"{good} of {of} promises are kept: {docs / 'performance.md'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
