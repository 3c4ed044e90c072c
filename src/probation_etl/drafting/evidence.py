"""What is known of the cells of one column, before anything is concluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from probation_etl.contracts.masking import shapes
from probation_etl.discreet import Discreet
from probation_etl.drafting.columns import Laid, SampleColumn
from probation_etl.intake.readers import BLANKS, CellKind

#: Shapes longer than this, or of so many words, say nothing to a reader.
_LONGEST, _MOST_WORDS = 40, 4
#: Share of texts that one sender alone has, from which senders have texts of their own.
_OWN = 0.8


@dataclass(frozen=True)
class Evidence(Discreet, tells=("name",)):
    """The cells of one column in all tables.

    Attributes:
        name: Its name in the contract.
        headers: Its headers.
        cells: The text of every cell, null where it is empty.
        kinds: What the file says that each cell is; text where it says nothing.
        by_table: How many rows each table has that has the column.
        senders: Who sent each of these, where that is known.
        missing_in: How many tables lack it.
        native: Whether dates may come from a spreadsheet, as ISO 8601.
    """

    name: str
    headers: tuple[str, ...]
    cells: pl.Series
    kinds: pl.Series
    by_table: tuple[int, ...]
    senders: tuple[str | None, ...]
    missing_in: int
    native: bool

    @cached_property
    def filled(self) -> pl.Series:
        """The cells that are not empty."""
        return self.cells.drop_nulls()

    @cached_property
    def different(self) -> pl.Series:
        """Each different text."""
        return self.filled.unique(maintain_order=True)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.cells)

    @property
    def count(self) -> int:
        """How many cells are not empty."""
        return len(self.filled)

    @cached_property
    def has_kinds(self) -> set[CellKind]:
        """The kinds of its filled cells."""
        return {CellKind(each) for each in self.kinds.filter(self.cells.is_not_null()).unique()}

    @cached_property
    def is_constant_in_each(self) -> bool:
        """Whether every one of several tables has one text alone, and not all the same."""
        found = [each.unique() for each in self._tables if len(each)]
        return len(found) > 1 and len(self.different) > 1 and all(len(each) <= 1 for each in found)

    @cached_property
    def is_own_of_each(self) -> bool:
        """Whether nearly every text is of one of several senders alone."""
        of_senders: dict[str, set[str]] = {}
        for sender, texts in zip(self.senders, self._tables, strict=True):
            of_senders.setdefault(sender or "", set()).update(texts)
        filled = [each for each in of_senders.values() if each]
        alone = sum(sum(text in each for each in filled) == 1 for text in self.different)
        return len(filled) > 1 and alone > _OWN * len(self.different)

    @cached_property
    def _tables(self) -> list[pl.Series]:
        """The filled cells of each table."""
        starts = [sum(self.by_table[:at]) for at in range(len(self.by_table))]
        return [self.cells.slice(at, rows).drop_nulls() for at, rows in zip(starts, self.by_table, strict=True)]

    def shown_shapes(self, most: int = 2) -> str:
        """The most frequent shapes and how many cells have each: ``shape A999 in 12 of 12 cells``."""
        counted = shapes(self.filled).alias("shape").value_counts(sort=True)
        if not counted.height:
            return "no cell is filled"
        first = [
            (form, number)
            for form, number in counted.head(most).iter_rows()
            if len(form) <= _LONGEST and form.count(" ") < _MOST_WORDS
        ]
        if not first or sum(number for _, number in first) < self.count / 2:
            longest = int(self.filled.str.len_chars().max() or 0)  # type: ignore[arg-type] # a length
            return f"{counted.height:,} different shapes in {self.count:,} cells, up to {longest} characters"
        told = ", ".join(f"{form} in {number:,}" for form, number in first)
        return f"shape {told} of {self.count:,} cells"


def evidence_of(column: SampleColumn, laid: Laid, senders: Mapping[str, str]) -> Evidence:
    """Collects the cells of a column.

    Args:
        column: The column.
        laid: The tables.
        senders: Who sent each file, by its name.
    """
    cells, kinds, rows = list[pl.Series](), list[pl.Series](), list[int]()
    for at in column.places:
        table = laid.tables[at]
        judged = ~pl.int_range(table.height, dtype=pl.UInt32, eager=True).is_in(table.broken.implode())
        text = table.frame[column.name].str.strip_chars(BLANKS).filter(judged)
        usual = pl.repeat(CellKind.TEXT, table.height, dtype=pl.UInt8, eager=True)
        cells.append(text.set(text == "", None).alias("cell"))
        kinds.append(table.kinds.get(column.name, usual).filter(judged).alias("kind"))
        rows.append(len(text))
    return Evidence(
        column.name,
        tuple(dict.fromkeys(column.headers.values())),
        pl.concat(cells) if cells else pl.Series("cell", dtype=pl.String),
        pl.concat(kinds) if kinds else pl.Series("kind", dtype=pl.UInt8),
        tuple(rows),
        tuple(senders.get(laid.group.parts[at].sample.name) for at in column.places),
        len(laid.tables) - len(column.places),
        any(laid.tables[at].typed for at in column.places),
    )


def plural(number: int, word: str) -> str:
    """A number with its word: ``1 row``, ``2 rows``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Words in quotation marks: ``‘a’, ‘b’ and ‘c’``."""
    quoted = [f"‘{each}’" for each in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
