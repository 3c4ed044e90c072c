"""The tables that synthetic returns are made from: senders, weekly counts, average caseloads and the words of each kind of return.

They are data, in ``contracts/sample``, and say of each figure where it is from; the published average caseloads are in
``sample_data/figures``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from probation_etl.contracts.reference_files import read_tables
from probation_etl.contracts.shipped import shipped
from probation_etl.sample.fortnights import Calendar

MEASURES = ("logged", "heard", "suspended")
"""What is counted each week; ``suspended`` counts the breaches logged in the week that were suspended since."""


@dataclass(frozen=True)
class Unit:
    """One local delivery unit of a provider."""

    provider_code: str
    code: str
    name: str


@dataclass(frozen=True)
class Sender:
    """One organisation that sends returns.

    Attributes:
        code: Its nDelius code.
        kind: ``crc`` or ``nps``.
        organisation: The name that it is given on its cover; wrong where the source document has it wrong.
        layout: Name of the layout of its workbook; of an NPS region ``extract``.
        decimals: How many decimals its average caseloads have.
        number: Its place among all senders, from 0.
    """

    code: str
    kind: str
    organisation: str
    layout: str
    decimals: int
    units: tuple[Unit, ...]
    number: int


@dataclass(frozen=True)
class Figure:
    """One published average caseload; the number keeps the decimals that the source prints."""

    organisation: str
    provider_code: str
    provider_kind: str
    grade: str
    as_at: date
    average_caseload: Decimal


@dataclass(frozen=True)
class Anchor:
    """The average caseload of a grade on a day, from which those of senders without published figures are made."""

    provider_kind: str
    grade: str
    as_at: date
    average_caseload: float


@dataclass(frozen=True)
class Tables:
    """All tables.

    Attributes:
        counts: National counts by kind of provider, measure and Sunday.
        words: What CRCs write, by the name of a list.
        codes: The codes of the NPS for each word, by the name of a list; several can mean the same.
        faults: The faults that can be planted.
    """

    senders: tuple[Sender, ...]
    figures: tuple[Figure, ...]
    anchors: tuple[Anchor, ...]
    counts: Mapping[tuple[str, str], Mapping[date, int]]
    words: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Mapping[str, tuple[str, ...]]]
    calendar: Calendar
    faults: tuple[Mapping[str, Any], ...]

    @property
    def weeks(self) -> list[date]:
        """The Sundays of the weeks that counts are given for."""
        return sorted({week for counts in self.counts.values() for week in counts})


@cache
def shipped_tables() -> Tables:
    """The tables that ship with the program.

    Raises:
        ContractError: One cannot be read.
    """
    contracts = shipped("contracts")
    own = read_tables(contracts / "sample")
    figures = read_tables(shipped("sample_data") / "figures")["annexe_2"]
    vocabulary = _vocabulary(own["vocabulary"])
    holidays = read_tables(contracts / "reference")["bank_holidays"]
    return Tables(
        senders=tuple(_senders(own["organisations"], own["units"])),
        figures=tuple(_figure(row) for row in figures.to_dicts()),
        anchors=tuple(_anchor(row) for row in own["caseloads"].to_dicts()),
        counts=_counts(own["weekly_counts"]),
        words={name: tuple(codes) for name, codes in vocabulary.items()},
        codes=vocabulary,
        calendar=Calendar(frozenset(date.fromisoformat(day) for day in holidays["date"])),
        faults=tuple(own["faults"].to_dicts()),
    )


def _senders(organisations: pl.DataFrame, units: pl.DataFrame) -> Iterable[Sender]:
    known = [Unit(row["provider_code"], row["unit_code"], row["unit_name"]) for row in units.to_dicts()]
    for number, row in enumerate(organisations.sort("provider_code").to_dicts()):
        code = row["provider_code"]
        yield Sender(
            code=code,
            kind=row["provider_kind"],
            organisation=row["organisation"],
            layout=row["layout"],
            decimals=int(row["decimals"]),
            units=tuple(unit for unit in known if unit.provider_code == code),
            number=number,
        )


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(
        organisation=row["organisation"],
        provider_code=row["provider_code"],
        provider_kind=row["provider_kind"],
        grade=row["grade"],
        as_at=date.fromisoformat(row["as_at"]),
        average_caseload=Decimal(row["average_caseload"]),
    )


def _anchor(row: Mapping[str, Any]) -> Anchor:
    return Anchor(row["provider_kind"], row["grade"], date.fromisoformat(row["as_at"]), float(row["average_caseload"]))


def _counts(table: pl.DataFrame) -> dict[tuple[str, str], dict[date, int]]:
    counts: dict[tuple[str, str], dict[date, int]] = {}
    for row in table.to_dicts():
        week = date.fromisoformat(row["week_starting"])
        counts.setdefault((row["provider_kind"], row["measure"]), {})[week] = int(row["value"])
    return counts


def _vocabulary(table: pl.DataFrame) -> dict[str, dict[str, tuple[str, ...]]]:
    """By the name of a list and by the word of CRCs, the codes of the NPS in the order of the table."""
    lists: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in table.to_dicts():
        codes = lists.setdefault(row["list"], {})
        codes[row["crc"]] = (*codes.get(row["crc"], ()), row["nps"] or "")
    return lists
