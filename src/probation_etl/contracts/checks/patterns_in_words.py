r"""The form of a text in words: ``^[A-Z]\d{6}$`` is a capital letter, then 6 digits.

Few people who must correct a cell read regular expressions. Simple patterns are described in words; others are not, because half
a description would mislead.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from probation_etl.contracts.model import Column
from probation_etl.discreet import Discreet

_PART = re.compile(
    r"""(?:\\d|\[(?P<class>[A-Za-z0-9-]+)\]|(?P<text>(?:(?:[A-Za-z0-9 _/,:;#-]|\\[^A-Za-z0-9])(?![{+*?]))+))
        (?:\{(?P<least>\d+)(?P<comma>,(?P<most>\d+)?)?\}|(?P<more>\+))?""",
    re.VERBOSE,
)
#: Sets of characters by what is in them: the name of one, and of several.
_SETS = {
    frozenset(("0-9",)): ("a digit", "digits"),
    frozenset(("A-Z",)): ("a capital letter", "capital letters"),
    frozenset(("a-z",)): ("a small letter", "small letters"),
    frozenset(("A-Z", "a-z")): ("a letter", "letters"),
    frozenset(("A-Z", "0-9")): ("a capital letter or digit", "capital letters or digits"),
    frozenset(("a-z", "0-9")): ("a small letter or digit", "small letters or digits"),
    frozenset(("A-Z", "a-z", "0-9")): ("a letter or digit", "letters or digits"),
}
_RANGES = {"0-9": string.digits, "A-Z": string.ascii_uppercase, "a-z": string.ascii_lowercase}
_MOST_NAMED = 6


@dataclass(frozen=True)
class Piece(Discreet):
    """A part of a simple pattern: characters of one set, and how many of them.

    Attributes:
        members: The characters that it takes.
        one: One of them in words.
        least: How many there must be.
        most: How many there may be; None for any number.
    """

    members: str
    one: str
    least: int = 1
    most: int | None = 1


def asked_form(column: Column) -> str:
    """What the pattern of a column asks, as a sentence; empty where the contract's own hint says it.

    A regular expression is shown only where nothing better is there.
    """
    if column.pattern is None or column.hints.get("wrong-pattern"):
        return ""
    words = form_in_words(column.pattern)
    return f"It must be {words}." if words else f"It must match the regular expression {column.pattern}"


@lru_cache(maxsize=1 << 10)  # asked for each value that breaks the pattern of its column
def form_in_words(pattern: str) -> str | None:
    """A simple pattern of a whole text in words; None for any other."""
    if not (pattern.startswith("^") and pattern.endswith("$") and not pattern.endswith("\\$")):
        return None
    parts = list(_parts(pattern[1:-1]))
    return ", then ".join(map(str, parts)) if parts and None not in parts else None


@lru_cache(maxsize=1 << 10)
def pieces_of(pattern: str) -> tuple[Piece, ...] | None:
    """The parts of a simple pattern of a whole text, one after the other; None for any other pattern."""
    if form_in_words(pattern) is None:
        return None
    found = list(_PART.finditer(pattern[1:-1]))
    return tuple(piece for part in found for piece in _pieces(part))


def _pieces(part: re.Match[str]) -> Iterator[Piece]:
    if part["text"]:
        yield from (Piece(sign, f"‘{sign}’") for sign in re.sub(r"\\(.)", r"\1", part["text"]))
        return
    given = part["class"] or "0-9"
    ranges = re.findall(r"[A-Za-z0-9]-[A-Za-z0-9]", given)
    one = _named(part["class"])
    words = (one[0] if one else "").replace("letter", "Latin letter").replace("a capital Latin", "a Latin capital")
    words = words.replace("a small Latin", "a Latin small")
    least = 1 if part["least"] is None else int(part["least"])
    most = least if part["comma"] is None else None if part["most"] is None else int(part["most"])
    yield Piece("".join(map(_RANGES.__getitem__, ranges)) or given, words, least, None if part["more"] else most)


def _parts(pattern: str) -> Iterator[str | None]:
    """The parts of a pattern in words, one after the other; None for one that has none."""
    at = 0
    while at < len(pattern):
        found = _PART.match(pattern, at)
        if found is None:
            yield None
            return
        yield _in_words(found)
        at = found.end()


def _in_words(part: re.Match[str]) -> str | None:
    if part["text"]:
        literal = re.sub(r"\\(.)", r"\1", part["text"])
        return f"‘{literal}’"
    names = _named(part["class"])
    if names is None:
        return None
    one, several = names
    if part["more"]:
        return f"one or more {several}"
    if part["least"] is None or (part["least"] == "1" and not part["comma"]):
        return one
    if not part["comma"]:
        return f"{part['least']} {several}"
    return f"{part['least']} to {part['most']} {several}" if part["most"] else f"{part['least']} or more {several}"


def _named(members: str | None) -> tuple[str, str] | None:
    """The name of a set of characters; one without a name is described by its members, if they are few."""
    if members is None:
        return _SETS[frozenset(("0-9",))]
    ranges = re.findall(r"[A-Za-z0-9]-[A-Za-z0-9]", members)
    if ranges:
        known = "".join(ranges) == members
        return _SETS.get(frozenset(ranges)) if known else None
    if len(members) > _MOST_NAMED:
        return None
    listed = " or ".join(f"‘{each}’" for each in members)
    return listed, f"characters, each {listed}"
