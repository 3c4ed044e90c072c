"""In which forms the days of a column are written, and whether that is certain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.date_formats import format_faults
from probation_etl.contracts.forms import ISO, form
from probation_etl.contracts.model import Column
from probation_etl.discreet import Discreet
from probation_etl.drafting.evidence import plural
from probation_etl.intake.typed_texts import typed

_ORDERS = ("dd{0}MM{0}yyyy", "d{0}M{0}yyyy", "MM{0}dd{0}yyyy", "M{0}d{0}yyyy", "yyyy{0}MM{0}dd")
_WORDED = ("dd MMM yyyy", "dd-MMM-yyyy", "d MMM yyyy", "d-MMM-yyyy", "dd MMMM yyyy", "d MMMM yyyy", "yyyyMMdd")
#: Forms of days that are tried, stricter ones first; and those of moments.
DAYS = (ISO, *(order.format(sign) for sign in "/-. " for order in _ORDERS), *_WORDED)
MOMENTS = tuple(
    f"{day}{between}{at}"
    for day in (ISO, *(order.format(sign) for sign in "/-." for order in _ORDERS), *_WORDED[:-1])
    for between in (" ", "'T'")
    for at in ("HH:mm", "HH:mm:ss", "HH:mm:ss.SSS", "H:mm", "H:mm:ss")
)
#: Days of other centuries are numbers that happen to look like days.
_FIRST, _LAST = 1850, 2200
_MOST_FORMS = 3
_SHORT_YEAR = r"^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}$"


@dataclass(frozen=True)
class DayForms(Discreet):
    """Forms in which days are written.

    Attributes:
        formats: Them; empty where the cells are no days, or it is not certain which.
        ambiguous: Two forms that would both do.
        told: What speaks for them.
        questions: What could not be told.
    """

    formats: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    told: str = ""
    questions: tuple[str, ...] = ()


def day_forms(texts: pl.Series, *, day_first: bool | None, native: bool, tried: Sequence[str] = DAYS) -> DayForms:
    """The forms of some different texts, which are read by one of them each.

    Args:
        texts: Different texts.
        day_first: Whether other columns say that the day comes before the month; None where they do not tell.
        native: Whether some come from a spreadsheet, as ISO 8601.
        tried: The forms that they may have.
    """
    if len(texts) and texts.str.contains(_SHORT_YEAR).all():
        return DayForms(questions=("It holds days whose years have two digits: can they be written with four?",))
    fitting = (each for each in tried if texts.str.contains(form(each).pattern).any())
    read = {each: found for each in fitting if (found := _read(texts, each)).any()}
    chosen = _chosen(texts, read, [ISO] if native and ISO in read else [])
    if not chosen:
        return DayForms()
    exchanged = tuple(_exchanged(each) for each in chosen)
    if exchanged == tuple(chosen) or not _reads_all(texts, exchanged):
        different = sum(is_first(each) is not None for each in chosen)
        told = (
            ""
            if not different
            else f"the other order cannot be, by {plural(_impossible(texts, exchanged), 'different text')}"
        )
        return DayForms(tuple(chosen), told=told)
    forms = (tuple(chosen), exchanged)
    if day_first is None:
        asked = f"Is the day or the month first? All {len(texts):,} different texts can be read as {' and as '.join(' or '.join(each) for each in forms)}."
        return DayForms(ambiguous=(chosen[0], exchanged[0]), questions=(asked,))
    right = forms[0] if all(is_first(each) in (None, day_first) for each in forms[0]) else forms[1]
    order = "the day first" if day_first else "the month first"
    return DayForms(right, told=f"{order}, as other columns show; this one alone does not tell")


def is_first(form: str) -> bool | None:
    """Whether the day comes before the month in a form; None where the year comes first, or the month is a word."""
    parts = [part[0] for part in re.findall(r"d+|M+|y+", form)]
    return None if parts[0] == "y" or "MMM" in form else parts[0] == "d"


def _exchanged(form: str) -> str:
    """The form with day and month in each other's place."""
    if is_first(form) is None:
        return form
    return re.sub(r"d+|M+", lambda part: ("M" if part[0][0] == "d" else "d") * len(part[0]), form)


def _chosen(texts: pl.Series, read: dict[str, pl.Series], given: Sequence[str]) -> list[str]:
    """As few forms as read all texts; none where no few do, or where two of them would read one text as two days."""
    chosen, left = list(given), pl.repeat(value=True, n=len(texts), eager=True)
    for each in given:
        left &= ~read[each]
    while left.any():
        counts = {form: int((found & left).sum()) for form, found in read.items() if not format_faults((*chosen, form))}
        best = max(counts, key=lambda form: counts[form], default=None)
        if best is None or not counts[best] or len(chosen) == _MOST_FORMS:
            return []
        chosen.append(best)
        left &= ~read[best]
    return chosen


def _reads_all(texts: pl.Series, forms: Sequence[str]) -> bool:
    return not format_faults(tuple(forms)) and _impossible(texts, forms) == 0


def _impossible(texts: pl.Series, forms: Sequence[str]) -> int:
    """How many texts none of the forms can read."""
    read = pl.DataFrame([_read(texts, form).alias(str(at)) for at, form in enumerate(forms)])
    return int((~read.select(pl.any_horizontal(pl.all())).to_series()).sum())


def _read(texts: pl.Series, written: str) -> pl.Series:
    """Which of some texts the program's own reader takes for days in this form."""
    column = Column("cell", "date", "cell", formats=(written,))
    days = texts.to_frame("cell").select(typed(pl.col("cell"), column, native=False).alias("day"))["day"]
    return days.dt.year().is_between(_FIRST, _LAST).fill_null(value=False)
