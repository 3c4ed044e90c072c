"""What only the contract of a return says: how it is recognised, when it comes, and how its rows are mapped."""

from __future__ import annotations

import codecs
from collections.abc import Mapping as Dictionary

from probation_etl.contracts.model import Delivery, Lookup, MappedColumn, MappedRow, Mapping
from probation_etl.contracts.model.marks import marks_as_columns
from probation_etl.contracts.odcs.columns import read_texts
from probation_etl.contracts.odcs.part import Part
from probation_etl.contracts.service_levels import Frequency, ServiceLevel
from probation_etl.contracts.suggestions import did_you_mean, nearest

_DAYS = ("d", "day", "days")
_FREQUENCIES: Dictionary[str, Frequency] = {
    **dict.fromkeys(_DAYS, Frequency(1, "day")),
    **dict.fromkeys(("w", "week", "weeks"), Frequency(7, "day")),
    **dict.fromkeys(("month", "months"), Frequency(1, "month")),
    **dict.fromkeys(("y", "yr", "year", "years"), Frequency(12, "month")),
}
#: What we read of ``slaProperties``: the units and the least number of each.
AGREED = {"frequency": (tuple(_FREQUENCIES), 1), "latency": (_DAYS, 0), "retention": (tuple(_FREQUENCIES), 1)}
#: More than anybody would agree on, and few enough that no date is out of range.
MOST_AGREED = 1000
#: Other properties of the standard: we do not read them, but they are not misspelt.
_OF_THE_STANDARD = (
    "availability", "endOfLife", "endOfSupport", "errorRate", "generalAvailability", "throughput",
    "timeOfAvailability", "timeToDetect", "timeToNotify", "timeToRepair",
)  # fmt: skip


def read_delivery(part: Part, identification: Part) -> Delivery:
    """What comes beside a file of a return, by the ending of its name."""
    found = Delivery(part["doneMarker"].text, part["controlFile"].text, part["together"].texts)
    if found.endings and identification["fileName"].text is None:
        part.fault("a file that comes beside another one belongs to it by its name: identification needs a fileName")
    if found.together and not {"fileName", "folder"} & identification.mapping.keys():
        part["together"].fault("files of one delivery are known by their names: identification needs a fileName")
    if found.control_file and {"sheet", "sheetPattern"} & identification.mapping.keys():
        part["controlFile"].fault("the control total of a workbook stands on its cover: use controlRows")
    if found.control_file and {"supplierColumn", "periodColumn"} & identification.mapping.keys():
        part["controlFile"].fault("a control total is that of the whole file, whose rows are of several returns")
    if found.done_marker and found.done_marker == found.control_file:
        part.fault(f"doneMarker and controlFile are both ‘{found.done_marker}’: one file cannot be both")
    return found


def read_csv_format(server: Part) -> tuple[str, str]:
    """Delimiter and encoding of a CSV file."""
    custom = {each["property"].text: each["value"] for each in server["customProperties"].items}
    delimiter = custom["delimiter"].value if "delimiter" in custom else ","
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        server.fault(f"the delimiter is ‘{delimiter}’, expected one character")
    encoding = server["encoding"].text_or("UTF-8")
    try:
        codecs.lookup(encoding)
    except LookupError:
        server["encoding"].fault(f"unknown encoding ‘{encoding}’, expected one such as UTF-8")
    return str(delimiter), encoding


def read_mapping(part: Part) -> Mapping:
    """The mapping that a return gives."""
    rows = (
        MappedRow(name, _mapped_columns(row["columns"]), _sql(row["when"]))
        for name, row in part["unpivot"].entries.items()
    )
    return Mapping(part["table"].text_or(""), _mapped_columns(part["columns"]), tuple(rows))


def read_lookup(part: Part) -> Lookup:
    """A lookup in a reference table. A day is asked for together with columns that say when its rows are valid."""
    first, last, on = (part[key].text for key in ("validFrom", "validTo", "on"))
    if (on is None) is not (first is None and last is None):
        part.fault("validFrom or validTo, and on for the day, belong together")
    return Lookup(
        part["table"].text_or(""), read_texts(part["match"]), part["value"].text_or(""), part["basis"].text, first, last, on
    )  # fmt: skip


def _sql(part: Part) -> str | None:
    """SQL over a row of the return, with its marks."""
    return None if part.text is None else marks_as_columns(part.text)


def _mapped_columns(part: Part) -> tuple[MappedColumn, ...]:
    return tuple(_mapped_column(name, how) for name, how in part.entries.items())


def _mapped_column(name: str, how: Part) -> MappedColumn:
    if how.text is not None:
        return MappedColumn(name, expression=_sql(how))
    return MappedColumn(
        name,
        expression=_sql(how["expression"]),
        codes=read_texts(how["codes"]),
        lookups=tuple(read_lookup(each) for each in how["lookups"].items),
        basis_column=how["basis"]["column"].text,
        otherwise=how["basis"]["otherwise"].text,
    )


def read_service_level(agreed: Part, period: Part) -> ServiceLevel:
    """How often returns are expected, when they are due and how long they are kept; what cannot be read is a fault.

    Args:
        agreed: The ``slaProperties`` of the contract.
        period: Its ``reportingPeriod``, which may give a day on which a period ends.
    """
    found: dict[str, Part] = {}
    for entry in agreed.items:
        name = entry["property"].text_or("")
        if name in found:
            entry["property"].fault(f"‘{name}’ appears more than once, and only one of them can apply")
        elif name in AGREED and _is_usable(entry, name):
            found[name] = entry
        elif name not in AGREED and nearest(name, (*AGREED, *_OF_THE_STANDARD)) in AGREED:
            entry["property"].fault(f"‘{name}’ is not a property we know{did_you_mean(name, AGREED)}")
    frequency = _frequency(found["frequency"]) if "frequency" in found else None
    anchor = period["anchor"].day("anchor", place=period)
    if anchor and frequency is None:
        period.fault("an anchor says when periods end only together with a frequency under slaProperties")
    latency = found["latency"]["value"].whole if "latency" in found else None
    return ServiceLevel(frequency, latency, anchor, _frequency(found["retention"]) if "retention" in found else None)


def _frequency(entry: Part) -> Frequency:
    one = _FREQUENCIES[entry["unit"].text_or("")]
    return Frequency(one.number * entry["value"].whole_or(1), one.unit)


def _is_usable(entry: Part, name: str) -> bool:
    """Whether value and unit can be read; what is wrong with each is a fault."""
    value, unit = entry["value"].value, entry["unit"].value
    units, least = AGREED[name]
    is_whole = isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST_AGREED
    if not is_whole:
        entry["value"].fault(f"{name} is ‘{value}’, expected a whole number from {least} to {MOST_AGREED}")
    if unit not in units:
        given = "has no unit" if unit is None else f"has the unit ‘{unit}’"
        hint = did_you_mean(unit, units) if isinstance(unit, str) else ""
        entry["unit"].fault(f"{name} {given}, expected one of {', '.join(units)}{hint}")
    return is_whole and unit in units
