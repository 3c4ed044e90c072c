"""Which organisation a code or a name means on a given day, from the reference tables of the contracts.

A name must be one of those listed, apart from case, punctuation and spacing; a name that is merely similar is only
suggested. Without a list of organisations every code is accepted as it is.
"""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import polars as pl

from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.findings import Finding, make
from probation_etl.discreet import Discreet
from probation_etl.errors import ContractError

# Zero-width characters and apostrophes are removed; a minus sign counts as a dash. Marks of writing direction are kept
# on purpose: a name that contains one is reported as unknown rather than quietly corrected.
_ACCIDENTS = str.maketrans("\u2212", "-", "\u00ad\u200b\u200c\u200d\u2060\ufeff'\u2018\u2019\u02bc")


@lru_cache(maxsize=1 << 16)  # the same headers, sheets, units and organisations come in every return
def fold(text: str) -> str:
    """A name without differences of case, ampersands, dashes, punctuation, line breaks and spaces."""
    # Twice, because folding the case can undo the normal form, and the normal form can bring apostrophes back.
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text.translate(_ACCIDENTS)).casefold()
    text = unicodedata.normalize("NFKC", text).replace("&", " and ")
    return " ".join("".join(" " if unicodedata.category(char)[0] in "PZ" else char for char in text).split())


@dataclass(frozen=True)
class Organisation(Discreet, tells=("code",)):
    """One supplier.

    Attributes:
        kind: Decides which returns it sends.
        valid_from: None where the first day is not known.
        valid_to: None where it is still valid.
    """

    code: str
    name: str
    kind: str
    level: str
    valid_from: date | None
    valid_to: date | None

    def __str__(self) -> str:
        return f"{self.code} ({self.name})"

    def valid(self, on: date | None) -> bool:
        """Whether it is valid on that day; without a day, always."""
        return on is None or (self.valid_from or on) <= on <= (self.valid_to or on)


@dataclass(frozen=True)
class Resolution(Discreet):
    """The organisation that is meant, or a finding that says why it is not clear; both where the finding is a warning."""

    organisation: Organisation | None
    finding: Finding | None


