r"""What restricted values look like: the patterns of their columns.

A text looks like one if a part of it matches the pattern of a restricted column of any contract, and that pattern is specific
enough: each text by it has a letter, two digits, and five of both together. ``^[A-Z]\d{6}$`` is; ``^\d+$``, which would hide
every number, is not. What the contracts and reference tables say themselves, such as the example in a hint, is no secret.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import Contract
from probation_etl.contracts.pattern_texts import UnsupportedPattern, texts
from probation_etl.contracts.patterns import found_in, polars_pattern, python_pattern, tries_again, unanchored
from probation_etl.discreet import Discreet

_LEAST = 5
#: Characters of a text in which the parts to be masked are looked for; a longer one is masked as a whole.
_LONG = 2_000
#: Letters and digits of full width, which look like the usual ones.
_WIDE, _WIDE_LETTER = r"[\x{FF10}-\x{FF5A}]", re.compile("[\uff10-\uff5a]")


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
class RestrictedForms(Discreet):
    """What restricted values of any file look like.

    Attributes:
        patterns: Patterns of restricted columns that are specific enough.
        public: What the contracts say themselves, in small letters.
    """

    patterns: tuple[str, ...] = ()
    public: frozenset[str] = frozenset()

    @classmethod
    def of(cls, contracts: Iterable[Contract]) -> RestrictedForms:
        """Those of the columns of contracts; nothing is public yet."""
        columns = (each for contract in contracts for each in contract.columns)
        restricted = dict.fromkeys(each.pattern for each in columns if each.restricted and each.pattern)
        return cls(tuple(filter(is_specific, restricted)))

    def admitted_by(self, pattern: str) -> bool:
        """Whether a column with a pattern may hold what looks like a restricted value."""
        return any(any(found_in(pattern, _samples(own))) for own in self.patterns)

    def alike(self, text: str) -> list[str]:
        """The parts of a text that look like restricted values."""
        return [part[0] for part in self._form.finditer(_usual(text))] if self.patterns and len(text) <= _LONG else []

    def masked(self, text: str) -> str:
        """A text in which such parts show their shape alone, unless they are public."""
        if not self.patterns:
            return text
        usual = _usual(text)
        coarse = self.anywhere if len(text) > _LONG else self._coarse
        if coarse and pl.Series([usual]).str.contains(coarse).item():
            return shape(text)
        if len(text) > _LONG:
            return text
        if usual == text:
            return self._form.sub(lambda part: self._shown(part[0]), text)
        spans = [part.span() for part in self._form.finditer(usual)]
        for start, end in reversed(spans):
            text = text[:start] + self._shown(usual[start:end]) + text[end:]
        return text

    @cached_property
    def anywhere(self) -> str:
        """The patterns for Polars, without a look at what stands around: what they do not match holds no such part."""
        return "|".join([*(f"(?i:{polars_pattern(unanchored(each))})" for each in self.patterns), _WIDE])

    @cached_property
    def _coarse(self) -> str:
        """The patterns, for Polars, that Python could try for ever: a text with one is masked as a whole."""
        return "|".join(f"(?i:{polars_pattern(unanchored(each))})" for each in self.patterns if tries_again(each))

    @cached_property
    def _form(self) -> re.Pattern[str]:
        """The same for Python; a number is never cut in two."""
        given = [python_pattern(unanchored(each)) for each in self.patterns if not tries_again(each)]
        any_of_them = "|".join(f"(?:{each})" for each in given if each) or "(?!)"
        return re.compile(rf"(?<![0-9](?=[0-9]))(?i:{any_of_them})(?!(?<=[0-9])[0-9])")

    def _shown(self, part: str) -> str:
        return part if part.lower() in self.public else shape(part)


def _usual(text: str) -> str:
    """A text with letters and digits of full width as the usual ones, each in its place."""
    if not _WIDE_LETTER.search(text):
        return text
    return _WIDE_LETTER.sub(lambda letter: unicodedata.normalize("NFKC", letter[0]), text)
