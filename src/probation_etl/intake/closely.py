"""Which texts of a column are looked at closely: of many cells each different text once, or those alone that are not plain.

What a cell becomes follows from its text alone. So where a column has few different texts, each of them is looked at once. Where it
has many, most cells are plain: it can be seen at a glance that they are values, and which. Only the others are looked at.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from probation_etl.contracts.damage import ANY_TRACE
from probation_etl.contracts.forms import USUAL, Form
from probation_etl.contracts.made_once import made_once
from probation_etl.contracts.model import Column
from probation_etl.discreet import Discreet
from probation_etl.intake.few_texts import has_few, is_short
from probation_etl.intake.typed_texts import forms_of, typed

#: What a plain text has not: anything but the printable characters of ASCII, a blank at an end, a trace of damage.
_NOT_PLAIN = rf"[^ -~]|^ | $|^$|{ANY_TRACE}"
_PLAIN_SIGNS = frozenset("/. -:")


class Closely(ABC):
    """The texts of a column that are looked at, and how what is found returns to all of its cells.

    Attributes:
        texts: The texts that are looked at.
    """

    texts: pl.Series

    @abstractmethod
    def values(self, found: pl.Series) -> pl.Series:
        """The values of all cells, from those of the texts that were looked at."""

    def different(self, _found: pl.Series, /) -> pl.Series | None:
        """All values that cells have, and null, from those of the texts that were looked at; None where they may be many."""
        return None

    @abstractmethod
    def cells(self, found: pl.Series) -> pl.Series:
        """Where something holds of all cells, from where it holds of the texts that were looked at."""


@dataclass(frozen=True)
class EveryCell(Closely, Discreet):
    """The text of every cell."""

    texts: pl.Series

    def values(self, found: pl.Series) -> pl.Series:
        """As they were found."""
        return found

    def cells(self, found: pl.Series) -> pl.Series:
        """As they were found."""
        return found


@dataclass(frozen=True)
class EachOnce(Closely, Discreet):
    """Each different text once.

    Attributes:
        every: The text of every cell.
    """

    texts: pl.Series
    every: pl.Series

    @cached_property
    def _places(self) -> pl.Series:
        """Which of the texts each cell has; null where it has none."""
        return self.every.cast(pl.Enum(self.texts)).to_physical()

    def values(self, found: pl.Series) -> pl.Series:
        """The value of its text for each cell; texts that are their own values need not be laid out again."""
        is_same = found.dtype == pl.String and found.equals(self.texts, check_names=False)
        return self.every if is_same else found.gather(self._places)

    def different(self, found: pl.Series, /) -> pl.Series:
        """The values of the texts; cells without a text have none."""
        return found.extend_constant(None, 1)

    def cells(self, found: pl.Series) -> pl.Series:
        """What holds of its text, for each cell."""
        if not found.any():
            return pl.repeat(value=False, n=len(self.every), dtype=pl.Boolean, eager=True)
        return found.gather(self._places).fill_null(value=False)


@dataclass(frozen=True)
class NotPlain(Closely, Discreet):
    """The texts that are not plain.

    Attributes:
        plain: The values of all cells, null where they are not plain.
        at: Positions of the cells that are looked at.
    """

    texts: pl.Series
    plain: pl.Series
    at: pl.Series

    def values(self, found: pl.Series) -> pl.Series:
        """What was found, among the plain values."""
        # Polars writes into the column that it is given.
        return self.plain.clone().scatter(self.at, found) if self.at.len() else self.plain

    def cells(self, found: pl.Series) -> pl.Series:
        """What was found; nothing is wrong with plain cells."""
        nowhere = pl.repeat(value=False, n=len(self.plain), dtype=pl.Boolean, eager=True)
        return nowhere.scatter(self.at.filter(found), values=True) if found.any() else nowhere


def closely(texts: pl.Series, column: Column, *, native: bool) -> Closely:
    """What is looked at of a column.

    Args:
        texts: The text of every cell.
        column: The column.
        native: Whether date cells come as ISO 8601.
    """
    if is_short(texts):
        return EveryCell(texts)
    return each_once(texts) if has_few(texts) else not_plain(texts, column, native=native)


def each_once(texts: pl.Series) -> EachOnce:
    """Each different text, once."""
    return EachOnce(texts.unique().drop_nulls(), texts)


def not_plain(texts: pl.Series, column: Column, *, native: bool) -> NotPlain | EveryCell:
    """The texts that are not plain; all of them where a plain text may mean something else in this column."""
    plain = _plain(column, native)
    if plain is None:
        return EveryCell(texts)
    values = texts.alias(column.name).to_frame().select(plain).to_series()
    at = (values.is_null() & texts.is_not_null()).arg_true()
    return NotPlain(texts.gather(at), values, at)


@made_once
def _plain(column: Column, native: bool) -> pl.Expr | None:  # noqa: FBT001 -- what is made once is told apart by its place
    """The value of each plain cell, null for others: never another value than a close look would give, and never one with a fault.

    What the contract takes for no value is not plain. Nor are texts that it lets stand for others: then there is no plain cell.
    """
    cell = pl.col(column.name)
    given = pl.when(~cell.is_in(list(column.null_tokens))).then(cell) if column.null_tokens else cell
    if column.thousands_separator or column.type == "boolean" or column.decimal_separator != ".":
        return None
    if column.is_respelt or column.unit_texts:
        return None
    if column.type == "string":
        marked = r"|\[" if column.markers or column.shorthand else ""
        return pl.when(~given.str.contains(_NOT_PLAIN + marked)).then(given)
    if column.type == "number":
        exact = rf"(\.[0-9]{{1,{column.places}}})?" if column.places else ""
        given = pl.when(given.str.contains(rf"^[+-]?[0-9]+{exact}$")).then(given)
    elif column.type == "duration" or (
        column.type in USUAL and not all(_is_plain(each) for each in forms_of(column, native=native))
    ):
        return None
    return typed(given, column, native=native).alias(column.name)


def _is_plain(written: Form) -> bool:
    """Whether a text in this form has plain signs alone, and none of them at an end."""
    signs = [each.sign for each in written.parts]
    return not signs[0] and not signs[-1] and set("".join(signs)) <= _PLAIN_SIGNS
