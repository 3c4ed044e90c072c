"""Restricted values of one file, which are looked for wherever they stand in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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
_APART = r"\s‘’“”\"(),;:=<>\[\]{}"
_WORD = rf"[^{_APART}]+"
#: Of fewer cells all values are made at once: to look for single ones among them takes as long.
_FEW_CELLS = 1 << 14
#: Types of which a value may tell of whom it is: days and times are those of many.
_TELLING = ("string", "integer", "number")
#: Words of a value that is looked for in a longer text.
_MOST_WORDS = 4
#: Marks that a sentence sets around words.
_MARKS = "'.!?"
_ONE_WORD = rf"^[^{_APART}{_MARKS}](?:[^{_APART}]*[^{_APART}{_MARKS}])?$"
_WORDS, _QUOTED = re.compile(_WORD), re.compile("‘[^‘]*’")


@dataclass(frozen=True)
class RestrictedValues(Discreet):
    """Restricted values of one file.

    Attributes:
        values: The values, in small letters.
    """

    values: frozenset[str] = frozenset()

    def masked(self, text: str, *, sentence: bool = False) -> str:
        """A text in which a value shows its shape alone: one that is the whole of it, or words in it.

        Args:
            text: The text.
            sentence: Whether it is a sentence of ours, in which values stand in quotation marks.
        """
        if not self.values:
            return text
        return _QUOTED.sub(lambda part: self._without(part[0]), text) if sentence else self._without(text)

    @cached_property
    def leading(self) -> frozenset[str]:
        """The first words of values of several words."""
        found = (_WORDS.findall(each) for each in self.values)
        return frozenset(_plain(words[0]) for words in found if len(words) > 1)

    def _without(self, text: str) -> str:
        if text.strip().lower() in self.values:
            return shape(text)
        if self.leading:
            text = self._without_phrases(text)
        return _WORDS.sub(lambda part: shape(part[0]) if _plain(part[0]) in self.values else part[0], text)

    def _without_phrases(self, text: str) -> str:
        words = list(_WORDS.finditer(text))
        for at, first in enumerate(words):
            for last in words[at + 1 : at + _MOST_WORDS] if _plain(first[0]) in self.leading else ():
                span = text[first.start() : last.end()]
                if _plain(span) in self.values:
                    text = f"{text[: first.start()]}{shape(span)}{text[last.end() :]}"
        return text


@dataclass(frozen=True)
class RestrictedCells(Discreet):
    """The cells of one file in its restricted columns. A large file has millions of values, of which few are asked for.

    Attributes:
        cells: The cells, by their columns: values of a list and days tell nobody apart, so they are not among them.
        forms: What restricted values look like: those that do are known by that.
    """

    cells: tuple[tuple[Column, pl.Series], ...] = ()
    forms: RestrictedForms = field(default_factory=RestrictedForms)

    @classmethod
    def of(cls, cells: Iterable[tuple[Column, pl.Series]], forms: RestrictedForms) -> RestrictedCells:
        """Those of restricted columns."""
        telling = ((column, texts) for column, texts in cells if not column.labels)
        return cls(tuple(each for each in telling if each[0].type in _TELLING), forms)

    def values_in(self, texts: Collection[str]) -> RestrictedValues:
        """The values that stand in some texts, and perhaps others."""
        if self._all is not None:
            return self._all
        words = pl.Series(list({part for text in texts for part in parts_of(text)}), dtype=pl.String)
        return self._values(cells.is_in(words.implode()) for cells in self.plain_cells)

    def may_stand_in(self, texts: pl.Series) -> pl.Series:
        """Positions of those of the texts that have a word with which a value begins."""
        words = words_of(texts)
        values = self._all or self._values(cells.is_in(words["word"].unique().implode()) for cells in self.first_words)
        first = pl.Series([*values.values, *values.leading], dtype=pl.String).implode()
        return words.filter(pl.col("word").is_in(first))["at"].unique()

    @cached_property
    def _all(self) -> RestrictedValues | None:
        """All values, where they are few."""
        if sum(len(texts) for _, texts in self.cells) > _FEW_CELLS:
            return None
        return self._values(pl.repeat(value=True, n=len(texts), eager=True) for texts in self._texts)

    @cached_property
    def _texts(self) -> list[pl.Series]:
        """The texts of the cells, by column. Those that look like restricted values are left out: they are known by that."""
        found, cell = [], pl.first()
        for column, cells in self.cells:
            texts = cells.to_frame().lazy().drop_nulls().select(cell.str.strip_chars())
            if column.pattern in self.forms.patterns:
                texts = texts.filter(~cell.str.contains(f"(?i){polars_pattern(column.pattern)}"))
            found.append(texts)
        return _all_at_once(found)

    @cached_property
    def plain_cells(self) -> list[pl.Series]:
        """The same as values are kept."""
        return _all_at_once([texts.to_frame().lazy().select(pl.first().str.to_lowercase()) for texts in self._texts])

    @cached_property
    def first_words(self) -> list[pl.Series]:
        """The first word of each cell."""
        found = []
        for texts in self.plain_cells:
            at = (~texts.str.contains(_ONE_WORD)).arg_true()
            words = texts.gather(at).str.extract(f"({_WORD})").str.strip_chars(_MARKS)
            # Polars writes into the column that it is given.
            found.append(texts.clone().scatter(at, words) if at.len() else texts)
        return found

    def _values(self, asked: Iterable[pl.Series]) -> RestrictedValues:
        """The values of the cells that are asked for: by column, a Boolean series that is true for them."""
        found: set[str] = set()
        for texts, which in zip(self._texts, asked, strict=True):
            found |= values_of(texts.filter(which).unique())
        return RestrictedValues(frozenset(found - self.forms.public))


def _all_at_once(columns: Sequence[pl.LazyFrame]) -> list[pl.Series]:
    return [each.to_series() for each in pl.collect_all(columns)]


def values_of(texts: pl.Series) -> set[str]:
    """Texts of restricted cells as values are kept, those that are looked for elsewhere."""
    if not len(texts):
        return set()
    # What a program left there is nobody's value, and may stand anywhere.
    text = texts.filter(~texts.str.contains(ANY_TRACE)).str.to_lowercase()
    least = pl.when(pl.col("").str.contains("[0-9]")).then(_LEAST).otherwise(_LEAST_OF_LETTERS)
    return {*text.alias("").to_frame().filter(pl.col("").str.len_chars() >= least)[""]}


def words_of(texts: pl.Series) -> pl.DataFrame:
    """The words of texts: the position of the text (``at``), and the ``word`` as values are kept."""
    found = pl.DataFrame({"at": range(len(texts)), "word": texts.str.to_lowercase().str.extract_all(_WORD)})
    return found.explode("word").with_columns(pl.col("word").str.strip_chars(_MARKS))


def parts_of(text: str) -> Iterator[str]:
    """What may be a value in a text: all of it, what it quotes, and each word with up to three that follow it."""
    yield text.strip().lower()
    yield from (each[0].strip().lower() for each in _QUOTED.finditer(text))
    words = list(_WORDS.finditer(text))
    for at, first in enumerate(words):
        yield from (_plain(text[first.start() : last.end()]) for last in words[at : at + _MOST_WORDS])


def _plain(words: str) -> str:
    """Words as values are kept, without the marks that a sentence sets around them."""
    return words.strip(_MARKS).lower()
