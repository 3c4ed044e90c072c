"""When returns come, as a contract says it in the standard's ``slaProperties``: ``frequency`` and ``latency``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probation_etl.contracts.odcs.document import Document
from probation_etl.contracts.odcs.properties import did_you_mean, nearest, read_date
from probation_etl.contracts.odcs.schema_errors import Steps
from probation_etl.contracts.service_levels import Frequency, ServiceLevel

_DAYS = ("d", "day", "days")
_FREQUENCIES: Mapping[str, Frequency] = {
    **dict.fromkeys(_DAYS, Frequency(1, "day")),
    **dict.fromkeys(("w", "week", "weeks"), Frequency(7, "day")),
    **dict.fromkeys(("month", "months"), Frequency(1, "month")),
    **dict.fromkeys(("y", "yr", "year", "years"), Frequency(12, "month")),
}
#: The units and the least number of what we read.
_READ = {"frequency": (tuple(_FREQUENCIES), 1), "latency": (_DAYS, 0)}
#: Beyond any agreement, and far from days that no calendar has.
_MOST = 1000
#: Other properties that the standard knows, for people and other tools.
_OF_THE_STANDARD = (
    "availability", "endOfLife", "endOfSupport", "errorRate", "generalAvailability", "retention", "throughput",
    "timeOfAvailability", "timeToDetect", "timeToNotify", "timeToRepair",
)  # fmt: skip


def read_service_level(document: Document, period: Mapping[str, Any], steps: Steps) -> ServiceLevel:
    """When returns come and are due; what cannot be read becomes a fault of the document.

    Args:
        document: The contract.
        period: Its ``reportingPeriod``, which may name the end of a period.
        steps: Where that stands.
    """
    found: dict[str, dict[str, Any]] = {}
    for at, entry in enumerate(document.data.get("slaProperties") or ()):
        name, here = entry.get("property", ""), ("slaProperties", at)
        if name in found:
            document.fault((*here, "property"), f"‘{name}’ stands more than once, and only one of them could be meant")
        elif name in _READ and _usable(document, entry, here):
            found[name] = entry
        elif name not in _READ and nearest(name, (*_READ, *_OF_THE_STANDARD)) in _READ:
            document.fault((*here, "property"), f"‘{name}’ is not a property we know{did_you_mean(name, _READ)}")
    frequency = _frequency(found.get("frequency"))
    anchor = read_date(document, period.get("anchor"), "anchor", steps)
    if anchor and frequency is None:
        document.fault(steps, "an anchor says when periods end only together with a frequency under slaProperties")
    return ServiceLevel(frequency, found["latency"]["value"] if "latency" in found else None, anchor)


def _frequency(entry: dict[str, Any] | None) -> Frequency | None:
    if entry is None:
        return None
    one = _FREQUENCIES[entry["unit"]]
    return Frequency(one.number * entry["value"], one.unit)


def _usable(document: Document, entry: dict[str, Any], here: Steps) -> bool:
    """Whether value and unit can be read; what is wrong with each is a fault."""
    name, value, unit = entry["property"], entry.get("value"), entry.get("unit")
    units, least = _READ[name]
    whole = isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST
    if not whole:
        document.fault((*here, "value"), f"{name} is ‘{value}’, expected a whole number from {least} to {_MOST}")
    if unit not in units:
        given = "has no unit" if unit is None else f"has the unit ‘{unit}’"
        hint = did_you_mean(unit, units) if isinstance(unit, str) else ""
        document.fault((*here, "unit"), f"{name} {given}, expected one of {', '.join(units)}{hint}")
    return whole and unit in units
