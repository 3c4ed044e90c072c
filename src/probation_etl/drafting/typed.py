"""A type, and how cells are written in it; what the program's own reader makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.model import Column
from probation_etl.contracts.model.columns import Type
from probation_etl.discreet import Discreet
from probation_etl.intake.cell_values import values_of


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
        decimal: What stands before decimals.
        units: What names the unit of a number.
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
    decimal: str = "."
    units: tuple[str, ...] = ()
    told: str = ""
    questions: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()

    @property
    def unread(self) -> set[str]:
        """Cells without a value."""
        return {*self.tokens, *(f"[{mark}]" for mark in self.shorthand)}


def read_as(texts: pl.Series, typed: Typed, *, native: bool) -> pl.Series:
    """Texts in a type; null where they cannot be read."""
    column = Column(
        "cell", typed.type, "cell", formats=typed.formats, markers=typed.markers, thousands_separator=typed.thousands,
        decimal_separator=typed.decimal, unit_texts=typed.units,
    )  # fmt: skip
    values = values_of(texts.alias("cell").to_frame(), [column], {}, native=native)["cell"]
    wrong = [rows["position"] for rows in values.faults]
    if not wrong:
        return values.values
    every = pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    return values.values.set(every.is_in(pl.concat(wrong).implode()), None)
