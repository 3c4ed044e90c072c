"""Texts with raised or lowered characters, written so that a person sees which they are: ``420¹``, ``Oldham^a``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from probation_etl.discreet import discreet_repr

_RAISED = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_ORDINAL = re.compile(r"\s*(?:st|nd|rd|th)\s*", re.IGNORECASE)


class Run(NamedTuple):
    """Characters of a cell in one font: their text, and 1 where they are raised, -1 where lowered, else 0."""

    text: str
    level: int = 0

    def __repr__(self) -> str:
        return discreet_repr(self)


def with_raised(runs: Iterable[Run]) -> str | None:
    """The text of a cell with its raised and lowered characters told from the others; None if it has none.

    The ending of an ordinal number, as in 21st, is left as it is: raised or not, it says the same.
    """
    shown, found = "", False
    for text, level in runs:
        if not level or not text.strip() or (shown[-1:].isdigit() and _ORDINAL.fullmatch(text)):
            shown += text
        else:
            shown, found = shown + _told(text, level), True
    return shown if found else None


def _told(text: str, level: int) -> str:
    told = text.translate(_RAISED if level > 0 else _LOWERED)
    if any(before == after and not before.isspace() for before, after in zip(text, told, strict=True)):
        return f"{'^' if level > 0 else '_'}{text.strip()}"
    return told
