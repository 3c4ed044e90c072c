"""Restricted values of one file, which are looked for wherever they stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from probation_etl.contracts.damage import ANY_TRACE
from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import Column
from probation_etl.contracts.patterns import polars_pattern
from probation_etl.contracts.restricted_forms import RestrictedForms
from probation_etl.discreet import Discreet

#: Characters of a value that is looked for elsewhere: shorter ones stand in a file by chance.
_LEAST, _LEAST_OF_LETTERS = 5, 4
_WORD = r"[^\s‘’“”\"(),;:=<>\[\]{}]+"
#: Words of a value that is looked for in a longer text.
_MOST_WORDS = 4
_WORDS, _QUOTED = re.compile(_WORD), re.compile("‘[^‘]*’")


@dataclass(frozen=True)
class RestrictedValues(Discreet):
    """Restricted values of one file.

    Attributes:
        values: The values, in small letters.
    """

    values: frozenset[str] = frozenset()

    @classmethod
    def of(cls, cells: Iterable[tuple[Column, pl.Series]], forms: RestrictedForms) -> RestrictedValues:
        """Those of restricted columns with these cells: values of a list and days tell nobody apart."""
        found: set[str] = set()
        for column, texts in cells:
            if column.labels or column.type in ("date", "boolean"):
                continue
            text = texts.drop_nulls().unique().str.strip_chars()
            if column.pattern in forms.patterns:
                # Others look like restricted values, and are known by that.
                text = text.filter(~text.str.contains(f"(?i){polars_pattern(column.pattern)}"))
            if not len(text):
                continue
            # What a program left there is nobody's value, and may stand anywhere.
            text = text.filter(~text.str.contains(ANY_TRACE)).str.to_lowercase()
            least = pl.when(pl.col("").str.contains("[0-9]")).then(_LEAST).otherwise(_LEAST_OF_LETTERS)
            long = text.alias("").to_frame().filter(pl.col("").str.len_chars() >= least)
            found.update(long[""].to_list())
        return cls(frozenset(found - forms.public))

    def masked(self, text: str, *, sentence: bool = False) -> str:
        """A text in which a value shows its shape alone: one that is the whole of it, or words in it.

        Args:
            text: The text.
            sentence: Whether it is a sentence of ours, in which values stand in quotation marks.
        """
        if not self.values:
            return text
        return _QUOTED.sub(lambda part: self._without(part[0]), text) if sentence else self._without(text)

    def may_stand_in(self, texts: pl.Series) -> pl.Series:
        """Positions of those of the texts that have a word with which a value begins."""
        words = pl.DataFrame({"at": range(len(texts)), "word": texts.str.to_lowercase().str.extract_all(_WORD)})
        return words.explode("word").filter(pl.col("word").str.strip_chars("'.!?").is_in(self._first))["at"].unique()

    @cached_property
    def _first(self) -> pl.Series:
        """The words with which values begin, as one list: a large return has a million, and is asked for several times."""
        return pl.Series([*self.values, *self._leading], dtype=pl.String).implode()

    @cached_property
    def _leading(self) -> frozenset[str]:
        """The first words of values of several words."""
        return frozenset(each.split(maxsplit=1)[0] for each in self.values if " " in each)

    def _without(self, text: str) -> str:
        if text.strip().lower() in self.values:
            return shape(text)
        if self._leading:
            text = self._without_phrases(text)
        return _WORDS.sub(lambda part: shape(part[0]) if _plain(part[0]) in self.values else part[0], text)

    def _without_phrases(self, text: str) -> str:
        words = list(_WORDS.finditer(text))
        for at, first in enumerate(words):
            for last in words[at + 1 : at + _MOST_WORDS] if _plain(first[0]) in self._leading else ():
                span = text[first.start() : last.end()]
                if _plain(span) in self.values:
                    text = f"{text[: first.start()]}{shape(span)}{text[last.end() :]}"
        return text


def _plain(words: str) -> str:
    """Words as values are kept, without the marks that a sentence sets around them."""
    return words.strip("'.!?").lower()
