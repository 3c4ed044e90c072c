"""Restricted values of a long file, known by numbers that stand for them: the values themselves would fill the memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import polars as pl

from probation_etl.contracts.model import Column
from probation_etl.contracts.restricted_forms import RestrictedForms
from probation_etl.contracts.restricted_values import RestrictedCells, RestrictedValues, parts_of, values_of, words_of
from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class RestrictedHashes(Discreet):
    """The cells of a file in its restricted columns, each as a number. That two texts have one number is as good as impossible.

    Attributes:
        values: The numbers of their values, sorted.
        first_words: The numbers of the first words of values with several, sorted.
        forms: What restricted values look like: those that do are known by that.
    """

    values: pl.Series
    first_words: pl.Series
    forms: RestrictedForms = field(default_factory=RestrictedForms)

    @classmethod
    def of(cls, pieces: Iterable[Iterable[tuple[Column, pl.Series]]], forms: RestrictedForms) -> RestrictedHashes:
        """Those of restricted columns, piece by piece."""
        values, first_words = [pl.Series(dtype=pl.UInt64)], [pl.Series(dtype=pl.UInt64)]
        for cells in pieces:
            known = RestrictedCells.of(cells, forms)
            for cells_of, words in zip(known.plain_cells, known.first_words, strict=True):
                values.append(cells_of.unique().hash())
                # Most values are one word.
                first_words.append(words.filter(words != cells_of).unique().hash())
        # To find those that are there several times would take more memory than to keep them.
        return cls(pl.concat(values).sort(in_place=True), pl.concat(first_words).sort(in_place=True), forms)

    @property
    def cells(self) -> pl.Series:
        """The values; there is nothing to look for where there are none."""
        return self.values

    def values_in(self, texts: Collection[str]) -> RestrictedValues:
        """The values that stand in some texts."""
        words = pl.Series(list({part for text in texts for part in parts_of(text)}), dtype=pl.String)
        known = words.filter(_among(self.values, words.hash()))
        return RestrictedValues(frozenset(values_of(known) - self.forms.public))

    def may_stand_in(self, texts: pl.Series) -> pl.Series:
        """Positions of those of the texts that have a word with which a value begins."""
        words = words_of(texts)
        numbers = words["word"].hash()
        return words["at"].filter(_among(self.values, numbers) | _among(self.first_words, numbers)).unique()


def _among(known: pl.Series, asked: pl.Series) -> pl.Series:
    """Which numbers are among many sorted ones: each is looked up, as few are asked for."""
    if not len(known):
        return pl.repeat(value=False, n=len(asked), dtype=pl.Boolean, eager=True)
    places = known.search_sorted(asked).clip(upper_bound=len(known) - 1)
    return known.gather(places) == asked
