"""A directory that is written whole or not at all: what is half-done is hidden, and never taken for returns."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probation_etl.errors import EnvironmentFailure, UsageError

_DRAFT = ".half-done-by-probation-etl-sample"
"""Begins with a dot, so that the main job passes it over."""


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """A directory to write into, whose content stands in the target at the end, or nothing of it.

    What an earlier attempt left half-done is cleared.

    Args:
        target: A directory that is empty or not there.

    Raises:
        UsageError: The target holds something, or is no directory.
        EnvironmentFailure: It cannot be written.
    """
    draft = target / _DRAFT
    try:
        made = _make_room(target, draft)
        try:
            yield draft
            _move(draft, target)
        except BaseException:
            shutil.rmtree(target if made else draft, ignore_errors=True)
            raise
    except OSError as error:
        raise EnvironmentFailure(
            f"The directory {target} cannot be written: {error.strerror}. Nothing of it was kept."
        ) from None


def _make_room(target: Path, draft: Path) -> bool:
    """Whether the target had to be made."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file: name a directory that is empty or not there.")
    made = not target.exists()
    target.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(draft, ignore_errors=True)
    if any(target.iterdir()):
        raise UsageError(f"The directory {target} is not empty: name another one, or empty it first.")
    draft.mkdir()
    return made


def _move(draft: Path, target: Path) -> None:
    """Folders come last: once returns can be seen, all else is there."""
    for path in sorted(draft.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        path.replace(target / path.name)
    draft.rmdir()
