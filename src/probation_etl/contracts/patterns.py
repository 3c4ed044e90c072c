r"""Regular expressions of contracts, translated for the engines that run them: the only place that does so.

A pattern of a contract follows ECMA-262 and may match anywhere in the text. ``\d`` is 0 to 9, ``$`` is the very end of the
text, and inside brackets every character but ``\``, ``]``, ``^`` and ``-`` means itself. No engine reads it just so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_PART = re.compile(r"\\.|\[|\]|.", re.DOTALL)
#: The digits of other scripts are not meant, neither outside of brackets nor inside.
_DIGITS = {r"\d": ("[0-9]", "0-9")}
#: Inside brackets Rust and Python take these, or two of them, for operations on sets.
_SETS = {sign: (sign, f"\\{sign}") for sign in "[&~|"}


def plain_pattern(pattern: str) -> str:
    """The pattern for tools that follow ECMA-262, but for the digits of other scripts."""
    return _translated(pattern, _DIGITS)


def polars_pattern(pattern: str) -> str:
    """The pattern for Polars, whose regular expressions are those of Rust."""
    return _translated(pattern, _DIGITS | _SETS)


def python_pattern(pattern: str) -> str | None:
    r"""The pattern for ``re.search`` and for PostgreSQL; None where Python cannot express it.

    In Python ``$`` lets a line break follow.
    """
    written = _translated(pattern, _DIGITS | _SETS | {"$": (r"\Z", "$")})
    try:
        re.compile(written)
    except re.error:
        return None
    return written


def whole_pattern(pattern: str) -> str | None:
    """The pattern for tools that match it against the whole text, in Python; None where Python cannot express it."""
    written = python_pattern(pattern)
    if written is None or re.fullmatch(r"\^[^|]*(?<!\\)\$", pattern):
        return written
    return rf"[\s\S]*(?:{written})[\s\S]*"


def unanchored(pattern: str) -> str:
    """The pattern without the anchors of the whole text, as it would match a part of one."""
    return "".join(part for part, inside in _parts(pattern) if inside or part not in ("^", "$"))


def _translated(pattern: str, words: Mapping[str, tuple[str, str]]) -> str:
    """The pattern with some of its parts replaced: by one text outside of brackets, by another inside."""
    return "".join(words.get(part, (part, part))[inside] for part, inside in _parts(pattern))


def _parts(pattern: str) -> Iterator[tuple[str, bool]]:
    """Each character or escape, and whether it is inside brackets."""
    inside = False
    for part in _PART.findall(pattern):
        if part == "]":
            inside = False
        yield part, inside
        if part == "[":
            inside = True
