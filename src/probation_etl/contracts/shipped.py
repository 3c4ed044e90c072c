"""Where the files that ship with the program are: in the wheel, or beside the source in a checkout."""

from __future__ import annotations

from pathlib import Path


def shipped(name: str) -> Path:
    """Directory of that name (``contracts``, ``sample_data``)."""
    package = Path(__file__).parents[1]
    installed = package / "shipped" / name
    return installed if installed.is_dir() else package.parents[1] / name
