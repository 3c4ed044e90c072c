"""What the library is called with: a wrong type is said at once, and not by whatever it meets first inside."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, wraps
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

from probation_etl.errors import EnvironmentFailure, UsageError, WrongTypeError

P = ParamSpec("P")
R = TypeVar("R")
_WORDS: Mapping[Any, str] = {
    str: "a text", Path: "a path", bytes: "bytes", date: "a day (datetime.date)", datetime: "a time (datetime.datetime)",
    bool: "True or False", int: "a whole number", float: "a number", NoneType: "None",
}  # fmt: skip


_works_in: int | None = None


def not_forked_after_work() -> None:
    """Notes that this process works, and refuses one that was forked from a process that did: its frames would wait for ever.

    Raises:
        EnvironmentFailure: It was.
    """
    global _works_in
    if _works_in not in (None, os.getpid()):
        raise EnvironmentFailure(
            "This process was forked from one that had validated returns already, so that it would wait for ever for threads that it "
            'does not have. Nothing was done. Start processes with multiprocessing.get_context("spawn").'
        )
    _works_in = os.getpid()


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Makes a function of the library check the types of its arguments against its own annotations.

    Raises:
        WrongTypeError: An argument is missing, unknown, or of another type. The value itself is not shown.
        UsageError: A text has a NUL, which no path and no database takes.
        EnvironmentFailure: The system refused something that the function does not explain itself.
    """

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        signature = inspect.signature(function)
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise WrongTypeError(f"{function.__name__}(): {error}.") from None
        for name, value in given.items():
            _check(function.__name__, name, value, _hint(function, name))
        try:
            return function(*args, **kwargs)
        except OSError as error:
            raise EnvironmentFailure(f"{function.__name__}(): {error.strerror or 'the system refused'}.") from None

    return checked


def _check(function: str, name: str, value: object, hint: Any) -> None:
    if not _fits(value, hint):
        raise WrongTypeError(
            f"{function}(): ‘{name}’ must be {' or '.join(dict.fromkeys(_named(hint)))}; got {type(value).__name__}."
        )
    if isinstance(value, str | Path) and not _can_be_named(str(value)):
        raise UsageError(
            f"{function}(): ‘{name}’ has a character in it that no path and no database takes (NUL, half a character)."
        )


def _can_be_named(text: str) -> bool:
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


@cache
def _hint(function: Callable[..., Any], name: str) -> Any:
    """The annotation of a parameter; Any where it has none, or one that is there for type checkers alone."""
    text = getattr(function, "__annotations__", {}).get(name, Any)
    try:
        return eval(text, vars(sys.modules[function.__module__])) if isinstance(text, str) else text  # noqa: S307 -- our own annotation
    except NameError:
        return Any


def _fits(value: object, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return Any in inner or any(_fits(value, each) for each in inner)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is not None and isinstance(value, Mapping) and issubclass(origin, Mapping) and len(inner) == 2:
        return all(_fits(key, inner[0]) and _fits(each, inner[1]) for key, each in value.items())
    kind = origin or hint
    if kind in (int, float):
        return isinstance(value, int | kind) and not isinstance(value, bool)
    if kind is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    if kind is None or kind is Any:
        return kind is Any or value is None
    # A protocol that says nothing of instances is left to the function.
    return not isinstance(kind, type) or getattr(kind, "_is_protocol", False) or isinstance(value, kind)


def _named(hint: Any) -> list[str]:
    """The kinds of an annotation in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return [name for each in inner for name in _named(each)]
    if origin is Literal:
        return [repr(each) for each in inner]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return ["a mapping of texts"]
    kind = origin or hint
    return [_WORDS.get(kind, f"a {getattr(kind, '__name__', kind)}")]
