"""New files that were read to know what they claim to be, held until they are taken, so that few are read twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from probation_etl.discreet import Discreet
from probation_etl.intake.claims import Claim
from probation_etl.intake.judged import JudgedFile
from probation_etl.intake.readers import Content

#: Bytes that are held at most, whatever the number of files: a file that finds no room is read again.
_ROOM = 1 << 28
#: What a file takes in memory beside its texts.
_BESIDE = 1 << 15


@dataclass(frozen=True)
class HeldFile(Discreet):
    """A file as it was read.

    Attributes:
        content: What it holds.
        claims: What the returns of it claim to be.
        judged: Gives it, judged by itself, once; None where it was not read, or only for what it claims to be.
        memory: About how many bytes that takes.
    """

    content: Content
    claims: frozenset[Claim] = frozenset()
    judged: Callable[[], JudgedFile] | None = None
    memory: int = 0

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        return _BESIDE + len(self.content.data or b"") + self.memory


@dataclass
class Held(Discreet):
    """Files that wait to be taken, by name."""

    room: int = _ROOM
    is_full: bool = False
    _files: dict[str, HeldFile] = field(default_factory=dict)

    def hold(self, name: str, file: HeldFile) -> None:
        """Holds a file, if there is room for it."""
        if file.judged is None:
            return
        self.is_full |= file.size > self.room
        if file.size <= self.room:
            self.room -= file.size
            self._files[name] = file

    def has(self, name: str) -> bool:
        """Whether a file is held."""
        return name in self._files

    def released(self, name: str) -> HeldFile | None:
        """Gives a file back and holds it no longer; None where it is not held."""
        file = self._files.pop(name, None)
        self.room += file.size if file else 0
        return file
