"""The bytes of a file as it was received: in memory, or read part by part from where they are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from probation_etl.discreet import Discreet

#: Bytes of a part.
PART = 1 << 24


class Received(ABC):
    """The bytes of a file."""

    @abstractmethod
    def __len__(self) -> int:
        """How many they are."""

    @abstractmethod
    def parts(self) -> Iterator[bytes]:
        """Them, in parts of :data:`PART` bytes at most; none of an empty file."""

    def whole(self) -> bytes:
        """All of them, in memory."""
        return b"".join(self.parts())


@dataclass(frozen=True)
class InBytes(Received, Discreet):
    """Bytes that are in memory."""

    data: bytes

    def __len__(self) -> int:
        """How many they are."""
        return len(self.data)

    def parts(self) -> Iterator[bytes]:
        """The bytes, cut."""
        for at in range(0, len(self.data), PART):
            yield self.data[at : at + PART]

    def whole(self) -> bytes:
        """They are there."""
        return self.data
