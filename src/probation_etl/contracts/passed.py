"""Contents of directories of contracts that lint passed: it need not be asked again while nothing has changed.

What is remembered is the verdict, under a digest of every byte that was looked at, of this program and of the libraries beside it;
and nothing of what was made. A directory that lint refused is always looked at again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl

from probation_etl.remembered import named_folder, own_folder, recall, remember
from probation_etl.version import VERSION

#: What lint did: it compiled every rule; or tried rules, queries and reference tables too; or looked at the reference tables.
Trial = Literal["compiled", "tried", "tables"]
_FILE = "contracts.json"
#: Verdicts that are remembered.
_MOST = 100


def has_passed(trial: Trial, content: str) -> bool:
    """Whether contracts passed a trial, by the digest of their directory."""
    return _name(trial, content) in _verdicts()


def note_passed(trial: Trial, content: str) -> None:
    """Notes that they did."""
    folder = own_folder()
    if folder:
        name = _name(trial, content)
        remember(folder / _FILE, [*(each for each in _verdicts() if each != name), name][-_MOST:])


def _verdicts() -> list[str]:
    folder = named_folder()
    found, _ = (recall(folder / _FILE) if folder else None) or ([], None)
    return found if isinstance(found, list) else []


def _name(trial: Trial, content: str) -> str:
    return hashlib.sha256("\0".join((trial, content, VERSION, program())).encode()).hexdigest()


@cache
def program() -> str:
    """A digest of what the program consists of: its modules by size and time, and the libraries beside it by their versions."""
    own = sorted(_modules(str(Path(__file__).parents[1])))
    beside = Path(pl.__file__).parents[1].iterdir()
    libraries = sorted(each.name for each in beside if each.suffix in (".dist-info", ".egg-info"))
    return hashlib.sha256("\0".join((*own, *libraries)).encode()).hexdigest()


def _modules(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for each in entries:
            if each.is_dir():
                yield from _modules(each.path) if each.name != "__pycache__" else ()
            elif not each.name.endswith(".pyc"):
                about = each.stat()
                yield f"{each.path} {about.st_size} {about.st_mtime_ns}"
