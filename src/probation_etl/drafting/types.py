"""Which type a column has: the first in which the program's own reader can read all of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from probation_etl.contracts.forms import ISO
from probation_etl.contracts.model import Column
from probation_etl.contracts.model.columns import DECIMAL_PLACES, Type
from probation_etl.discreet import Discreet
from probation_etl.drafting.days import day_forms
from probation_etl.drafting.evidence import Evidence, plural
from probation_etl.drafting.words import is_no_value, is_sign
from probation_etl.intake.cell_values import values_of
from probation_etl.intake.readers import CellKind

_SHORTHAND, _MARKED = r"^\[[a-z]{1,3}\]$", r"\S.*\[([a-z]{1,3})\]$"
_GROUPED = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?$"
_CODE = r"^[+-]?0[0-9]"
#: Cells that must be read for a type, so that words among them can be taken for no value.
_LEAST_READ, _MOST_TOKENS = 3, 4


@dataclass(frozen=True)
class Typed(Discreet):
    """A type, and how cells are written in it.

    Attributes:
        formats: Forms of dates.
        places: Decimals, at most.
        tokens: Texts that count as an empty cell.
        shorthand: Marks that stand for a value left out.
        markers: Marks that follow a value.
        thousands: What stands between groups of three digits.
        told: What speaks for it.
        questions: What could not be told.
        ambiguous: Forms of dates between which nothing decides.
    """

    type: Type
    formats: tuple[str, ...] = ()
    places: int | None = None
    tokens: tuple[str, ...] = ()
    shorthand: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    thousands: str | None = None
    told: str = ""
    questions: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = field(default=())

    @property
    def unread(self) -> set[str]:
        """Cells without a value."""
        return {*self.tokens, *(f"[{mark}]" for mark in self.shorthand)}


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
    for typed in (*_days(found, rest, day_first=day_first), *_others(found, rest)):
        tokens = _tokens(typed, rest, found)
        if tokens is not None:
            read = found.count - _cells_with(found, {*signs, *tokens, *(f"[{mark}]" for mark in shorthand)})
            told = f"read so in {read:,} of {plural(found.count, 'filled cell')}" + (
                f"; {typed.told}" if typed.told else ""
            )
            return replace(typed, tokens=(*signs, *tokens), shorthand=shorthand, told=told)
    return Typed("string", tokens=signs, shorthand=shorthand)


def _tokens(typed: Typed, texts: pl.Series, found: Evidence) -> tuple[str, ...] | None:
    """The texts that are no values if this is the type; None if others cannot be read either."""
    unread = texts.filter(read_as(texts, typed, native=found.native).is_null())
    few = len(unread) <= _MOST_TOKENS and len(texts) - len(unread) >= _LEAST_READ
    return tuple(sorted(unread)) if not len(unread) or (few and all(map(is_no_value, unread))) else None


def read_as(texts: pl.Series, typed: Typed, *, native: bool) -> pl.Series:
    """Texts in a type; null where they cannot be read."""
    column = Column(
        "cell", typed.type, "cell", formats=typed.formats, markers=typed.markers, thousands_separator=typed.thousands
    )  # fmt: skip
    values = values_of(texts.alias("cell").to_frame(), [column], {}, native=native)["cell"]
    wrong = [rows["position"] for rows in values.faults]
    if not wrong:
        return values.values
    every = pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    return values.values.set(every.is_in(pl.concat(wrong).implode()), None)


def _days(found: Evidence, texts: pl.Series, *, day_first: bool | None) -> Iterator[Typed]:
    if found.has_kinds <= {CellKind.TEXT, CellKind.DATE, CellKind.ERROR} or found.has_kinds == {CellKind.NUMBER}:
        words = [each for each in texts if is_no_value(each)]
        forms = day_forms(texts.filter(~texts.is_in(words)), day_first=day_first, native=found.native)
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


def _others(found: Evidence, texts: pl.Series) -> Iterator[Typed]:
    if found.has_kinds & {CellKind.DATE, CellKind.TIME}:
        return
    yield Typed("boolean")
    if texts.str.contains(_CODE).any():
        return
    marks = texts.str.extract(_MARKED).drop_nulls().unique().sort().to_list()
    plain = texts.str.replace(r"\s*\[[a-z]{1,3}\]$", "")
    thousands = "," if plain.str.contains(_GROUPED).any() else None
    told = "with commas between thousands" if thousands else ""
    yield Typed("integer", markers=tuple(marks), thousands=thousands, told=told)
    places = int(plain.str.extract(r"\.([0-9]*?)0*$").str.len_chars().max() or 0)  # type: ignore[arg-type] # of lengths
    some = f"at most {plural(places, 'decimal')}"
    kept = None if places > 2 else 2
    yield Typed(
        "number", places=kept, markers=tuple(marks), thousands=thousands, told="; ".join(filter(None, (some, told))),
        questions=(f"Cells have up to {places} decimals, and {DECIMAL_PLACES} are kept: how many should there be?",)
        if places > DECIMAL_PLACES else (),
    )  # fmt: skip


def _cells_with(found: Evidence, texts: set[str]) -> int:
    return int(found.filled.is_in(list(texts)).sum())
