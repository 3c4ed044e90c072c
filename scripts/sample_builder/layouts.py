"""The layout of each CRC: column order, header wording, dates, numbers, blank rows and notes.

The layouts are invented, so that the sample shows the variety that a reader has to bear; every header
is one that the contracts allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_HEADERS = {
    "ldu": "LDU",
    "grade": "Grade",
    "as_at": "As at",
    "officers_fte": "Officers (FTE)",
    "cases": "Cases",
    "average_caseload": "Average caseload",
    "case_reference": "Case reference",
    "event_number": "Event",
    "order_type": "Order type",
    "requirement": "Requirement",
    "risk_of_harm": "Risk of harm",
    "initiated_on": "Breach initiated",
    "logged_on": "Logged with court",
    "court": "Court",
    "heard_on": "Heard on",
    "status": "Status",
    "outcome": "Outcome",
    "suspended_on": "Suspended on",
    "reason": "Reason",
    "resumed_on": "Resumed on",
}
_COVER = (
    "Organisation",
    "Provider code",
    "Period start",
    "Period end",
    "Prepared by",
    "Caseload rows",
    "Breach rows",
    "Suspended breach rows",
)


def _columns(caseload: str, breaches: str, suspended: str) -> dict[str, tuple[str, ...]]:
    orders = {"Caseload": caseload, "Breaches": breaches, "Suspended breaches": suspended}
    return {sheet: tuple(order.split()) for sheet, order in orders.items()}


_USUAL = _columns(
    "ldu grade as_at officers_fte cases average_caseload",
    "case_reference event_number ldu order_type requirement risk_of_harm"
    " initiated_on logged_on court heard_on status outcome",
    "case_reference event_number ldu logged_on suspended_on reason resumed_on",
)
_UNIT_FIRST = _columns(
    "as_at ldu grade average_caseload officers_fte cases",
    "ldu case_reference event_number status outcome order_type requirement"
    " risk_of_harm initiated_on logged_on heard_on court",
    "ldu case_reference event_number suspended_on resumed_on logged_on reason",
)
_DATES_FIRST = _columns(
    "grade average_caseload cases officers_fte ldu as_at",
    "initiated_on logged_on heard_on case_reference event_number order_type"
    " requirement status outcome court ldu risk_of_harm",
    "suspended_on resumed_on logged_on case_reference event_number ldu reason",
)


@dataclass(frozen=True)
class Layout:
    """How one sender sets out its workbook.

    Attributes:
        columns: Column keys in the sender's order, by sheet.
        wording: Headers that differ from the contract's own.
        cover: Labels of the Cover sheet in the sender's order.
        blank_after: Numbers of data rows after which the sender leaves a blank row.
        note: A line below the data, after a blank row.
    """

    columns: Mapping[str, tuple[str, ...]]
    wording: Mapping[str, str] = field(default_factory=dict)
    cover: tuple[str, ...] = _COVER
    extension: str = "xlsx"
    dates_as_text: bool = False
    cover_dates_as_text: bool = False
    numbers_as_text: bool = False
    blank_after: tuple[int, ...] = ()
    note: str | None = None

    def header(self, key: str) -> str:
        """The header that this sender writes over a column."""
        return self.wording.get(key, _HEADERS[key])


LAYOUTS: Mapping[str, Layout] = {
    "C07": Layout(
        columns=_USUAL,
        wording={"ldu": "Local delivery unit", "logged_on": "Logged with\ncourt"},
        note="Note: a row without a unit speaks of the whole organisation.",
    ),
    "C08": Layout(
        columns=_UNIT_FIRST,
        wording={"case_reference": "CRN", "risk_of_harm": "RoSH", "logged_on": "Logged with\ncourt"},
        cover=_COVER[::-1],
        cover_dates_as_text=True,
        blank_after=(3, 7, 20),
    ),
    "C12": Layout(
        columns=_DATES_FIRST,
        wording={"ldu": "LDU cluster", "as_at": " Date ", "order_type": "ORDER TYPE", "status": "STATUS "},
        dates_as_text=True,
        cover_dates_as_text=True,
        blank_after=(1, 5),
        note="Note: blank rows part the teams.",
    ),
    "C15": Layout(
        columns=_USUAL,
        wording={
            "case_reference": "Case ref",
            "average_caseload": "Average\ncaseload",
            "event_number": "event",
        },
        cover=_COVER[1:4] + _COVER[:1] + _COVER[4:],
        dates_as_text=True,
        numbers_as_text=True,
    ),
    "C16": Layout(
        columns=_DATES_FIRST,
        wording={"as_at": "Date", "heard_on": "  Heard on", "initiated_on": "Breach\ninitiated"},
        cover=_COVER[5:] + _COVER[:5],
        cover_dates_as_text=True,
        note="Note: prepared for the fortnightly return.",
    ),
    "C18": Layout(
        columns=_UNIT_FIRST,
        wording={"case_reference": "case reference", "risk_of_harm": "RoSH", "resumed_on": "Resumed\non"},
        extension="ods",
        note="Note: a row without a unit speaks of the whole organisation.",
    ),
}
"""Layouts by provider code."""
