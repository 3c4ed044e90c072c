"""What is made of contracts once, and asked for with every return."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")
#: Results that are kept of one function: far more than the columns of all contracts in use at a time.
_KEPT = 1 << 10


def made_once(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Keeps what a function made of its arguments, for values that never change, such as contracts, columns and reference tables.

    Arguments are the same only if they are the same in memory: to compare contracts takes longer than what is saved.
    """
    kept: OrderedDict[tuple[object, ...], tuple[object, _Made]] = OrderedDict()

    @wraps(function)
    def made(*given: _Given.args, **named: _Given.kwargs) -> _Made:
        key = (*map(id, given), *((name, id(value)) for name, value in named.items()))
        found = kept.get(key)
        if found is None:
            # With the arguments held, no others get their places in memory. Two threads may make the same: one of them is kept.
            found = kept.setdefault(key, ((given, named), function(*given, **named)))
            if len(kept) > _KEPT:
                kept.popitem(last=False)
        return found[1]

    return made
