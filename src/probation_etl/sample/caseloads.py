"""Average caseloads: published figures where there are any, synthetic ones for other days and organisations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Protocol

from probation_etl.sample.fortnights import Fortnight
from probation_etl.sample.sheets import Cell
from probation_etl.sample.tables import Figure, Sender, Tables

_LEAST_OFFICERS = 10
"""An average without decimals is within 0.05 of cases ÷ officers only where the officers are ten or more."""


class _Dated(Protocol):
    """An average caseload on a day."""

    @property
    def as_at(self) -> date: ...
    @property
    def average_caseload(self) -> Decimal | float: ...


@dataclass(frozen=True)
class Caseload:
    """The average caseload of one grade in one unit, or in the whole organisation, on one day.

    Attributes:
        unit: None for the whole organisation.
        officers_fte: None where the average alone is known.
    """

    sender: Sender
    unit: tuple[str, str] | None
    grade: str
    as_at: date
    officers_fte: Decimal | None
    cases: int | None
    average_caseload: Decimal

    def crc_record(self) -> dict[str, Cell]:
        """As a row of the Caseload sheet."""
        return {**self._figures(), "ldu": self.unit and self.unit[1], "grade": self.grade}

    def nps_record(self, tables: Tables) -> dict[str, Cell]:
        """As a row of the caseload extract."""
        return {
            **self._figures(),
            "provider_code": self.sender.code,
            "ldu": self.unit and self.unit[0],
            "grade": tables.codes["grade"][self.grade][0],
        }

    def _figures(self) -> dict[str, Cell]:
        return {
            "as_at": self.as_at,
            "officers_fte": self.officers_fte,
            "cases": self.cases,
            "average_caseload": self.average_caseload,
        }


def caseloads(sender: Sender, period: Fortnight, tables: Tables, *, seed: int) -> list[Caseload]:
    """The caseloads that a sender reports for a period.

    A sender with published figures reports them for the whole organisation, as they were published. The others report by unit.
    """
    published = [each for each in tables.figures if each.provider_code == sender.code]
    found = [each for each in published if each.as_at in period]
    if found:
        return [Caseload(sender, None, each.grade, each.as_at, None, None, each.average_caseload) for each in found]
    if published:
        return list(_between(sender, period, published, seed))
    return list(_by_unit(sender, period, tables, seed))


def is_published(sender: Sender, period: Fortnight, tables: Tables) -> bool:
    """Whether the caseloads of a return are published figures."""
    return any(each.provider_code == sender.code and each.as_at in period for each in tables.figures)


def _between(sender: Sender, period: Fortnight, published: Sequence[Figure], seed: int) -> Iterator[Caseload]:
    """Synthetic averages of the whole organisation, between the published ones and level after the last."""
    for grade in dict.fromkeys(each.grade for each in published):
        own = [each for each in published if each.grade == grade]
        size = len(sender.units) * Random(f"{seed} {sender.code} {grade}").uniform(12, 24)
        yield _caseload(sender, None, grade, _counted_on(period), size, level(own, _counted_on(period)))


def _by_unit(sender: Sender, period: Fortnight, tables: Tables, seed: int) -> Iterator[Caseload]:
    """Synthetic averages by unit, around those of the kind of provider."""
    anchors = [each for each in tables.anchors if each.provider_kind == sender.kind]
    day = _counted_on(period)
    for unit in sender.units:
        for grade in dict.fromkeys(each.grade for each in anchors):
            lasting = Random(f"{seed} {unit.provider_code} {unit.code} {grade}")
            factor, size = lasting.uniform(0.9, 1.1), lasting.uniform(_LEAST_OFFICERS, 24)
            passing = Random(f"{seed} {unit.provider_code} {unit.code} {grade} {day}")
            around = (
                level([each for each in anchors if each.grade == grade], day) * factor * passing.uniform(0.985, 1.015)
            )
            yield _caseload(sender, (unit.code, unit.name), grade, day, size, around)


def _caseload(
    sender: Sender, unit: tuple[str, str] | None, grade: str, day: date, size: float, around: float
) -> Caseload:
    """Officers, cases and average that agree, with the decimals of the sender."""
    officers = Decimal(f"{size:.1f}")
    average = Decimal(f"{around:.{sender.decimals}f}")
    return Caseload(sender, unit, grade, day, officers, int((average * officers).to_integral_value()), average)


def level(known: Iterable[_Dated], day: date) -> float:
    """The average on a day, on straight lines between those known, and level before the first and after the last."""
    points = sorted((each.as_at, float(each.average_caseload)) for each in known)
    for (first, low), (last, high) in pairwise(points):
        if first <= day <= last:
            return low + (high - low) * (day - first).days / (last - first).days
    return points[0][1] if day < points[0][0] else points[-1][1]


def _counted_on(period: Fortnight) -> date:
    """The Monday on which a period's caseload is counted."""
    return period.start + timedelta(days=1)
