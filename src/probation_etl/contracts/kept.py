"""Rulebooks that were compiled are kept while no byte of their directories changes: a long-lived process asks for one for each return."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

from probation_etl.contracts.odcs import digest_of, files_of
from probation_etl.contracts.odcs.yaml_file import LARGEST_FILE

if TYPE_CHECKING:
    from probation_etl.contracts.rulebook import Rulebook

#: Directories whose rulebooks are kept.
_MOST = 8


def kept(load: Callable[[Path, str], Rulebook]) -> Callable[[Path], Rulebook]:
    """Keeps what a function loaded from a directory of contracts, for as long as its files are the same.

    Args:
        load: The function, of the directory and its digest before anything was loaded.
    """
    found: dict[tuple[str, str], Rulebook] = {}

    @wraps(load)
    def loaded(root: Path) -> Rulebook:
        key = (str(root), _content(root))
        known = found.get(key)
        if known is not None:
            return known
        rulebook = load(root, key[1])
        # Somebody may have changed a file meanwhile: then nobody knows which content was compiled.
        if rulebook.contracts.digest == key[1]:
            found[key] = rulebook
        if len(found) > _MOST:
            # The first to come goes first. Another thread may have taken it out already.
            found.pop(next(iter(found.copy())), None)
        return rulebook

    return loaded


def _content(root: Path) -> str:
    """The digest of a directory; empty where a file is none that contracts are read from, which whoever reads it will say."""
    try:
        about = [os.lstat(each) for each in files_of(root)]
        if all(stat.S_ISREG(each.st_mode) and each.st_size <= LARGEST_FILE for each in about):
            return digest_of(root)
    except OSError:
        pass
    return ""
