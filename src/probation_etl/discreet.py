"""Values whose ``repr`` says what they are and how large, and nothing of what a file holds.

A ``repr`` is printed where nobody thinks of it: by a notebook, a log, a failed test, a traceback that shows local variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

#: Characters of a ``repr``, and of one text in it.
LONGEST, _LONGEST_TEXT = 1_000, 120


class Discreet:
    """A value with such a ``repr``: the numbers in it, the sizes of what it holds, and the attributes that it tells.

    A text is never shown unless the class says so, and it says so of texts alone that come from a contract or from us::

        @dataclass(frozen=True)
        class Finding(Discreet, tells=("code", "rule")): ...

    Data classes need nothing else: they make no ``repr`` of their own where there is one already.
    """

    _tells: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, *, tells: tuple[str, ...] | None = None, **given: Any) -> None:
        """Gives the class its ``repr``, before a data class is made of it.

        Args:
            tells: Names of the attributes that are shown in full, before all others.
            given: For other classes that it is made of.
        """
        super().__init_subclass__(**given)
        if tells is not None:
            cls._tells = tells
        if "__repr__" not in vars(cls):
            setattr(cls, "__repr__", discreet_repr)  # noqa: B010 -- mypy refuses to assign to a method


def discreet_repr(value: Any) -> str:
    """What a value is and how large. Named tuples, which have no other base, take it as their ``__repr__``."""
    tells = getattr(value, "_tells", ())
    text = f"{type(value).__name__}({', '.join([*_told(value, tells), *_sizes(value, tells)])})"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _told(value: object, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        each = getattr(value, name)
        shown = repr(each)
        yield f"{name}={shown if isinstance(each, Discreet) or len(shown) <= _LONGEST_TEXT else shown[:_LONGEST_TEXT] + '…'}"


def _sizes(value: object, told: Iterable[str]) -> Iterator[str]:
    """The numbers in a value, and the sizes of what it holds; of a collection, its own size."""
    if isinstance(value, Sized):
        yield f"<{len(value)}>"
    for each in fields(value) if is_dataclass(value) else ():
        size = _size(getattr(value, each.name)) if each.repr and each.name not in told else ""
        if size:
            yield f"{each.name}={size}"


def _size(held: object) -> str:
    """A number as it is, the size of anything that has one; nothing for a text, for what is empty and for what is not so."""
    match held:
        case bool():
            return "True" if held else ""
        case int():
            return repr(held)
        case _Frame():
            return f"<{held.height} × {held.width}>"
        case _Rows() if held.height:
            return f"<{held.height}>"
        case Sized() if len(held) and not isinstance(held, str):
            return f"<{len(held)}>"
    return ""


@runtime_checkable
class _Frame(Protocol):
    """A frame of any library that calls its size like this; none is imported for it."""

    height: int
    width: int


@runtime_checkable
class _Rows(Protocol):
    """Rows in several frames."""

    height: int
