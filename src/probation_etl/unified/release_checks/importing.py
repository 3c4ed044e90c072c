"""Imports Great Expectations without what a run does not need of it.

The library imports all of SciPy's statistics and Altair, for expectations about distributions: a third of its import, and of the memory
that this takes. Meanwhile stand-ins are there in their place. What asks one of them for anything gets it from the real module, which
is imported then, and once the library is imported nobody else meets them.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

#: What the library imports for few of its expectations.
_LATER = ("altair", "scipy.stats")


def import_library() -> None:
    """Imports the library, if it is not there yet."""
    if "great_expectations" in sys.modules:
        return
    with _stand_ins(), _without_collection():
        import great_expectations  # noqa: F401 -- for those that import it from now on


class _StandIn(ModuleType):
    """A module that is imported when something is asked of it."""

    def __getattr__(self, name: str) -> Any:
        _take_away(self)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _stand_ins() -> Iterator[None]:
    made = [_StandIn(name) for name in _LATER if name not in sys.modules]
    sys.modules.update({each.__name__: each for each in made})
    try:
        yield
    finally:
        for each in made:
            _take_away(each)


def _take_away(stand_in: _StandIn) -> None:
    if sys.modules.get(stand_in.__name__) is stand_in:
        del sys.modules[stand_in.__name__]


@contextmanager
def _without_collection() -> Iterator[None]:
    """Looks for no garbage meanwhile: classes and functions are made, which stay, and each look goes over all of them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            # Afterwards they are among the oldest objects, which are seldom looked at.
            gc.freeze()
            gc.unfreeze()
        if was_enabled:
            gc.enable()
