r"""Texts that match a pattern.

Understood are literals, classes, ``.``, ``\d``, ``\w`` and ``\s``, groups, alternatives, repetition, and the anchors of
the whole text: enough for the patterns of contracts. Anything else is refused by name. Every text is tried against its
pattern before it is returned.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from probation_etl.contracts.patterns import found_in

_LONGEST, _BRANCHES = 400, 24
_REPETITIONS = 5_000
_SIGN = r"(?:(?P<sign>[*+?])|\{(?P<least>\d+)(?P<comma>,(?P<most>\d+)?)?\})\??"
_WORD = string.ascii_letters + string.digits + "_"
#: Every character that may be chosen. Blanks come last, because they are trimmed from the ends of a cell.
_ALL = _WORD + "-.,:;/+!?#$%&()*<=>@[]^`{|}~\\'\" "
_CLASSES = {"d": string.digits, "w": _WORD, "s": " \t"}


class UnsupportedPattern(ValueError):
    """The pattern has a part for which no text can be made."""


@dataclass
class _Choices:
    """Numbers that decide which text is written. Each part uses up what it needs of them and leaves the rest.

    Attributes:
        branch: Which alternatives are taken.
        character: Which characters of classes are taken.
        extra: How many repetitions there are beyond the fewest.
        groups: Text of named groups.
        left: How many repetitions may still be written: some within others become endless.
    """

    branch: int = 0
    character: int = 0
    extra: int = 0
    groups: Mapping[str, str] = field(default_factory=dict)
    left: int = _REPETITIONS


#: A part of a pattern: writes its text by the choices.
_Part = Callable[[_Choices], str]


def texts(pattern: str, *, lengths: tuple[int, ...] = (), groups: Mapping[str, str] | None = None) -> list[str]:
    """Different texts that match a pattern, the shortest first.

    Args:
        pattern: The pattern, anchored or not.
        lengths: Lengths of which there should be a text, if the pattern allows it.
        groups: Text of named groups, where it is given.

    Raises:
        UnsupportedPattern: The pattern has a part that is not understood.
    """
    made = dict.fromkeys(_varied(_Reader(pattern).read(), groups or {}, lengths))
    return sorted(_matching(pattern, list(made)), key=len)


def shortest(pattern: str, groups: Mapping[str, str]) -> str:
    """The first text by a pattern, with its named groups as they are given, whether or not they match.

    Args:
        pattern: The pattern.
        groups: Text of named groups.

    Raises:
        UnsupportedPattern: The pattern has a part that is not understood.
    """
    return _Reader(pattern).read()(_Choices(groups=groups))


def series(pattern: str, count: int) -> list[str]:
    """Up to so many different texts that match a pattern.

    Raises:
        UnsupportedPattern: The pattern has a part that is not understood.
    """
    write = _Reader(pattern).read()
    made = dict.fromkeys(write(_Choices(at, at, extra)) for extra in (0, 1, 2, 4) for at in range(count))
    return _matching(pattern, list(made))[:count]


def _matching(pattern: str, made: Sequence[str]) -> list[str]:
    return [text for text, fits in zip(made, found_in(pattern, made), strict=True) if fits]


def _varied(write: _Part, groups: Mapping[str, str], lengths: tuple[int, ...]) -> Iterator[str]:
    longest = min(max(lengths, default=0), _LONGEST)
    for branch in range(_BRANCHES):
        for extra in range(max(3, longest + 1)):
            text = write(_Choices(branch, 0, extra, groups))
            if extra < 3 or len(text) in lengths:
                yield text
        yield from (write(_Choices(branch, character, 0, groups)) for character in (1, 2))


def _one_of(characters: str) -> _Part:
    def write(choices: _Choices) -> str:
        choices.character, at = divmod(choices.character, len(characters))
        return characters[at]

    return write


def _all_of(parts: Sequence[_Part]) -> _Part:
    return lambda choices: "".join(part(choices) for part in parts)


def _either(branches: Sequence[_Part]) -> _Part:
    def write(choices: _Choices) -> str:
        choices.branch, at = divmod(choices.branch, len(branches))
        return branches[at](choices)

    return write


def _repeated(part: _Part, least: int, most: int | None) -> _Part:
    def write(choices: _Choices) -> str:
        extra = choices.extra if most is None else min(choices.extra, most - least)
        choices.extra -= extra
        choices.left -= least + extra
        if choices.left < 0:
            raise UnsupportedPattern("its texts are very long")
        return "".join(part(choices) for _ in range(least + extra))

    return write


def _named(name: str, part: _Part) -> _Part:
    return lambda choices: choices.groups[name] if name in choices.groups else part(choices)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._left = pattern

    def read(self) -> _Part:
        part = self._alternatives()
        if self._left:
            raise UnsupportedPattern(f"‘{self._left}’ is not understood")
        return part

    def _take(self, form: str) -> re.Match[str] | None:
        match = re.match(form, self._left)
        if match:
            self._left = self._left[match.end() :]
        return match

    def _alternatives(self) -> _Part:
        branches = [self._sequence()]
        while self._take(r"\|"):
            branches.append(self._sequence())
        return _either(branches)

    def _sequence(self) -> _Part:
        parts = []
        while self._left and self._left[0] not in "|)":
            parts.append(self._with_sign(self._atom()))
        return _all_of(parts)

    def _with_sign(self, part: _Part) -> _Part:
        sign = self._take(_SIGN)
        if sign is None:
            return part
        if sign["sign"]:
            return _repeated(part, int(sign["sign"] == "+"), 1 if sign["sign"] == "?" else None)
        least = int(sign["least"])
        return _repeated(part, least, (int(sign["most"]) if sign["most"] else None) if sign["comma"] else least)

    def _atom(self) -> _Part:
        if self._take(r"[\^$]|\\[AZz]"):
            return _all_of(())
        if start := self._take(r"\((?:\?P?<(?P<name>[A-Za-z_]\w*)>|\?:|(?!\?))"):
            return self._group(start["name"])
        if self._left.startswith("(?"):
            raise UnsupportedPattern(f"‘{self._left[:4]}’ looks around or sets a flag")
        if self._take(r"\["):
            return _one_of(self._class())
        return _one_of(_ALL if self._take(r"\.") else self._characters())

    def _group(self, name: str | None) -> _Part:
        inner = self._alternatives()
        if not self._take(r"\)"):
            raise UnsupportedPattern("a group does not end")
        return _named(name, inner) if name else inner

    def _class(self) -> str:
        negated, chosen = self._take(r"\^"), ""
        while self._left and (not chosen or self._left[0] != "]"):
            first = self._characters()
            if len(first) == 1 and self._take(r"-(?!\])"):
                first = "".join(map(chr, range(ord(first), ord(self._characters()) + 1)))
            chosen += first
        if not self._take(r"\]") or not chosen:
            raise UnsupportedPattern("a class does not end")
        options = [char for char in _ALL if char not in chosen] if negated else list(chosen)
        if not options:
            raise UnsupportedPattern("a class has no character that is tried")
        return "".join(dict.fromkeys(sorted(options, key=str.isspace)))

    def _characters(self) -> str:
        """The next character, or all that an escape stands for."""
        escape = self._take(r"\\(.)")
        if escape is None:
            char, self._left = self._left[0], self._left[1:]
            return char
        if (kind := escape[1]) in _CLASSES:
            return _CLASSES[kind]
        if kind.lower() in _CLASSES:
            return "".join(char for char in _ALL if char not in _CLASSES[kind.lower()])
        if kind.isalnum():
            raise UnsupportedPattern(f"‘\\{kind}’ is not understood")
        return kind
