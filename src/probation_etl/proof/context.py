"""Who may send a return of a contract, for which period: what its rules know beside its cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from probation_etl.contracts.forms import ISO
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.model.limits import day_of
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.pattern_texts import UnsupportedPattern, texts
from probation_etl.contracts.patterns import whole_match
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.parse import read_date
from probation_etl.proof.hints import Hints
from probation_etl.proof.moments import written_day

#: Period end of a contract that names no day at all.
_ANY_DAY = date(2020, 1, 31)
_MOST = 8
#: After a day that a contract names there must be room for periods before the one that is tried.
_LATER = timedelta(days=56)
_USUAL_DAYS = 28


@dataclass(frozen=True)
class Context(Discreet):
    """Who sends a return of a contract, for which period."""

    contract: ReturnContract
    supplier: Organisation
    period_end: date | None

    @property
    def period_start(self) -> date | None:
        """First day of the period, if the contract has a length or the cover gives the day."""
        cover, days = self.contract.identification.cover, self.contract.period_days
        if self.period_end is None or (days is None and not (cover and "period_start" in cover.labels)):
            return None
        return self.period_end - timedelta((days or _USUAL_DAYS) - 1)

    def columns(self) -> dict[str, object]:
        """Values of the columns that rules may use beside those of the return."""
        return {
            "supplier_code": self.supplier.code, "supplier_kind": self.supplier.kind,
            "period_start": self.period_start, "period_end": self.period_end,
            **({"file_name": self.file_name() or "return"} if self.contract.reads_file_name else {}),
        }  # fmt: skip

    def file_name(self) -> str | None:
        """A file name, with folders if the contract reads them, that gives supplier and period; None if there is no such name."""
        file_name, folder = self.contract.identification.file_name, self.contract.identification.folder
        name = self._named(file_name) if file_name else "return" if folder else None
        above = self._named(folder) if folder else None
        return name if folder is None or name is None else above and f"{above}/{name}"

    def sheet_name(self) -> str | None:
        """The name of a sheet that is the return; None if it is none."""
        sheet, pattern = self.contract.identification.sheet, self.contract.identification.sheet_pattern
        return self._named(pattern) if pattern else sheet

    def _named(self, pattern: str) -> str | None:
        """A name that a pattern matches, and that gives supplier and period as far as it has groups for them."""
        given = {"supplier_code": self.supplier.code, "period_end": str(self.period_end)}
        for name in _names(pattern, given):
            match = whole_match(pattern, (name,))
            if match and all(given.get(key, text) == text for key, text in match.groups.items()):
                return name
        return None

    def cell(self, column: str) -> str | None:
        """What a column of a row says if it says whose the row is, or for which period; None for any other column."""
        by, end = self.contract.identification, self.period_end
        if column == by.supplier_column:
            return self.supplier.code
        return written_day(end, self.contract.column(column)) if column == by.period_column and end else None


def contexts(contract: ReturnContract, rulebook: Rulebook) -> Iterator[Context]:
    """Contexts in which a return of the contract is allowed, the likeliest first."""
    for period_end in period_ends(contract, rulebook):
        allowed = [
            Context(contract, each, period_end)
            for each in suppliers(contract, rulebook, period_end)
            if contract.supplier_kind in (None, each.kind)
        ]
        yield from sorted(allowed, key=lambda each: each.file_name() is None)[:2]


def suppliers(contract: ReturnContract, rulebook: Rulebook, on: date | None) -> list[Organisation]:
    """Organisations that are valid on a day. Without a list of organisations, one that the file name allows."""
    listed = rulebook.tables.get("organisations")
    codes = [*listed["code"].unique(maintain_order=True)] if listed is not None else [_some_code(contract)]
    return [each for code in codes if code and (each := rulebook.reference.organisation(code, on))]


def _some_code(contract: ReturnContract) -> str:
    for pattern in contract.identification.patterns.values():
        matches = (whole_match(pattern, (name,)) for name in _names(pattern))
        codes = (match.groups.get("supplier_code") for match in matches if match)
        if code := next((code.upper() for code in codes if code), None):
            return code
    return "S1"


def _names(pattern: str | None, groups: dict[str, str] | None = None) -> list[str]:
    try:
        return texts(pattern, groups=groups) if pattern else []
    except UnsupportedPattern:
        return []


def period_ends(contract: ReturnContract, rulebook: Rulebook) -> list[date]:
    """Days on which the contract is in force, a few: the latest day that it names with time to spare, then all of them."""
    hints = Hints()
    for rule in contract.rules:
        hints.learn(rule.expression)
    named = [
        *(day_of(bound) for column in contract.columns for bound in column.interval.bounds),
        *(read_date(text, ISO) for text in (*hints.texts, *_validity(rulebook), *_listed(contract, rulebook))),
        contract.effective_from,
        contract.effective_to,
    ]
    days = sorted({day for day in named if isinstance(day, date)}, reverse=True) or [_ANY_DAY]
    later = [day + _LATER for day in days if day < date.max - _LATER]
    return [day for day in dict.fromkeys([*later[:1], *days, *later]) if contract.in_force(day)][:_MOST]


def _listed(contract: ReturnContract, rulebook: Rulebook) -> set[str]:
    """Days that a reference table has, where a date of the return must be one of them, or looks something up: the last few."""
    lookups = [lookup for rule in contract.rules for lookup in rule.lookups.values()]
    named = [rulebook.tables[each.table][name] for each in lookups for name in (each.valid_from, each.valid_to) if name]
    named += [
        rulebook.tables[each.table][there]
        for each in contract.memberships
        for here, there in each.columns.items()
        if contract.column(here).type == "date"
    ]
    return {day for days in named for day in days.drop_nulls().unique().sort().tail(_MOST)}


def _validity(rulebook: Rulebook) -> set[str]:
    """Days on which organisations begin or end."""
    listed = rulebook.tables.get("organisations")
    names = [name for name in ("valid_from", "valid_to") if listed is not None and name in listed.columns]
    return {day for name in names if listed is not None for day in listed[name].drop_nulls()}
