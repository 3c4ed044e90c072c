"""Grids as bytes and back, for the way from one process to another: names and sizes as JSON, frames as Arrow."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.intake.readers.base import Block, Grid


def packed(grid: Grid) -> tuple[dict[str, Any], list[memoryview]]:
    """What a grid is made of: the sizes of its frames and all else, and then its frames."""
    parts = {each.name: getattr(grid, each.name) for each in fields(Grid)}
    frames = {name: _bytes_of(part) for name, part in parts.items() if isinstance(part, pl.DataFrame)}
    others = {name: part for name, part in parts.items() if name not in frames}
    others["findings"] = [each.as_dict() for each in grid.findings]
    return {"frames": {name: len(frame) for name, frame in frames.items()}, "others": others}, [*frames.values()]


def unpacked(head: dict[str, Any], read: Callable[[int], bytes]) -> Grid:
    """The grid of which these are the parts.

    Args:
        head: The sizes of its frames and all else.
        read: Gives so many bytes of the frames.
    """
    parts: dict[str, Any] = {name: pl.read_ipc(io.BytesIO(read(size))) for name, size in head["frames"].items()}
    parts |= {name: tuple(part) if isinstance(part, list) else part for name, part in head["others"].items()}
    parts["merged"] = tuple(Block(*each) for each in parts["merged"])
    parts["findings"] = tuple(Finding(**each) for each in parts["findings"])
    return Grid(**parts)


def _bytes_of(frame: pl.DataFrame) -> memoryview:
    target = io.BytesIO()
    frame.write_ipc(target)
    return target.getbuffer()
