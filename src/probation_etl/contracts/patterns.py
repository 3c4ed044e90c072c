r"""Regular expressions of contracts, translated for the engines that run them: the only place that does so.

A pattern of a contract follows ECMA-262 and may match anywhere in the text. ``\d`` is 0 to 9, ``$`` is the very end of the
text, and inside brackets every character but ``\``, ``]``, ``^`` and ``-`` means itself. No engine reads it just so.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class WholeMatch(Discreet):
    """A text that a pattern matches as a whole.

    Attributes:
        groups: The text of each group, by its name; None where the group is not part of the match.
    """

    groups: Mapping[str, str | None]


#: A part of a pattern, what stands behind it to repeat it, and whether the part is a group; how many of these are tried quickly.
_REPEAT = re.compile(
    r"(?:\\.|\[(?:\\.|[^\]\\])*+\]|(?P<group>\))|\((?:\?(?::|P?<\w+>))?|.)(?P<sign>[*+?]|\{\d+(?:,\d*)?\})?", re.DOTALL
)
_SIGNS = 12
#: Characters of a pattern. A list of some hundred codes is well below; reading one takes time with its square.
_LONGEST = 10_000
#: Names of files that are remembered with what they match: each is asked about several times in a run.
_REMEMBERED = 50_000
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


def tries_again(pattern: str) -> bool:
    """Whether Python might try a pattern in so many ways that it does not end: parts of varying length within parts, or after others."""
    signs = [(found["group"], found["sign"]) for found in _REPEAT.finditer(pattern) if found["sign"]]
    varying = [sign for _, sign in signs if sign != "?" and not sign.strip("{}").isdigit()]
    groups = any(group and sign != "?" for group, sign in signs)
    return (groups and (bool(varying) or "|" in pattern or "?" in pattern)) or len(varying) > 1 or len(signs) > _SIGNS


def whole_pattern(pattern: str) -> str | None:
    """The pattern for tools that match it against the whole text, in Python; None where Python cannot express it."""
    written = python_pattern(pattern)
    if written is None or re.fullmatch(r"\^[^|]*(?<!\\)\$", pattern):
        return written
    return rf"[\s\S]*(?:{written})[\s\S]*"


def unanchored(pattern: str) -> str:
    """The pattern without the anchors of the whole text, as it would match a part of one."""
    return "".join(part for part, inside in _parts(pattern) if inside or part not in ("^", "$"))


@lru_cache(maxsize=_REMEMBERED)
def pattern_fault(pattern: str) -> str | None:
    """Why a pattern cannot be used; None where it can.

    It must be one for Python, which takes it apart, and for Polars, which matches it in time that grows with the text alone.
    """
    if len(pattern) > _LONGEST:
        return f"the pattern has {len(pattern):,} characters; at most {_LONGEST:,} are read"
    try:
        with warnings.catch_warnings(
            action="ignore", category=FutureWarning
        ):  # signs that Python may give a meaning later
            re.compile(pattern)
    except re.error as error:
        return f"this is not a regular expression: {error}"
    except (RecursionError, OverflowError):
        return "the pattern cannot be used: it is too deep, or repeats too often"
    try:
        found_in(pattern, ("",))
    except pl.exceptions.ComputeError:
        return (
            "the pattern cannot be used: look-around and back-references are not supported, nor are endless repetitions"
        )
    return None


def group_names(pattern: str) -> tuple[str, ...]:
    """Names of the groups of a pattern."""
    return tuple(re.compile(pattern).groupindex)


def found_in(pattern: str, texts: Sequence[str]) -> list[bool]:
    """For each text, whether the pattern matches somewhere in it. No pattern can make this slow."""
    return pl.Series(texts, dtype=pl.String).str.contains(polars_pattern(pattern)).to_list()


def whole_matches(pattern: str, names: Iterable[str]) -> set[str]:
    """Those of many names that a pattern matches as a whole, in upper or lower case."""
    listed = list(names)
    encodable = pl.Series([name.encode(errors="replace").decode() for name in listed], dtype=pl.String)
    found = encodable.str.contains(rf"(?i)\A({polars_pattern(pattern)})\z")
    return {listed[at] for at in found.arg_true()}


@lru_cache(maxsize=_REMEMBERED)
def whole_match(pattern: str, names: tuple[str, ...]) -> WholeMatch | None:
    """The first of some names that a pattern matches as a whole, in upper or lower case; None where there is none.

    No pattern and no name can make this slow.
    """
    encodable = [name.encode(errors="replace").decode() for name in names]
    found = pl.DataFrame({"name": encodable}, schema={"name": pl.String}).select_seq(_groups(pattern)).to_series()
    matched = next((parts for parts in found.to_list() if parts["1"] is not None), None)
    return None if matched is None else WholeMatch({name: text for name, text in matched.items() if name != "1"})


@lru_cache(maxsize=_REMEMBERED)
def _groups(pattern: str) -> pl.Expr:
    """The whole of a name, and the groups of the pattern in it."""
    return pl.col("name").str.extract_groups(rf"(?i)\A({polars_pattern(pattern)})\z")


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
