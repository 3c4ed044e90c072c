"""Measures one tool on one file, in this process: ``one.py MODULE WORK FILE [SMALL]``.

A small file is checked first, so that what a tool prepares once is not counted; imports are not counted either.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from timing import cost_of, told
from work import Work


def main(module: str, work: str, file: str, small: str) -> None:
    check = importlib.import_module(f"peers.{module}").checker(Work.read(Path(work)))
    check(Path(small))
    told(cost_of(lambda: check(Path(file))))


if __name__ == "__main__":
    main(*sys.argv[1:])
