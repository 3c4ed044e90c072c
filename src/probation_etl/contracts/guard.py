r"""What must not be shown wherever it stands: texts that look like a value of a restricted column, and such values themselves.

A text looks like one if a part of it matches the pattern of a restricted column of any contract, and that pattern is specific
enough: each text by it has a letter, two digits, and five of both together. ``^[A-Z]\d{6}$`` is; ``^\d+$``, which would hide
every number, is not. What the contracts and reference tables say themselves, such as the example in a hint, is no secret.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

import polars as pl

from probation_etl.contracts.damage import ANY_TRACE
from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.pattern_texts import UnsupportedPattern, texts
from probation_etl.contracts.patterns import polars_pattern, python_pattern, unanchored
from probation_etl.discreet import Discreet

#: Characters of a value that is looked for elsewhere: shorter ones stand in a file by chance.
_LEAST, _LEAST_OF_LETTERS = 5, 4
_WORD = r"[^\s‘’“”\"(),;:=<>\[\]{}]+"
#: Words of a value that is looked for in a longer text.
_MOST_WORDS = 4
_WORDS, _QUOTED = re.compile(_WORD), re.compile("‘[^‘]*’")
#: Letters and digits of full width, which look like the usual ones.
_WIDE, _WIDE_LETTER = r"[\x{FF10}-\x{FF5A}]", re.compile("[\uff10-\uff5a]")
#: Texts that are looked at one by one without a search for those in which something may have to be masked.
_FEW = 500
_DIGITS_OF_NAME = 8


def is_specific(pattern: str) -> bool:
    """Whether a text that matches a pattern can hardly be anything else."""
    return any(_samples(pattern))


def _samples(pattern: str) -> list[str]:
    """Texts by a specific pattern; none where it is not specific, or not understood."""
    try:
        found = texts(pattern)
    except UnsupportedPattern:
        return []
    counts = [(sum(map(str.isalpha, each)), sum(map(str.isdigit, each))) for each in found]
    return found if all(letters and digits > 1 and letters + digits >= _LEAST for letters, digits in counts) else []


@dataclass(frozen=True)
class Guard(Discreet):
    """Masks what looks like, or is, a restricted value.

    Attributes:
        patterns: Patterns of restricted columns that are specific enough.
        public: What the contracts say themselves, in small letters.
        values: Restricted values of one file, in small letters.
    """

    patterns: tuple[str, ...] = ()
    public: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()

    @classmethod
    def of(cls, contracts: Iterable[Contract], tables: Mapping[str, pl.DataFrame]) -> Guard:
        """The guard of the contracts of a directory, with their reference tables."""
        known = list(contracts)
        restricted = [
            each.pattern for contract in known for each in contract.columns if each.restricted and each.pattern
        ]
        bare = cls(tuple(pattern for pattern in dict.fromkeys(restricted) if is_specific(pattern)))
        said = pl.Series(list(dict.fromkeys(_texts_in(known))), dtype=pl.String)
        listed = [column for table in tables.values() for column in table.get_columns() if column.dtype == pl.String]
        alike = [part.lower() for each in (said, *listed) for text in bare.suspects(each) for part in bare.alike(text)]
        return replace(bare, public=frozenset([*said.str.to_lowercase(), *alike]))

    def beside(self, cells: Iterable[tuple[Column, pl.Series]]) -> Guard:
        """The same for a file with these cells in restricted columns: values of a list and days tell nobody apart."""
        found: set[str] = set()
        for column, texts_ in cells:
            if column.labels or column.type in ("date", "boolean"):
                continue
            text = texts_.drop_nulls().unique().str.strip_chars()
            # What a program left there is nobody's value, and may stand anywhere.
            text = text.filter(~text.str.contains(ANY_TRACE)).str.to_lowercase()
            if column.pattern in self.patterns:
                # Others look like restricted values, and are known by that.
                text = text.filter(~text.str.contains(f"(?i){polars_pattern(column.pattern)}"))
            least = pl.when(pl.col("").str.contains("[0-9]")).then(_LEAST).otherwise(_LEAST_OF_LETTERS)
            long = text.alias("").to_frame().filter(pl.col("").str.len_chars() >= least)
            found.update(long[""].to_list())
        found -= self.public
        return replace(self, values=frozenset(found))

    def masked(self, texts_: pl.Series, *, sentences: bool = False) -> pl.Series:
        """Texts with what must not be shown as its shape alone; null stays null.

        Args:
            texts_: Texts, String.
            sentences: Whether they are sentences of ours, in which values stand in quotation marks.
        """
        found = {each: self.text(each, sentence=sentences) for each in self.suspects(texts_)}
        changed = {text: shown for text, shown in found.items() if shown != text}
        return texts_.replace(list(changed), list(changed.values())) if changed else texts_

    def text(self, text: str, *, sentence: bool = False) -> str:
        """One text with what must not be shown as its shape alone."""
        hidden = self._without_alike(text) if self.patterns else text
        if not self.values:
            return hidden
        return _QUOTED.sub(self._quoted, hidden) if sentence else self._without_values(hidden)

    def file_name(self, name: str, sha256: str) -> str:
        """The name of a file as it may be shown; one that is masked carries the first digits of its SHA-256, to be found by."""
        mark = f"~{sha256[:_DIGITS_OF_NAME]}"
        if mark in name:
            return name
        shown = self.text(name)
        if shown == name:
            return name
        path = PurePosixPath(shown)
        stem, dot, ending = path.name.partition(".")
        return path.with_name(f"{stem}{mark}{dot}{ending}").as_posix()

    def looks_restricted(self, texts_: pl.Series) -> pl.Series:
        """For each text, whether it holds what looks like, or is, a restricted value with a digit in it."""
        odd = [each for each in self.suspects(texts_) if self.text(each) != each and any(map(str.isdigit, each))]
        return texts_.is_in(odd).fill_null(value=False) if odd else pl.repeat(value=False, n=len(texts_), eager=True)

    def admitted_by(self, pattern: str) -> bool:
        """Whether a column with a pattern may hold what looks like a restricted value."""
        return any(re.search(python_pattern(pattern) or "", each) for own in self.patterns for each in _samples(own))

    def suspects(self, texts_: pl.Series) -> list[str]:
        """Those of the texts, each once, that have to be looked at one by one."""
        if not (self.patterns or self.values):
            return []
        distinct = texts_.drop_nulls().unique(maintain_order=True)
        if len(distinct) <= _FEW:
            return distinct.to_list()
        odd = distinct.str.contains(self._anywhere)
        if self.values:
            first = pl.Series([*self.values, *self._leading], dtype=pl.String).implode()
            words = pl.DataFrame(
                {"at": range(len(distinct)), "word": distinct.str.to_lowercase().str.extract_all(_WORD)}
            )
            hits = words.explode("word").filter(pl.col("word").str.strip_chars("'.!?").is_in(first))["at"].unique()
            odd = odd.scatter(hits, values=True)
        return distinct.filter(odd).to_list()

    def alike(self, text: str) -> list[str]:
        """The parts of a text that look like restricted values."""
        return [part[0] for part in self._form.finditer(_usual(text))] if self.patterns else []

    def _without_alike(self, text: str) -> str:
        usual = _usual(text)
        if usual == text:
            return self._form.sub(self._masked_part, text)
        spans = [part.span() for part in self._form.finditer(usual)]
        for start, end in reversed(spans):
            text = text[:start] + self._masked_part_of(usual[start:end]) + text[end:]
        return text

    def _masked_part(self, part: re.Match[str]) -> str:
        return self._masked_part_of(part[0])

    def _masked_part_of(self, part: str) -> str:
        return part if part.lower() in self.public else shape(part)

    @cached_property
    def _anywhere(self) -> str:
        """The patterns for Polars, without a look at what stands around."""
        return "|".join([*(f"(?i:{polars_pattern(unanchored(each))})" for each in self.patterns), _WIDE])

    @cached_property
    def _form(self) -> re.Pattern[str]:
        """The same for Python; a number is never cut in two."""
        given = (python_pattern(unanchored(each)) for each in self.patterns)
        return re.compile(
            rf"(?<![0-9](?=[0-9]))(?i:{'|'.join(f'(?:{each})' for each in given if each)})(?!(?<=[0-9])[0-9])"
        )

    @cached_property
    def _leading(self) -> frozenset[str]:
        """The first words of values of several words."""
        return frozenset(each.split(maxsplit=1)[0] for each in self.values if " " in each)

    def _quoted(self, part: re.Match[str]) -> str:
        return self._without_values(part[0])

    def _without_values(self, text: str) -> str:
        """A text without values, which are the whole of it or words in it."""
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


#: Nothing is known that must not be shown.
UNGUARDED = Guard()


def _plain(words: str) -> str:
    """Words as values are kept, without the marks that a sentence sets around them."""
    return words.strip("'.!?").lower()


def _usual(text: str) -> str:
    """A text with letters and digits of full width as the usual ones, each in its place."""
    if not _WIDE_LETTER.search(text):
        return text
    return _WIDE_LETTER.sub(lambda letter: unicodedata.normalize("NFKC", letter[0]), text)


def _texts_in(value: object) -> Iterator[str]:
    """Every text in a value of a contract."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts_in([*value.keys(), *value.values()])
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _texts_in([getattr(value, each.name) for each in fields(value)])
    elif isinstance(value, Iterable):
        for each in value:
            yield from _texts_in(each)
