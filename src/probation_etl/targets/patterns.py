"""Regular expressions of contracts (ECMA-262, found anywhere in the text) for tools that run Python's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from probation_etl.contracts.checks.listed import Why

_PART = re.compile(r"\\.|\[|\]|.", re.DOTALL)


def plain_pattern(pattern: str) -> str:
    r"""The pattern with ``0-9`` for ``\d``, which in contracts takes the digits of no other script."""
    return "".join(_translated(pattern, {r"\d": ("[0-9]", "0-9")}))


def python_pattern(pattern: str) -> str | Why:
    r"""The pattern for ``re.search``.

    In Python ``\d`` takes the digits of every script and ``$`` lets a line break follow; in contracts they do not.
    """
    written = "".join(_translated(pattern, {r"\d": ("[0-9]", "0-9"), "$": (r"\Z", "$")}))
    try:
        re.compile(written)
    except re.error:
        return Why("Python's regular expressions cannot say the pattern")
    return written


def full_pattern(pattern: str) -> str | Why:
    """The pattern for tools that hold it against the whole text, between ``^`` and ``$``."""
    written = python_pattern(pattern)
    if isinstance(written, Why) or _anchored(pattern):
        return written
    return rf"[\s\S]*(?:{written})[\s\S]*"


def _anchored(pattern: str) -> bool:
    return bool(re.fullmatch(r"\^[^|]*(?<!\\)\$", pattern))


def _translated(pattern: str, words: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """The parts of a pattern, some replaced: by one text outside of brackets, by another inside."""
    inside = False
    for part in _PART.findall(pattern):
        inside = part == "[" or (inside and part != "]")
        yield words.get(part, (part, part))[inside]
