"""What the program writes down for itself, to be quicker the next time. It may be deleted at any moment, and nothing is lost.

What is read is what was written, or nothing: not what was damaged, and not what anybody else may have written. It is data, and
no code. A disk that is full, or may not be written, only makes the next time slower.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from probation_etl.files import make_folder, private

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_OTHERS_WRITE = 0o022
_FOLDER: ContextVar[Path | None] = ContextVar("probation_etl_remembered")
_of_process: Path | None = None


def name_folder(folder: Path | None) -> None:
    """Names the folder of the user for what is remembered from one process to the next, in the rest of this context. None: there is none."""
    _FOLDER.set(folder)


def name_folder_for_all(folder: Path | None) -> None:
    """The same for every thread of this process whose context names none."""
    global _of_process
    _of_process = folder


def named_folder() -> Path | None:
    """That folder, which need not be there."""
    return _FOLDER.get(_of_process)


def own_folder() -> Path | None:
    """That folder, made where it is missing; None where there is none, or it would be made in what belongs to somebody else."""
    folder = named_folder()
    if folder is None:
        return None
    with suppress(OSError):
        above = next(each for each in (folder, *folder.parents) if each.exists())
        if above.stat().st_uid == _user():
            make_folder(folder, synced=False)
            return folder
    return None


def remember(path: Path, value: Any) -> None:
    """Writes a value of JSON down, for whoever runs the program alone; whatever is there is replaced. Nothing waits for the disk."""
    text = json.dumps(value, separators=(",", ":")).encode()
    draft = path.with_name(f".{path.name}.part")
    with suppress(OSError):
        draft.unlink(missing_ok=True)
        with open(draft, "xb", opener=private) as opened:
            opened.writelines([_digest(text), b"\n", text, b"\n"])
        draft.replace(path)


def recall(path: Path) -> tuple[Any, os.stat_result] | None:
    """What was written down in a file, and what the system says of the file; None where that is nothing to go by."""
    try:
        file = os.open(path, _FLAGS)
        with os.fdopen(file, "rb") as opened:
            about = os.fstat(file)
            if not stat.S_ISREG(about.st_mode) or about.st_uid != _user() or about.st_mode & _OTHERS_WRITE:
                return None
            digest, text, end = opened.read().split(b"\n")
        return (json.loads(text), about) if digest == _digest(text) and not end else None
    except (OSError, ValueError):
        return None


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0
