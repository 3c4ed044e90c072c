"""Which type a column has: the first in which the program's own reader can read all of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from probation_etl.contracts.forms import ISO
from probation_etl.drafting.days import day_forms
from probation_etl.drafting.evidence import Evidence, plural
from probation_etl.drafting.numbers import number_forms
from probation_etl.drafting.times import moment_types, time_types
from probation_etl.drafting.typed import Typed, read_as
from probation_etl.drafting.words import is_no_value, is_sign
from probation_etl.intake.readers import CellKind

_SHORTHAND = r"^\[[a-z]{1,3}\]$"
#: Cells that must be read for a type, so that words among them can be taken for no value.
_LEAST_READ, _MOST_TOKENS = 3, 4


def type_of(found: Evidence, *, day_first: bool | None = None) -> Typed:
    """The type of a column.

    Args:
        found: Its cells.
        day_first: Whether other columns say that the day comes before the month; None where they do not tell.
    """
    texts = found.different
    shorthand = tuple(sorted(each.strip("[]") for each in texts.filter(texts.str.contains(_SHORTHAND))))
    signs = tuple(sorted(each for each in texts if is_sign(each)))
    rest = texts.filter(~texts.is_in([*signs, *(f"[{mark}]" for mark in shorthand)]))
    if not len(rest):
        told = "no cell is filled" if not found.count else "no cell has a value"
        return Typed(
            "string", tokens=signs, shorthand=shorthand, told=told, questions=("What does it hold? No cell tells.",)
        )
    for typed in _candidates(found, rest, day_first):
        tokens = _tokens(typed, rest, found)
        if tokens is not None:
            read = found.count - _cells_with(found, {*signs, *tokens, *(f"[{mark}]" for mark in shorthand)})
            told = f"read so in {read:,} of {plural(found.count, 'filled cell')}" + (
                f"; {typed.told}" if typed.told else ""
            )
            return replace(typed, tokens=(*signs, *tokens), shorthand=shorthand, told=told)
    return Typed("string", tokens=signs, shorthand=shorthand)


def _candidates(found: Evidence, texts: pl.Series, day_first: bool | None) -> Iterator[Typed]:  # noqa: FBT001 -- of three states
    """Types that the texts may have, the more special ones first."""
    valued = texts.filter(~texts.is_in([each for each in texts if is_no_value(each)]))
    if len(valued):
        yield from _days(found, valued, day_first=day_first)
        yield from moment_types(found, valued, day_first=day_first)
        yield from time_types(found, valued)
    if not found.has_kinds & {CellKind.DATE, CellKind.TIME}:
        yield Typed("boolean")
        yield from number_forms(found, texts)


def _tokens(typed: Typed, texts: pl.Series, found: Evidence) -> tuple[str, ...] | None:
    """The texts that are no values if this is the type; None if others cannot be read either."""
    unread = texts.filter(read_as(texts, typed, native=found.native).is_null())
    few = len(unread) <= _MOST_TOKENS and len(texts) - len(unread) >= _LEAST_READ
    return tuple(sorted(unread)) if not len(unread) or (few and all(map(is_no_value, unread))) else None


def _days(found: Evidence, texts: pl.Series, *, day_first: bool | None) -> Iterator[Typed]:
    if found.has_kinds <= {CellKind.TEXT, CellKind.DATE, CellKind.ERROR} or found.has_kinds == {CellKind.NUMBER}:
        forms = day_forms(texts, day_first=day_first, native=found.native)
        if forms.formats:
            # What comes from a spreadsheet as ISO 8601 needs no form of its own.
            written = tuple(each for each in forms.formats if each != ISO or not found.native)
            yield Typed("date", formats=written or (ISO,), told=forms.told, questions=forms.questions)
        elif forms.questions:
            yield Typed(
                "string",
                questions=forms.questions,
                ambiguous=forms.ambiguous,
                told="not read as days: see the question",
            )


def _cells_with(found: Evidence, texts: set[str]) -> int:
    return int(found.filled.is_in(list(texts)).sum())
