"""Moments, times of day and lengths of time in the cells of a column."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from probation_etl.drafting.days import MOMENTS, day_forms
from probation_etl.drafting.evidence import Evidence
from probation_etl.drafting.typed import Typed
from probation_etl.drafting.words import speaks_of_length
from probation_etl.intake.readers import CellKind

_TIMES = ("HH:mm", "HH:mm:ss", "H:mm", "H:mm:ss", "h:mm a", "HH:mm:ss.SSS")
_LENGTHS = ("H:mm", "H:mm:ss", "PT")
_MIDNIGHT, _TIME_LIKE, _LONGER = (
    r"[ T]0?0:00(:00(\.0+)?)?$",
    r"^(P.*[TD]|[0-9]+:[0-9]{2})",
    r"^(2[4-9]|[3-9][0-9]|[0-9]{3,}):",
)
_ASKED = "Is it a time of day or a length of time? The cells can be read as both."


def moment_types(found: Evidence, texts: pl.Series, *, day_first: bool | None) -> Iterator[Typed]:
    """Moments: days with a time of day. Where that is midnight everywhere, they are days."""
    if (
        not found.has_kinds <= {CellKind.TEXT, CellKind.DATE, CellKind.ERROR}
        or not texts.str.contains(":", literal=True).any()
    ):
        return
    forms = day_forms(texts, day_first=day_first, native=found.native, tried=MOMENTS)
    if forms.formats:
        is_day = bool(texts.str.contains(_MIDNIGHT).all())
        told = "; ".join(filter(None, (forms.told, "the time is midnight in all of them" if is_day else "")))
        yield Typed("date" if is_day else "timestamp", formats=forms.formats, told=told, questions=forms.questions)
    elif forms.questions:
        yield Typed(
            "string", questions=forms.questions, ambiguous=forms.ambiguous, told="not read as moments: see the question"
        )


def time_types(found: Evidence, texts: pl.Series) -> Iterator[Typed]:
    """Times of day, or lengths of time where hours go beyond a day or the header says so."""
    if (
        not found.has_kinds <= {CellKind.TEXT, CellKind.TIME, CellKind.ERROR}
        or not texts.str.contains(_TIME_LIKE).all()
    ):
        return
    long = bool(texts.str.contains(_LONGER).any())
    lengths = [Typed("duration", formats=(form,)) for form in _LENGTHS]
    asked = () if texts.str.contains(r"(?i)[ap]m$").all() else (_ASKED,)
    times = [Typed("time", formats=(form,), questions=asked) for form in _TIMES]
    yield from (*lengths, *times) if long or speaks_of_length(found.headers) else (*times, *lengths)
