"""The tables the sample is built from: published figures and the names of delivery units."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

FIGURES = Path(__file__).resolve().parents[2] / "sample_data" / "figures"
PROBATION_OFFICER = "Probation officer (or equivalent)"
PROBATION_SERVICES_OFFICER = "Probation services officer (or equivalent)"


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
class Unit:
    """One local delivery unit of a provider."""

    provider_code: str
    code: str
    name: str


@dataclass(frozen=True)
class Sender:
    """One organisation, under the name that the source prints for it, wrong names included."""

    provider_code: str
    organisation: str
    units: tuple[Unit, ...]


def _records(name: str) -> Iterator[dict[str, str]]:
    with (FIGURES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_figures() -> tuple[Figure, ...]:
    """The 48 figures of Annexe 2, in the order of the source."""
    return tuple(_figure(record) for record in _records("annexe_2.csv"))


def _figure(record: dict[str, str]) -> Figure:
    return Figure(
        organisation=record["organisation"],
        provider_code=record["provider_code"],
        provider_kind=record["provider_kind"],
        grade=record["grade"],
        as_at=date.fromisoformat(record["as_at"]),
        average_caseload=Decimal(record["average_caseload"]),
    )


def read_senders(figures: Iterable[Figure]) -> dict[str, Sender]:
    """The organisations of the figures with their units, by provider code in alphabetical order."""
    names = {figure.provider_code: figure.organisation for figure in figures}
    units = tuple(
        Unit(record["provider_code"], record["unit_code"], record["unit_name"]) for record in _records("units.csv")
    )
    return {
        code: Sender(code, names[code], tuple(unit for unit in units if unit.provider_code == code))
        for code in sorted(names)
    }
