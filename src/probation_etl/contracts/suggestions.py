"""Suggestions for names that are nearly right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion to end a message with, or nothing."""
    close = nearest(name, known)
    return f"; did you mean ‘{close}’?" if close else ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name that is most like this one, where any is."""
    names = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold(), list(names), n=1)
    return names[close[0]] if close else None