@dataclass(frozen=True, eq=False)
class Reference(Discreet):
    """The reference tables, all columns String, and the organisations in them by code and by name."""

    tables: dict[str, pl.DataFrame]
    _listed: dict[str, list[Organisation]] = field(repr=False)
    _labels: dict[str, dict[str, str]] = field(repr=False)

    @classmethod
    def from_tables(cls, tables: dict[str, pl.DataFrame]) -> Reference:
        """Reads ``organisations`` and ``organisation_labels``, each where present.

        Raises:
            ContractError: A column is missing, a date is not yyyy-mm-dd, or a label has a code not listed.
        """
        listed: dict[str, list[Organisation]] = {}
        for row in _rows(tables, "organisations", "code", "name", "kind", "level", "valid_from", "valid_to"):
            entry = Organisation(row[0], row[1], row[2], row[3], _day(row[4]), _day(row[5]))
            listed.setdefault(entry.code.casefold(), []).append(entry)
        labels: dict[str, dict[str, str]] = {}
        names = [(entry.name, entry.code) for entries in listed.values() for entry in entries]
        for label, code in names + (_rows(tables, "organisation_labels", "label", "code") if names else []):
            if code.casefold() not in listed:
                raise ContractError(f"The label ‘{label}’ has the code ‘{code}’, which is not listed.")
            labels.setdefault(fold(label), {}).setdefault(listed[code.casefold()][0].code, label)
        return cls(tables, listed, labels)

    def bank_holidays(self) -> tuple[date, ...]:
        """The days of the table ``bank_holidays``, in order; none where there is no such table."""
        rows = _rows(self.tables, "bank_holidays", "date")
        return tuple(sorted(day for (text,) in rows if (day := _day(text))))

    def organisation(self, code: str, on: date | None) -> Organisation | None:
        """The organisation of that code, None where it is unknown or not valid on that day.

        Where several valid entries share a code, the last one listed is taken: the region, not the older division.
        """
        if "organisations" not in self.tables:
            return Organisation(code, code, "supplier", "", None, None)
        return next((entry for entry in self._listed.get(code.casefold(), [])[::-1] if entry.valid(on)), None)

    def valid_on(self, on: date) -> list[Organisation]:
        """Every organisation that is valid on that day, in the order of the list; one for each code."""
        found = (self.organisation(entries[0].code, on) for entries in self._listed.values())
        return [each for each in found if each is not None]

    def levels(self) -> dict[str, set[str]]:
        """The levels of the listed organisations, by their kind."""
        found: dict[str, set[str]] = {}
        for entry in (each for entries in self._listed.values() for each in entries):
            found.setdefault(entry.kind, set()).add(entry.level)
        return found

    def resolve(self, label: str | None, on: date | None, *, code: str | None = None) -> Resolution:
        """Which organisation is meant on that day. A code, where one is given, decides; the name is compared with it."""
        label, code = (text.strip() if text and fold(text) else "" for text in (label, code))
        return self._by_code(code, label, on) if code else self._by_label(label, on)

    def _by_code(self, code: str, label: str, on: date | None) -> Resolution:
        if "organisations" not in self.tables:
            return Resolution(Organisation(code, label or code, "supplier", "", None, None), None)
        if (entry := self.organisation(code, on)) is None:
            return _refusal("unknown-organisation", self._not_on(code, on), code)
        return self._with_name(label, entry)

    def _with_name(self, label: str, entry: Organisation) -> Resolution:
        named = self._labels.get(fold(label), {})
        if not label or entry.code in named:
            return Resolution(entry, None)
        if named:
            others = " and ".join(str(self._listed[code.casefold()][-1]) for code in named)
            text = f"The code is that of {entry}, but ‘{label}’ is the name of {others}."
            return _refusal("ambiguous-organisation", text, label)
        text = f"‘{label}’ is not a known name of {entry.code}: the list has ‘{entry.name}’."
        return Resolution(entry, make("unknown-organisation", expected=text, value=label, severity="warning"))

    def _by_label(self, label: str, on: date | None) -> Resolution:
        named = self._labels.get(fold(label), {}) if label else {}
        fitting = [entry for code in named if (entry := self.organisation(code, on))]
        if len(fitting) == 1:
            return Resolution(fitting[0], None)
        if fitting:
            names = " and ".join(map(str, fitting))
            return _refusal("ambiguous-organisation", f"‘{label}’ is a name of {names}.", label)
        message = " ".join(self._not_on(code, on) for code in named) or self._nothing_like(label)
        return _refusal("unknown-organisation", message, label)

    def _not_on(self, code: str, on: date | None) -> str:
        for entry in self._listed.get(code.casefold(), [])[-1:]:
            start = f"from {in_words(entry.valid_from)} " if entry.valid_from else ""
            end = in_words(entry.valid_to) if entry.valid_to else "now"
            return f"{entry} is valid {start}until {end}, not on {in_words(on) if on else 'that day'}."
        return f"No organisation has the code ‘{code}’."

    def _nothing_like(self, label: str) -> str:
        if not label:
            return "Neither the code nor the name of an organisation is given."
        for near in difflib.get_close_matches(fold(label), self._labels, n=1):
            known = " or ".join(f"‘{text}’ ({code})" for code, text in self._labels[near].items())
            return f"No organisation is called ‘{label}’. The nearest known name is {known}."
        return f"No organisation is called ‘{label}’."


def _refusal(code: str, message: str, value: str) -> Resolution:
    return Resolution(None, make(code, expected=message, value=value or None))


def _rows(tables: dict[str, pl.DataFrame], name: str, *columns: str) -> list[tuple[str, ...]]:
    if missing := set(columns) - set(tables[name].columns if name in tables else columns):
        raise ContractError(f"Reference table ‘{name}’ lacks the columns: {', '.join(sorted(missing))}.")
    return tables[name].select(pl.col(columns).fill_null("")).rows() if name in tables else []


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ContractError(f"‘{text}’ in a reference table is not a date like 2020-11-29.") from None
