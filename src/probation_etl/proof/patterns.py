r"""Text that matches a pattern: for the patterns that contracts are written with.

Literals, classes, ``.``, ``\d``, ``\w`` and ``\s``, groups, alternatives, repetition and the anchors of the whole text are
understood. Whatever goes beyond that is refused by name; a text is only given when it does match.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_LONGEST, _BRANCHES = 400, 24
_SIGN = r"(?:(?P<sign>[*+?])|\{(?P<least>\d+)(?P<comma>,(?P<most>\d+)?)?\})\??"
_WORD = string.ascii_letters + string.digits + "_"
#: Every character that may be chosen, blanks last: trimming takes them off.
_ALL = _WORD + "-.,:;/+!?#$%&()*<=>@[]^`{|}~\\'\" "
_CLASSES = {"d": string.digits, "w": _WORD, "s": " \t"}


class UnsupportedPattern(ValueError):
    """The pattern has a part for which no text can be made."""


@dataclass(frozen=True)
class _Chars:
    options: str


@dataclass(frozen=True)
class _Sequence:
    parts: tuple[_Node, ...] = ()


@dataclass(frozen=True)
class _Either:
    branches: tuple[_Node, ...]


@dataclass(frozen=True)
class _Repeat:
    part: _Node
    least: int
    most: int | None


@dataclass(frozen=True)
class _Group:
    name: str
    part: _Node


_Node = _Chars | _Sequence | _Either | _Repeat | _Group


def texts(pattern: str, *, lengths: tuple[int, ...] = (), groups: Mapping[str, str] | None = None) -> list[str]:
    """Different texts that match a pattern, the shortest first.

    Args:
        pattern: The pattern, anchored or not.
        lengths: Lengths of which a text is wanted too, if the pattern has one.
        groups: Text of named groups, where it is not for us to choose.

    Raises:
        UnsupportedPattern: The pattern is not of the kind we know.
    """
    made = dict.fromkeys(_made(_Reader(pattern).read(), groups or {}, lengths))
    return sorted((text for text in made if re.search(pattern, text)), key=len)


def series(pattern: str, count: int) -> list[str]:
    """As many different texts that match a pattern as there are, but no more than ``count``.

    Raises:
        UnsupportedPattern: The pattern is not of the kind we know.
    """
    node = _Reader(pattern).read()
    made = dict.fromkeys(_Writer(at, at, budget, {}).write(node) for budget in (0, 1, 2, 4) for at in range(count))
    return [text for text in made if re.search(pattern, text)][:count]


def _made(node: _Node, groups: Mapping[str, str], lengths: tuple[int, ...]) -> Iterator[str]:
    longest = min(max(lengths, default=0), _LONGEST)
    for branch in range(_BRANCHES):
        for budget in range(max(3, longest + 1)):
            text = _Writer(branch, 0, budget, groups).write(node)
            if budget < 3 or len(text) in lengths:
                yield text
        yield from (_Writer(branch, shift, 0, groups).write(node) for shift in (1, 2))


class _Writer:
    """Writes one text: which branches, which characters, and how many repetitions beyond the fewest."""

    def __init__(self, branch: int, shift: int, budget: int, groups: Mapping[str, str]) -> None:
        self._branch, self._shift, self._budget, self._groups = branch, shift, budget, groups

    def write(self, node: _Node) -> str:
        match node:
            case _Chars(options):
                self._shift, at = divmod(self._shift, len(options))
                return options[at]
            case _Sequence(parts):
                return "".join(map(self.write, parts))
            case _Either(branches):
                self._branch, at = divmod(self._branch, len(branches))
                return self.write(branches[at])
            case _Repeat(part, least, most):
                return "".join(self.write(part) for _ in range(least + self._more(least, most)))
            case _Group(name, part):
                return self._groups[name] if name in self._groups else self.write(part)

    def _more(self, least: int, most: int | None) -> int:
        taken = self._budget if most is None else min(self._budget, most - least)
        self._budget -= taken
        return taken


class _Reader:
    """Reads a pattern, from the left to the right."""

    def __init__(self, pattern: str) -> None:
        self._left = pattern

    def read(self) -> _Node:
        node = self._alternatives()
        if self._left:
            raise UnsupportedPattern(f"‘{self._left}’ is not understood")
        return node

    def _take(self, form: str) -> re.Match[str] | None:
        match = re.match(form, self._left)
        if match:
            self._left = self._left[match.end() :]
        return match

    def _alternatives(self) -> _Node:
        branches = [self._sequence()]
        while self._take(r"\|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _Either(tuple(branches))

    def _sequence(self) -> _Node:
        parts = []
        while self._left and self._left[0] not in "|)":
            parts.append(self._repeated(self._atom()))
        return _Sequence(tuple(parts))

    def _repeated(self, part: _Node) -> _Node:
        sign = self._take(_SIGN)
        if sign is None:
            return part
        if sign["sign"]:
            return _Repeat(part, int(sign["sign"] == "+"), 1 if sign["sign"] == "?" else None)
        least = int(sign["least"])
        return _Repeat(part, least, (int(sign["most"]) if sign["most"] else None) if sign["comma"] else least)

    def _atom(self) -> _Node:
        if self._take(r"[\^$]|\\[AZz]"):
            return _Sequence()
        if start := self._take(r"\((?:\?P?<(?P<name>[A-Za-z_]\w*)>|\?:|(?!\?))"):
            return self._group(start["name"])
        if self._left.startswith("(?"):
            raise UnsupportedPattern(f"‘{self._left[:4]}’ looks around or sets a flag")
        if self._take(r"\["):
            return _Chars(self._class())
        if self._take(r"\."):
            return _Chars(_ALL)
        return _Chars(self._char())

    def _group(self, name: str | None) -> _Node:
        inner = self._alternatives()
        if not self._take(r"\)"):
            raise UnsupportedPattern("a group does not end")
        return _Group(name, inner) if name else inner

    def _class(self) -> str:
        negated, chosen = self._take(r"\^"), ""
        while self._left and (not chosen or self._left[0] != "]"):
            first = self._char()
            if len(first) == 1 and self._take(r"-(?!\])"):
                first = "".join(map(chr, range(ord(first), ord(self._char()) + 1)))
            chosen += first
        if not self._take(r"\]") or not chosen:
            raise UnsupportedPattern("a class does not end")
        options = [char for char in _ALL if char not in chosen] if negated else list(chosen)
        return "".join(dict.fromkeys(sorted(options, key=str.isspace)))

    def _char(self) -> str:
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
