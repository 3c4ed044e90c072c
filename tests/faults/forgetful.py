"""A file system that forgets at a power cut what was not synced, in a process of its own, over a folder.

    python forgetful.py FOLDER [CUT [SEED]]

What lies in the folder is loaded and covered. When the file system is unmounted, or before change number CUT, the power is cut:
every call fails from then on, and whatever a program does then is as good as not done. After it was unmounted the folder holds what
has survived, and the number of changes is printed. What survives is said in ``durable.py``; with a SEED, chance lets more survive.
"""

from __future__ import annotations

import ctypes
import errno
import os
import random
import signal
import stat
import sys
import time
from pathlib import Path
from typing import Any

from durable import SECTOR, Names, Node, leave, loaded
from mfusepy import FUSE, FuseOSError, Operations

_EXCHANGE = 2
"""Both names are to change places."""
_SIGNAL_OF_DEATH = 1
"""To be sent when the process that has started this one ends."""


class Forgetful(Operations):
    """The calls of the kernel, on a model of the disk."""

    use_ns = True

    def __init__(self, folder: Path, cut: int = 0, seed: str = "") -> None:
        self._root, self._cut, self._seed = loaded(folder), cut, seed
        self.changes, self._is_cut = 0, False
        self._names = Names()
        self._open: dict[int, Node] = {}

    def init(self, path: str) -> None:
        _say("mounted")

    def cut(self) -> None:
        """The power goes: what is on the disk now stays, and nothing is answered any more."""
        if not self._is_cut and self._seed:
            chance = random.Random(self._seed)  # noqa: S311 -- chance, not secrecy
            self._names.survive(chance)
            self._root.survive(chance)
        self._is_cut = True

    def leave(self, folder: Path) -> None:
        """Puts what has survived into the folder that the file system has covered."""
        leave(self._root, folder)

    # Calls that look.

    def _node(self, path: str) -> Node:
        if self._is_cut:
            raise FuseOSError(errno.EIO)
        node: Node | None = self._root
        for name in filter(None, path.split("/")):
            node = node.names.get(name) if node else None
        if node is None:
            raise FuseOSError(errno.ENOENT)
        return node

    def _place(self, path: str) -> tuple[Node, str]:
        above, _, name = path.rpartition("/")
        return self._node(above), name

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        node = self._node(path)
        times = dict.fromkeys(("st_atime", "st_mtime", "st_ctime"), node.changed)
        owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}
        return {"st_mode": node.mode, "st_size": len(node.data), "st_nlink": 1, "st_ino": node.number, **times, **owner}

    def readdir(self, path: str, fh: int) -> list[tuple[str, dict[str, int], int]]:
        """An entry without a number would be passed over."""
        names = {".": self._root, "..": self._root, **self._node(path).names}
        return [(name, {"st_mode": node.mode, "st_ino": node.number}, 0) for name, node in names.items()]

    def readlink(self, path: str) -> str:
        return os.fsdecode(bytes(self._node(path).data))

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self._open[fh].data[offset : offset + size])

    def statfs(self, path: str) -> dict[str, int]:
        room = dict.fromkeys(("f_blocks", "f_bfree", "f_bavail"), 1 << 20)
        return {"f_bsize": SECTOR, "f_frsize": SECTOR, "f_namemax": 255, **room}

    def open(self, path: str, flags: int) -> int:
        node = self._node(path)
        self._open[node.number] = node
        if flags & os.O_TRUNC:
            self.truncate(path, 0)
        return node.number

    # Calls that change something. Modes and times are no change: they survive at once.

    def _changes(self) -> None:
        self.changes += 1
        if self.changes == self._cut:
            self.cut()
        if self._is_cut:
            raise FuseOSError(errno.EIO)

    def _make(self, path: str, node: Node) -> Node:
        self._changes()
        self._names.change((*self._place(path), node))
        return node

    def create(self, path: str, mode: int, flags: int) -> int:
        node = self._make(path, Node(stat.S_IFREG | mode))
        self._open[node.number] = node
        return node.number

    def mkdir(self, path: str, mode: int) -> None:
        self._make(path, Node(stat.S_IFDIR | mode))

    def symlink(self, target: str, source: str) -> None:
        self._make(target, Node(stat.S_IFLNK | 0o777, bytearray(os.fsencode(source))))

    def link(self, target: str, source: str) -> None:
        self._make(target, self._node(source))

    def unlink(self, path: str) -> None:
        self._changes()
        self._names.change((*self._place(path), None))

    def rmdir(self, path: str) -> None:
        if self._node(path).names:
            raise FuseOSError(errno.ENOTEMPTY)
        self.unlink(path)

    def rename(self, old: str, new: str, flags: int = 0) -> None:
        self._changes()
        (above, name), moved = self._place(new), self._node(old)
        there = above.names.get(name)
        if there and there.names and flags != _EXCHANGE:
            raise FuseOSError(errno.ENOTEMPTY)
        self._names.change((*self._place(old), there if flags == _EXCHANGE else None), (above, name, moved))

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._changes()
        self._open[fh].change(offset, data)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> None:
        self._changes()
        self._node(path).change(length, None)

    def chmod(self, path: str, mode: int) -> None:
        self._node(path).mode = mode

    def chown(self, path: str, uid: int, gid: int) -> None:
        self._node(path)

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> None:
        self._node(path).changed = times[1] if times else time.time_ns()

    def fsync(self, path: str, datasync: int, fh: int) -> None:
        self._changes()
        self._open[fh].sync()

    def fsyncdir(self, path: str, datasync: int, fh: int) -> None:
        self._changes()
        self._names.sync(self._node(path))


class _Mount(FUSE):
    """Passes on how a name is to be changed, which the library drops."""

    def rename_fuse_3(self, old: bytes, new: bytes, flags: int) -> int:
        return self.operations.rename(os.fsdecode(old), os.fsdecode(new), flags) or 0


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # Whoever has started it may be killed: then it unmounts itself.
    ctypes.CDLL(None).prctl(_SIGNAL_OF_DEATH, signal.SIGTERM)
    place = Path(sys.argv[1])
    disk = Forgetful(place, *map(int, sys.argv[2:3]), *sys.argv[3:4])
    _Mount(disk, str(place), foreground=True, nothreads=True, use_ino=True, hard_remove=True)
    disk.cut()
    disk.leave(place)
    _say(disk.changes)
