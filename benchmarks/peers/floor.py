"""The floor: Polars reads the file as text and casts its columns; nothing is checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from peers.typed import as_text, cast
from work import Work


def checker(work: Work) -> Callable[[Path], int]:
    """Reads and casts; gives the number of rows."""
    return lambda path: as_text(path).with_columns(cast(work)).height
