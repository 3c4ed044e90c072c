"""SQL of contracts that an earlier process has examined, or put guards into: to do so again takes longer than to compute it.

It is kept as text in the user's folder, under digests of the expression, of the types of the columns that it may read, and of the
program with its libraries. Nothing is kept of what was refused.
"""

from __future__ import annotations

import atexit
import hashlib
from pathlib import Path

from probation_etl.contracts.passed import program
from probation_etl.remembered import named_folder, own_folder, recall, remember

_FILE = "expressions.json"
#: Texts that are kept. Past that all are forgotten, and those of today's contracts found anew.
_MOST = 10_000


class _Texts:
    """The texts of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found, _ = recall(folder / _FILE) or ({}, None)
        is_ours = isinstance(found, dict) and found.get("program") == program()
        self.texts: dict[str, str] = found["texts"] if is_ours else {}
        self._before = len(self.texts)

    def save(self) -> None:
        if len(self.texts) != self._before and self._folder.is_dir():
            kept = self.texts if len(self.texts) <= _MOST else {}
            remember(self._folder / _FILE, {"program": program(), "texts": kept})
            self._before = len(self.texts)


_TEXTS: dict[Path, _Texts] = {}


def guarded_before(key: tuple[object, ...]) -> str | None:
    """What was made of an expression; None where that is not known."""
    texts = _texts()
    return texts.texts.get(_name(key)) if texts else None


def note_guarded(key: tuple[object, ...], text: str) -> None:
    """Keeps what was made of an expression, for the next process."""
    texts = _texts()
    if texts and own_folder():
        texts.texts[_name(key)] = text


def _texts() -> _Texts | None:
    folder = named_folder()
    if folder is None:
        return None
    if folder not in _TEXTS:
        _TEXTS[folder] = _Texts(folder)
        atexit.register(_TEXTS[folder].save)
    return _TEXTS[folder]


def _name(key: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()
