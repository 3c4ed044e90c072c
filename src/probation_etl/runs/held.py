"""New files that were read to know what they claim to be, held until they are taken, so that few are read twice."""

from __future__ import annotations

from dataclasses import dataclass, field

from probation_etl.discreet import Discreet
from probation_etl.intake.opened import OpenedFile
from probation_etl.intake.readers import Content

#: Bytes that are held at most, whatever the number of files: a file that finds no room is read again.
_ROOM = 1 << 28
#: What a file takes in memory beside its texts, and a block of merged cells.
_BESIDE, _BLOCK = 1 << 15, 1 << 8


@dataclass(frozen=True)
class HeldFile(Discreet):
    """A file as it was read."""

    content: Content
    opened: OpenedFile

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        frames = [
            frame for grid in self.opened.grids for frame in (grid.cells, grid.kinds, grid.shown) if frame is not None
        ]
        blocks = sum(len(grid.merged) for grid in self.opened.grids)
        content = len(self.content.data or b"")
        return _BESIDE + content + blocks * _BLOCK + sum(int(each.estimated_size()) for each in frames)


@dataclass
class Held(Discreet):
    """Files that wait to be taken, by name."""

    room: int = _ROOM
    _files: dict[str, HeldFile] = field(default_factory=dict)

    def hold(self, name: str, file: HeldFile) -> None:
        """Holds a file, if there is room for it."""
        if file.size <= self.room:
            self.room -= file.size
            self._files[name] = file

    def released(self, name: str) -> HeldFile | None:
        """Gives a file back and holds it no longer; None where it is not held."""
        file = self._files.pop(name, None)
        self.room += file.size if file else 0
        return file
