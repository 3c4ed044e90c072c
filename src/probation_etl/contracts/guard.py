"""What must not be shown wherever it stands: texts that look like a value of a restricted column, and such values themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import PurePosixPath

import polars as pl

from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.restricted_forms import RestrictedForms
from probation_etl.contracts.restricted_hashes import RestrictedHashes
from probation_etl.contracts.restricted_values import RestrictedCells
from probation_etl.discreet import Discreet

#: Texts that are looked at one by one without a search for those in which something may have to be masked.
_FEW = 500
_DIGITS_OF_NAME = 8


@dataclass(frozen=True)
class Guard(Discreet):
    """Masks what looks like, or is, a restricted value.

    Attributes:
        forms: What restricted values look like.
        known: Restricted cells of one file.
    """

    forms: RestrictedForms = field(default_factory=RestrictedForms)
    known: RestrictedCells | RestrictedHashes = field(default_factory=RestrictedCells)

    @classmethod
    def of(cls, contracts: Iterable[Contract], tables: Mapping[str, pl.DataFrame]) -> Guard:
        """The guard of the contracts of a directory, with their reference tables."""
        known = list(contracts)
        bare = cls(RestrictedForms.of(known))
        said = pl.Series(list(dict.fromkeys(_texts_in(known))), dtype=pl.String)
        listed = [column for table in tables.values() for column in table.get_columns() if column.dtype == pl.String]
        suspects = [text for each in (said, *listed) for text in bare.suspects(each)]
        alike = [part.lower() for text in suspects for part in bare.forms.alike(text)]
        return cls(replace(bare.forms, public=frozenset([*said.str.to_lowercase(), *alike])))

    def beside(self, cells: Iterable[tuple[Column, pl.Series]]) -> Guard:
        """The same for a file with these cells in restricted columns."""
        return replace(self, known=RestrictedCells.of(cells, self.forms))

    def beside_pieces(self, pieces: Iterable[Iterable[tuple[Column, pl.Series]]]) -> Guard:
        """The same for a long file with these cells in restricted columns, piece by piece."""
        return replace(self, known=RestrictedHashes.of(pieces, self.forms))

    def masked(self, texts: pl.Series, *, sentences: bool = False) -> pl.Series:
        """Texts with what must not be shown as its shape alone; null stays null.

        Args:
            texts: Texts, String.
            sentences: Whether they are sentences of ours, in which values stand in quotation marks.
        """
        changed = self._changed(self.suspects(texts), sentences=sentences)
        return texts.replace(list(changed), list(changed.values())) if changed else texts

    def text(self, text: str, *, sentence: bool = False) -> str:
        """One text with what must not be shown as its shape alone."""
        return self._changed([text], sentences=sentence).get(text, text)

    def _changed(self, texts: Iterable[str], *, sentences: bool = False) -> dict[str, str]:
        """Those of the texts in which something must not be shown, with what may be."""
        formed = {text: self.forms.masked(text) for text in texts}
        known = self.known.values_in(formed.values())
        shown = ((text, known.masked(each, sentence=sentences)) for text, each in formed.items())
        return {text: each for text, each in shown if each != text}

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

    def looks_restricted(self, texts: pl.Series) -> pl.Series:
        """For each text, whether it holds what looks like, or is, a restricted value with a digit in it."""
        odd = [each for each in self._changed(self.suspects(texts)) if any(map(str.isdigit, each))]
        return texts.is_in(odd).fill_null(value=False) if odd else pl.repeat(value=False, n=len(texts), eager=True)

    def suspects(self, texts: pl.Series) -> list[str]:
        """Those of the texts, each once, that have to be looked at one by one."""
        if not (self.forms.patterns or len(self.known.cells)):
            return []
        if len(texts) <= _FEW:
            return [each for each in dict.fromkeys(texts.to_list()) if each is not None]
        distinct = texts.drop_nulls().unique(maintain_order=True)
        if len(distinct) <= _FEW:
            return distinct.to_list()
        odd = distinct.str.contains(self.forms.anywhere)
        if len(self.known.cells):
            odd = odd.scatter(self.known.may_stand_in(distinct), values=True)
        return distinct.filter(odd).to_list()


#: Nothing is known that must not be shown.
UNGUARDED = Guard()


def _texts_in(value: object) -> Iterator[str]:
    """Every text in a value of a contract."""
    if isinstance(value, str):
        yield value
    elif value is None or isinstance(value, bool | int):
        return
    elif isinstance(value, Mapping):
        yield from _texts_in([*value.keys(), *value.values()])
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _texts_in([getattr(value, each.name) for each in fields(value)])
    elif isinstance(value, Iterable):
        for each in value:
            yield from _texts_in(each)
