"""Rows in one or more frames: in memory, or read from where they are kept when they are asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
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

    @abstractmethod
    def read(self) -> pl.DataFrame:
        """The rows, in memory."""


@dataclass(frozen=True)
class InMemory(Part, Discreet):
    """Rows that are in memory."""

    frame: pl.DataFrame

    @property
    def height(self) -> int:  # type: ignore[override]
        """Rows of the frame."""
        return self.frame.height

    def read(self) -> pl.DataFrame:
        """They are there."""
        return self.frame


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
        for part in self.parts:
            yield part.read()

    def followed_by(self, frame: pl.DataFrame) -> Frames:
        """The same with further rows at the end, in memory."""
        if len(self.parts) == 1 and isinstance(self.parts[0], InMemory):
            return Frames.of(pl.concat([self.parts[0].frame, frame]))
        return Frames((*self.parts, InMemory(frame)))

    def whole(self) -> pl.DataFrame:
        """All rows in one frame, in memory."""
        return self.parts[0].read() if len(self.parts) == 1 else pl.concat(list(self))


#: No rows of any schema.
NO_ROWS = Frames.of(pl.DataFrame())
