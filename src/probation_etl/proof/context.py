"""Settings in which a return is judged: who sends it, for which period, in a file of which name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.parse import read_date
from probation_etl.proof.patterns import UnsupportedPattern, texts

_WITHOUT_DAYS = date(2020, 1, 31)
_ISO = "yyyy-MM-dd"


@dataclass(frozen=True)
class Setting:
    """Who sends a return of a contract, for which period, in a file of which name."""

    contract: ReturnContract
    supplier: Organisation
    period_end: date | None

    @property
    def period_start(self) -> date | None:
        """First day of the period; a cover that gives one gives four weeks where the contract has no length."""
        cover, days = self.contract.identification.cover, self.contract.period_days
        if self.period_end is None or (days is None and not (cover and "period_start" in cover.labels)):
            return None
        return self.period_end - timedelta((days or 28) - 1)

    def context(self) -> dict[str, object]:
        """What the rules know of the sender."""
        return {
            "supplier_code": self.supplier.code, "supplier_kind": self.supplier.kind,
            "period_start": self.period_start, "period_end": self.period_end,
        }  # fmt: skip

    def file_name(self) -> str | None:
        """A name that says who sends it for which period; None where the contract has none that can be made."""
        pattern = self.contract.identification.file_name
        told = {"supplier_code": self.supplier.code, "period_end": str(self.period_end)}
        try:
            made = texts(pattern, groups=told) if pattern else []
        except UnsupportedPattern:
            return None
        for name in made:
            match = re.fullmatch(pattern or "", name, re.IGNORECASE)
            if match and all(told.get(key, text) == text for key, text in match.groupdict().items()):
                return name
        return None


def settings(contract: ReturnContract, rulebook: Rulebook) -> Iterator[Setting]:
    """Settings in which a return of the contract would be welcome, the likeliest first."""
    for period_end in period_ends(contract, rulebook):
        welcome = [
            Setting(contract, each, period_end)
            for each in suppliers(contract, rulebook, period_end)
            if contract.supplier_kind in (None, each.kind)
        ]
        yield from sorted(welcome, key=lambda each: each.file_name() is None)[:2]


def suppliers(contract: ReturnContract, rulebook: Rulebook, on: date | None) -> list[Organisation]:
    """Organisations valid on a day; where there is no list of them, one that the file's name could be of."""
    listed = rulebook.tables.get("organisations")
    codes = [*listed["code"].unique(maintain_order=True)] if listed is not None else [_some_code(contract)]
    return [each for code in codes if code and (each := rulebook.reference.organisation(code, on))]


def _some_code(contract: ReturnContract) -> str:
    pattern = contract.identification.file_name
    try:
        matches = [re.fullmatch(pattern, name, re.IGNORECASE) for name in texts(pattern)] if pattern else []
    except UnsupportedPattern:
        matches = []
    codes = [match["supplier_code"] for match in matches if match and "supplier_code" in match.groupdict()]
    return next((code.upper() for code in codes if code), "S1")


def period_ends(contract: ReturnContract, rulebook: Rulebook) -> list[date]:
    """Last days of periods that the contract covers, after every day that it speaks of where there is one."""
    bounds = [bound for column in contract.columns for bound in column.interval.bounds]
    quoted = re.findall(r"'(\d{4}-\d{2}-\d{2})'", " ".join(rule.expression for rule in contract.rules))
    days = [
        *bounds,
        *(read_date(text, _ISO) for text in quoted),
        contract.effective_from,
        contract.effective_to,
    ]
    listed = rulebook.tables.get("organisations", pl.DataFrame())
    valid = [
        each for name in ("valid_from", "valid_to") if name in listed.columns for each in listed[name].drop_nulls()
    ]
    days += [read_date(text, _ISO) for text in sorted(set(valid))]
    known = sorted({day for day in days if isinstance(day, date)}, reverse=True) or [_WITHOUT_DAYS]
    later = [date.fromordinal(day.toordinal() + 56) for day in known if day.toordinal() + 56 < date.max.toordinal()]
    return [day for day in dict.fromkeys([*later[:1], *known, *later]) if contract.in_force(day)][:8]
