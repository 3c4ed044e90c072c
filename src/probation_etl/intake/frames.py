"""Rows in one or more frames: in memory, or read from where they are kept when they are asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from probation_etl.discreet import Discreet


class Part(ABC):
    """Some of the rows.

    Attributes:
        height: How many they are.
    """

    height: int

    def put(self, frame: pl.DataFrame) -> Part:
        """Other rows, kept in the same way."""
        return InMemory(frame)

    def chosen(self, rows: pl.Series) -> Part:
        """Some of the rows: those for which the Boolean series is true."""
        return Chosen(self, rows)

    @abstractmethod
    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows, in memory; of the columns that are named, or of all."""


@dataclass(frozen=True)
class InMemory(Part, Discreet):
    """Rows that are in memory."""

    frame: pl.DataFrame

    @property
    def height(self) -> int:  # type: ignore[override]
        """Rows of the frame."""
        return self.frame.height

    def chosen(self, rows: pl.Series) -> Part:
        """Some of the rows, in memory."""
        return InMemory(self.frame.filter(rows))

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """They are there."""
        return self.frame if columns is None else self.frame.select(columns)


@dataclass(frozen=True)
class Chosen(Part, Discreet):
    """Some rows of another part.

    Attributes:
        rows: Boolean series, true for each row that is meant.
    """

    part: Part
    rows: pl.Series

    @cached_property
    def height(self) -> int:  # type: ignore[override]
        """Rows that are meant."""
        return int(self.rows.sum())

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows that are meant."""
        return self.part.read(columns).filter(self.rows)


@dataclass(frozen=True)
class Frames(Discreet):
    """Rows of one schema, part by part.

    Attributes:
        parts: At least one, which may have no rows.
    """

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Frames:
        """Rows in memory."""
        return cls((InMemory(frame),))

    @cached_property
    def height(self) -> int:
        """The number of all rows."""
        return sum(each.height for each in self.parts)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """The rows, one frame after another: at least one, which may have no rows. None is kept in memory."""
        return self.of_columns(None)

    def of_columns(self, columns: Sequence[str] | None) -> Iterator[pl.DataFrame]:
        """The same of some columns."""
        for part in self.parts:
            yield part.read(columns)

    def followed_by(self, others: Frames) -> Frames:
        """The same with further rows at the end; what is in memory side by side is put together."""
        *before, last = self.parts
        first, *after = others.parts
        if isinstance(last, InMemory) and isinstance(first, InMemory):
            some = [each.frame for each in (last, first) if each.height]
            # Mostly one of them is empty, which is seen much sooner than they are put together.
            put_together = pl.concat(some) if len(some) > 1 else next(iter(some), last.frame)
            return Frames((*before, InMemory(put_together), *after))
        return Frames((*self.parts, *others.parts))

    def chosen(self, rows: Sequence[pl.Series]) -> Frames:
        """Some of the rows: by part, a Boolean series that is true for them."""
        return Frames(tuple(part.chosen(some) for part, some in zip(self.parts, rows, strict=True)))

    def mapped(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Frames:
        """What is made of each frame, kept as it was."""
        return Frames(tuple(part.put(change(part.read())) for part in self.parts))

    def whole(self) -> pl.DataFrame:
        """All rows in one frame, in memory."""
        return self.parts[0].read() if len(self.parts) == 1 else pl.concat(list(self))


#: No rows of any schema.
NO_ROWS = Frames.of(pl.DataFrame())
