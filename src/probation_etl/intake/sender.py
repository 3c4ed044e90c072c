"""Identifies the supplier and the period of a return from what its cover sheet and its file name say.

If they disagree, a finding shows both; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from probation_etl.contracts.date_formats import ISO, in_words
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Organisation, Reference
from probation_etl.contracts.patterns import group_names
from probation_etl.discreet import Discreet
from probation_etl.intake.cover import control_rows, read_cover
from probation_etl.intake.parse import read_date
from probation_etl.intake.readers import Grid


@dataclass(frozen=True)
class Given(Discreet):
    """What the caller knows about a file; it takes precedence over what the file says.

    Attributes:
        contracts: All versions of the contract; empty if it is to be identified from the file.
    """

    contracts: tuple[ReturnContract, ...] = ()
    supplier_code: str | None = None
    period_end: date | None = None


@dataclass(frozen=True)
class Sender(Discreet):
    """Who sends a return for which period.

    Attributes:
        supplier: None if it is not known, or does not send such returns.
        control_rows: Number of rows that the cover announces.
        findings: What is wrong with them.
    """

    supplier: Organisation | None
    period_start: date | None
    period_end: date | None
    control_rows: int | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Places(Discreet):
    """Where a file of a contract says who sends it, and for which period."""

    contract: ReturnContract
    grids: Sequence[Grid]

    def by_name(self, key: str) -> bool:
        """Whether the name of the file gives it."""
        pattern = self.contract.identification.file_name
        return bool(pattern and key in group_names(pattern))

    def label(self, key: str) -> str | None:
        """Its label on the cover; None where there is none, as in CSV."""
        cover = self.contract.identification.cover
        if cover is None or all(grid.sheet is None for grid in self.grids):
            return None
        return cover.labels.get(key) or (cover.labels.get("supplier_name") if key == "supplier_code" else None)

    def hint(self, key: str, *, unsaid: bool = False) -> str:
        """Where to correct it, or to write it if nothing says it."""
        label = self.label(key)
        if unsaid and label:
            return f"Write it on the cover, beside ‘{label}’."
        if key == "supplier_code":
            return ""
        places = [*(["in the file name"] if self.by_name(key) else []), *(["on the cover"] if label else [])]
        return f"Correct the period {' or '.join(places)}." if places else ""


#: Nothing is given by the caller; nothing is known of the sender.
NOTHING_GIVEN = Given()
NOBODY = Sender(None, None, None)


def identify_sender(
    contract: ReturnContract,
    named: Mapping[str, str | None],
    grids: Sequence[Grid],
    reference: Reference,
    given: Given,
    misnamed: Callable[[], Finding] | None = None,
) -> Sender:
    """Reads supplier, period and control total.

    Args:
        contract: The contract of the return.
        named: What the file name says: ``supplier_code``, ``period_end``.
        grids: The sheets, the cover among them.
        reference: The known organisations.
        given: What the caller knows.
        misnamed: Makes the finding for the file's name, where it is not in the form of the contract.
    """
    cover, twice = read_cover(grids, contract.identification.cover)
    known = {"supplier_code": given.supplier_code, "period_end": given.period_end}
    repeated = [finding for meaning, finding in twice.items() if known.get(meaning) is None]
    start, end, period_findings = _period(contract, given, cover, named)
    supplier, supplier_findings = _supplier(contract, end, cover, named, reference, given)
    rows, control_findings = control_rows(cover)
    places = Places(contract, grids)
    known |= {"supplier_code": given.supplier_code or cover.get("supplier_code") or cover.get("supplier_name")}
    known |= {"period_end": given.period_end or cover.get("period_end")}
    unsaid = {key for key in known if not known[key] and not named.get(key)}
    by_name = {key for key in unsaid if misnamed and places.by_name(key) and not places.label(key)}
    said = {"supplier_code": supplier_findings, "period_end": period_findings}
    told = [
        replace(finding, hint=places.hint(key, unsaid=key in unsaid) or finding.hint)
        for key in said
        for finding in said[key]
        if key not in by_name
    ]
    if misnamed and by_name:
        told.insert(0, misnamed())
    return Sender(supplier, start, end, rows, (*told, *control_findings, *repeated))


def _supplier(
    contract: ReturnContract,
    on: date | None,
    cover: dict[str, str],
    named: Mapping[str, str | None],
    reference: Reference,
    given: Given,
) -> tuple[Organisation | None, list[Finding]]:
    code, findings = _agreed("supplier_code", given.supplier_code, cover, named, "ambiguous-organisation")
    if findings:
        return None, findings
    resolution = reference.resolve(cover.get("supplier_name"), on, code=code)
    supplier = resolution.organisation
    findings = [resolution.finding] if resolution.finding else []
    if supplier is None or contract.supplier_kind is None or supplier.kind == contract.supplier_kind:
        return supplier, findings
    text = f"{supplier.name} ({supplier.code}) does not send the return ‘{contract.id}’."
    return None, [*findings, make("unknown-organisation", expected=text)]


def _agreed(
    key: str, given: str | None, cover: dict[str, str], named: Mapping[str, str | None], code: str
) -> tuple[str | None, list[Finding]]:
    """The value given by the caller, or else by the cover, or else by the file name; a finding if the last two disagree."""
    if given is not None:
        return given, []
    on_cover, in_name = cover.get(key), named.get(key)
    if on_cover and in_name and on_cover.casefold() != in_name.casefold():
        return on_cover, [make(code, expected=f"The cover says {_said(on_cover)}, the file name {_said(in_name)}.")]
    value = on_cover or in_name
    return (value.upper() if value and key == "supplier_code" else value), []


def _said(text: str) -> str:
    """A day in words; any other text in quotation marks."""
    day = read_date(text, ISO)
    return in_words(day) if day else f"‘{text}’"


def _period(
    contract: ReturnContract, given: Given, cover: dict[str, str], named: Mapping[str, str | None]
) -> tuple[date | None, date | None, list[Finding]]:
    """First and last day of the period, and what is wrong with them."""
    said = given.period_end.isoformat() if given.period_end else None
    text, findings = _agreed("period_end", said, cover, named, "period-mismatch")
    end = read_date(text, ISO)
    if end is None:
        why = f"‘{text}’ is not a date" if text else "the period end was not found"
        return None, None, [make("period-mismatch", expected=f"The reporting period is not known: {why}.")]
    start = read_date(cover.get("period_start"), ISO)
    if start is None and "period_start" in cover:
        text = f"The period start ‘{cover['period_start']}’ is not a date."
        return None, end, [*findings, make("period-mismatch", expected=text)]
    if start is None and contract.period_days:
        start = end - timedelta(days=contract.period_days - 1)
    if start is not None and start > end:
        findings.append(
            make(
                "period-mismatch", expected=f"The period starts on {in_words(start)}, after its end on {in_words(end)}."
            )
        )
    return start, end, findings
