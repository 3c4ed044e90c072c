"""The styles of an OpenDocument spreadsheet, as far as they raise characters or hide rows, columns and sheets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from probation_etl.discreet import Discreet

Attributes = dict[str, str]

_SIZES = {"style:table-row-properties": "style:row-height", "style:table-column-properties": "style:column-width"}
_NOTHING = re.compile(r"0*(?:\.0*)?[a-z]*")


@dataclass
class _Style(Discreet):
    parent: str = ""
    level: int | None = None
    hides: bool = False


@dataclass
class OdsStyles(Discreet):
    """Styles by family and name, learned element by element."""

    _known: dict[tuple[str, str], _Style] = field(default_factory=dict)
    _open: _Style = field(default_factory=_Style)

    def learn(self, tag: str, attributes: Attributes) -> None:
        """Takes the start of a style, or of its properties."""
        if tag == "style:style":
            self._open = _Style(attributes.get("style:parent-style-name", ""))
            self._known[attributes.get("style:family", ""), attributes.get("style:name", "")] = self._open
        elif tag == "style:text-properties" and "style:text-position" in attributes:
            self._open.level = _level(attributes["style:text-position"])
        elif tag in _SIZES and _SIZES[tag] in attributes:
            self._open.hides = _NOTHING.fullmatch(attributes[_SIZES[tag]]) is not None

    def level(self, family: str, name: str) -> int:
        """Whether a style raises (1) or lowers (-1) characters."""
        for _ in range(20):  # a style that descends from itself does not go on for ever
            style = self._known.get((family, name))
            if style is None:
                return 0
            if style.level is not None:
                return style.level
            name = style.parent
        return 0

    def hides(self, family: str, name: str) -> bool:
        """Whether a style leaves no height or width."""
        style = self._known.get((family, name))
        return style is not None and style.hides


def _level(position: str) -> int:
    first = (position.split() or ["0%"])[0]
    if first in ("super", "sub"):
        return 1 if first == "super" else -1
    return 0 if not first.strip("0.%-+") else -1 if first.startswith("-") else 1
