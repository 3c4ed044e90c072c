"""Whether two columns of different headers may be one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import polars as pl

from probation_etl.contracts.masking import shapes
from probation_etl.contracts.organisations import fold
from probation_etl.drafting.parts import Group, Part
from probation_etl.intake.readers import BLANKS

#: How alike two headers are that may mean one thing, the cells that are compared, and the share of values that they must have in common.
_ALIKE, _CELLS_LOOKED_AT, _IN_COMMON = 0.75, 500, 0.5
#: Characters of a header with which a longer one may begin.
_BEGINNING = 4
_ANY_DAY = r"^(?:9{4}-99?-99?|99?[/. -](?:99?|A{3,9})[/. -]9{4})(?:[T ].*)?$"


def same_words(column: Mapping[int, int], place: int, at: int, group: Group) -> bool:
    """Whether the header of a column in one table is alike to one that it has in others: the same words, in part or by their initials."""
    text = fold(group.parts[at].headers[place])
    for part, own in column.items():
        other = fold(group.parts[part].headers[own])
        short, long = sorted((text, other), key=len)
        initials = "".join(word[0] for word in long.split())
        begins = len(short) >= _BEGINNING and long.startswith(short)
        if (
            short == initials
            or begins
            or short in long.split()
            or difflib.SequenceMatcher(None, text, other).ratio() >= _ALIKE
        ):
            return True
    return False


def same_cells(column: Mapping[int, int], place: int, at: int, group: Group) -> bool:
    """Whether most cells have the same form, of a day or a code, or are words of one list."""
    other = _cells(group.parts[at], place)
    for part, own in column.items():
        one = _cells(group.parts[part], own)
        if len(one) and len(other):
            values, fewer = set(one) & set(other), min(len(set(one)), len(set(other)))
            form = _form(one)
            return len(values) >= max(2, _IN_COMMON * fewer) or ("9" in form and form == _form(other))
    return False


def _form(cells: pl.Series) -> str:
    """The form that most cells have; empty where most have different ones."""
    form, number = shapes(cells).str.replace(_ANY_DAY, "9 day").alias("form").value_counts(sort=True).row(0)
    return str(form) if number >= _IN_COMMON * len(cells) else ""


def _cells(part: Part, place: int) -> pl.Series:
    cells = part.grid.cells.to_series(place).slice(part.row + 1, _CELLS_LOOKED_AT).drop_nulls().str.strip_chars(BLANKS)
    return cells.filter(cells != "")
