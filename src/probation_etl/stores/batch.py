"""Rows that wait to be written, so that many small returns take one statement."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

#: What waits at most: in memory, and in number of frames.
_BYTES, _FRAMES = 1 << 24, 1 << 10


class Batch:
    """Rows by the table that they are for, in the order in which they came."""

    def __init__(self) -> None:
        """No rows."""
        self._frames: dict[tuple[object, ...], list[pl.DataFrame]] = {}
        self._bytes = self._count = 0

    def forget(self) -> None:
        """Lets everything go that waits."""
        self._frames, self._bytes, self._count = {}, 0, 0

    def add(self, table: str, frame: pl.DataFrame) -> None:
        """Adds rows for a table."""
        self._frames.setdefault((table, *frame.schema.items()), []).append(frame)
        self._bytes += int(frame.estimated_size())
        self._count += 1

    @property
    def is_full(self) -> bool:
        """Whether no more should wait."""
        return self._bytes >= _BYTES or self._count >= _FRAMES

    def taken(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """All rows, table by table; nothing waits any more."""
        frames = self._frames
        self.forget()
        for (table, *_), parts in frames.items():
            yield str(table), pl.concat(parts) if len(parts) > 1 else parts[0]
