"""The tracker's wording of days, months, percentages, kinds of provider, organisations and regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from probation_etl.contracts.numbers import counted
from probation_etl.reports.html import day, number
from probation_etl.status.arrivals import day_of

#: Kinds of provider in the order of the page, then their total.
KINDS: Mapping[str, str] = {"nps": "NPS", "crc": "CRCs", "all": "All"}
#: Number of the colour, dash and mark of each kind of provider, and of regions.
STYLES: Mapping[str, int] = {"nps": 1, "crc": 2, "all": 3, "region": 4}
GRADES: Mapping[str, str] = {
    "probation_officer": "Probation officers",
    "probation_services_officer": "Probation services officers",
    "senior": "Senior probation officers",
    "trainee": "Trainee probation officers",
}
UNALLOCATED = "Unallocated"


def on(value: date | None) -> str:
    """``12 April 2020``; empty without a day."""
    return day(value) if value else ""


def month(value: date) -> str:
    """``August 2020``."""
    return on(value).split(" ", 1)[1]


def short_month(value: date, *, first: bool = False) -> str:
    """``Aug``; in January and at the start of the axis with the year on a second line."""
    name, year = month(value).split()
    return f"{name[:3]}\n{year}" if first or value.month == 1 else name[:3]


def per_cent(value: float | None, unit: str = " per cent") -> str:
    """A percentage with at most one decimal place: ``28 per cent``, ``24.4%``; empty if it is not known."""
    return "" if value is None else f"{value:.1f}".removesuffix(".0") + unit


def share(value: float | None, unit: str = " per cent") -> str:
    """A fraction as a percentage."""
    return per_cent(None if value is None else 100 * value, unit)


def count(value: int | None) -> str:
    """A count with thousands separated; empty if it is not known."""
    return "" if value is None else number(value)


def caseload(value: Decimal | float | None) -> str:
    """An average caseload without trailing zeros: ``47``, ``33.9``, ``56.66``."""
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def change(value: Decimal | float | None) -> str:
    """A change with its sign: ``+3``, ``−1.5``."""
    if value is None:
        return ""
    text = caseload(-value if value < 0 else value)
    return text if text == "0" else f"{'−' if value < 0 else '+'}{text}"


def organisation(row: Mapping[str, Any]) -> str:
    """``NPS East Midlands (N53)``. A CRC is known by its name and has no prefix."""
    name = row["provider_name"] or "Name not known"
    named = row["provider_name"] is None or name.startswith("NPS")
    prefix = "NPS " if row["provider_kind"] == "nps" and not named else ""
    return f"{prefix}{name} ({row['provider_code']})"


def region(row: Mapping[str, Any]) -> str:
    """``East Midlands (N53)``, ``Several regions`` or ``Unallocated``."""
    if row["region_code"] is None:
        return "Several regions" if (row.get("regions") or 1) > 1 else UNALLOCATED
    return f"{row['region_name'] or 'Name not known'} ({row['region_code']})"


def state(document: Mapping[str, Any]) -> str:
    """Says what is shown where released and loaded rows differ; empty where they are the same."""
    if document.get("left_out"):
        return (
            "The user of the store may read the released tables alone, and not which days were reported: weeks, months and "
            "regions are left out, and so is when this was released."
        )
    if document["released"]:
        return ""
    if document["shows"] == "loaded":
        return (
            "This is everything that is loaded. It has not been released, because the release checks have not passed."
        )
    if document["release"] is None:
        return "Nothing has been released, because the release checks have not passed."
    released_on = day_of(datetime.fromisoformat(document["release"]["released_at"]).replace(tzinfo=None))
    return f"This is what was released on {on(released_on)}. Later loads and changes have not been released."


def who_reported(row: Mapping[str, Any]) -> str:
    """``all 12 organisations``, ``5 of 12 organisations``."""
    many = counted(row["expected"], "organisation")
    if row["organisations"] < row["expected"]:
        return f"{number(row['organisations'])} of {many}"
    return f"all {many}" if row["expected"] > 1 else many


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def directions(lower: int, equal: int, higher: int) -> str:
    """``lower in 8 and higher in 4 of 12``."""
    counts = {"lower": lower, "the same": equal, "higher": higher}
    return f"{listed([f'{which} in {many}' for which, many in counts.items() if many])} of {sum(counts.values())}"


def organisations(kind: str, many: int) -> str:
    """``20 CRCs``, ``12 organisations of the NPS``."""
    return counted(many, "CRC") if kind == "crc" else f"{counted(many, 'organisation')} of the NPS"
