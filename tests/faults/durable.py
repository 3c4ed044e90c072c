"""What a disk still holds after a power cut: a model of files and folders as they are and as they are on the disk.

What survives:

- the content of a file as of its last fsync or fdatasync, its size too;
- names in a folder (made, renamed, exchanged, removed) as of the last fsync of that folder. A rename between two folders is one
  step: it survives when either of them is synced. Modes and times survive at once.

By chance some of the rest survives as well, as on a disk that had begun to write: of each write every sector on its own,
each change of a size, and of the names the first so many changes, in their order.

How real file systems differ: ext4 (data=ordered) and XFS keep names in one journal, so that an fsync of anything makes all changes
of names before it durable, and that of a new file its own name; both write everything of their own accord within seconds.
ext4 also writes the content of a file before it is renamed over another one (auto_da_alloc). So without chance this is stricter
than they are, as strict as POSIX allows but for the rename between two folders. A disk that says that it has written what it has
not is no part of this, nor is a sector that tears.
"""

from __future__ import annotations

import os
import random
import shutil
import stat
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

SECTOR = 512
_numbers = count(1)


@dataclass(eq=False)
class Node:
    """A file, a link or a folder, as it is and as it is on the disk."""

    mode: int
    data: bytearray = field(default_factory=bytearray)
    names: dict[str, Node] = field(default_factory=dict)
    changed: int = field(default_factory=time.time_ns)
    number: int = field(default_factory=lambda: next(_numbers))
    #: What has happened to the data since it was synced: where, and what was written, or None where it was cut or grown.
    unsynced: list[tuple[int, bytes | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.synced, self.synced_names = bytes(self.data), dict(self.names)

    def change(self, at: int, written: bytes | None) -> None:
        _apply(self.data, at, written)
        self.unsynced.append((at, written))
        self.changed = time.time_ns()

    def sync(self) -> None:
        self.synced, self.unsynced = bytes(self.data), []

    def survive(self, chance: random.Random) -> None:
        """Some of what was not synced is on the disk after all, here and below."""
        content = bytearray(self.synced)
        for at, written in self.unsynced:
            step = len(written or b"") or 1
            for start in range(0, step, SECTOR):
                if chance.random() < 0.5:
                    _apply(content, at + start, None if written is None else written[start : start + SECTOR])
        self.synced, self.unsynced = bytes(content), []
        for _, node in sorted(self.synced_names.items()):
            node.survive(chance)


def _apply(content: bytearray, at: int, written: bytes | None) -> None:
    content.extend(bytes(max(0, at - len(content))))
    content[at : None if written is None else at + len(written)] = written or b""


#: Names that one call has changed: in which folder, and what they stand for now.
Step = list[tuple[Node, str, Node | None]]


class Names:
    """Changes of names that are not on the disk yet, in their order."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def change(self, *names: tuple[Node, str, Node | None]) -> None:
        self._steps.append(list(names))
        for folder, name, node in names:
            folder.changed = time.time_ns()
            _name(folder.names, name, node)

    def sync(self, folder: Node) -> None:
        self._keep([step for step in self._steps if any(changed is folder for changed, _, _ in step)])

    def survive(self, chance: random.Random) -> None:
        """Some are on the disk after all. That all of them are is as likely as that some are lost."""
        kept = chance.choice((len(self._steps), chance.randint(0, len(self._steps))))
        self._keep(self._steps[:kept])

    def _keep(self, kept: list[Step]) -> None:
        """These are on the disk now; what they have changed does not come back with an older step."""
        later: set[tuple[int, str]] = set()
        for step in reversed(self._steps):
            step[:] = [each for each in step if (each[0].number, each[1]) not in later]
            if any(step is each for each in kept):
                for folder, name, node in step:
                    later.add((folder.number, name))
                    _name(folder.synced_names, name, node)
        self._steps = [step for step in self._steps if not any(step is each for each in kept)]


def _name(names: dict[str, Node], name: str, node: Node | None) -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


def loaded(path: Path) -> Node:
    """What there is, all of it on the disk."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return Node(mode, bytearray(os.fsencode(path.readlink())))
    if stat.S_ISDIR(mode):
        return Node(mode, names={each.name: loaded(each) for each in path.iterdir()})
    return Node(mode, bytearray(path.read_bytes()))


def leave(folder: Node, path: Path) -> None:
    """Puts what is on the disk of a folder in the place of what a real folder holds."""
    for each in path.iterdir():
        shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    for name, node in folder.synced_names.items():
        target = path / name
        if stat.S_ISLNK(node.mode):
            target.symlink_to(os.fsdecode(node.synced))
        elif stat.S_ISDIR(node.mode):
            target.mkdir(mode=stat.S_IMODE(node.mode))
            leave(node, target)
        else:
            target.write_bytes(node.synced)
            target.chmod(stat.S_IMODE(node.mode))
