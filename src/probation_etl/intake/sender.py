"""Identifies the supplier and the period of a return from what its cover sheet and its file name say.

If they disagree, a finding shows both; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.forms import ISO
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


def ways_again(known: Given) -> tuple[Given, ...]:
    """How a return that was identified before is identified again: first as its file does, then as it is known.

    Of a file of many suppliers, all returns would be judged to find one: there it is asked for.
    """
    many = any(each.identification.row_columns for each in known.contracts)
    return (known, NOTHING_GIVEN) if many else (NOTHING_GIVEN, known)


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
        """Whether the name of the file, or of its folders, gives it."""
        patterns = self.contract.identification.patterns
        return any(key in group_names(patterns.get(name, "")) for name in ("fileName", "folder"))

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


@dataclass(frozen=True)
class Sources(Discreet):
    """What says who sends a return, and for which period.

    Attributes:
        contract: Says where that stands.
        grids: The sheets, the cover among them.
        given: What the caller knows.
        names: What names say, such as that of the file: ``supplier_code``, ``period_end``; by what the name is of.
    """

    contract: ReturnContract
    grids: Sequence[Grid]
    given: Given
    names: Mapping[str, Mapping[str, str | None]]

    @cached_property
    def _read(self) -> tuple[dict[str, str], dict[str, Finding]]:
        return read_cover(self.grids, self.contract.identification.cover)

    @property
    def cover(self) -> dict[str, str]:
        """What the cover says, by its meaning."""
        return self._read[0]

    @property
    def twice(self) -> dict[str, Finding]:
        """A finding for what the cover says twice, by its meaning."""
        return self._read[1]

    def named(self, key: str) -> str | None:
        """What a name says."""
        return next((text for groups in self.names.values() if (text := groups.get(key))), None)

    @cached_property
    def period_end(self) -> tuple[str | None, list[Finding]]:
        """The text of the last day of the period, and what is wrong with it."""
        said = self.given.period_end.isoformat() if self.given.period_end else None
        return self.agreed("period_end", said, "period-mismatch")

    def agreed(self, key: str, given: str | None, code: str) -> tuple[str | None, list[Finding]]:
        """The value given by the caller, or else by the cover, or else by a name; a finding if two of these disagree."""
        if given is not None:
            return given, []
        said = [("cover", self.cover.get(key)), *((of, groups.get(key)) for of, groups in self.names.items())]
        told = [(of, text) for of, text in said if text]
        if not told:
            return None, []
        value = told[0][1]
        if len({text.casefold() for _, text in told}) > 1:
            words = [f"the {of} {'says ' if at == 0 else ''}{_said(text)}" for at, (of, text) in enumerate(told)]
            text = ", ".join(words)
            return value, [make(code, expected=f"{text[0].upper()}{text[1:]}.")]
        return (value.upper() if key == "supplier_code" else value), []


def period_end_of(sources: Sources) -> date | None:
    """The last day of the period; None where it is not known."""
    return read_date(sources.period_end[0], ISO)


def identify_sender(
    sources: Sources, version: ReturnContract, reference: Reference, misnamed: Callable[[], Finding] | None = None
) -> Sender:
    """Reads supplier, period and control total.

    Args:
        sources: What says so.
        version: The version of the contract that is in force at the end of the period: it says who sends such returns.
        reference: The known organisations.
        misnamed: Makes the finding for the file's name, where it is not in the form of the contract.
    """
    cover, given = sources.cover, sources.given
    known = {"supplier_code": given.supplier_code, "period_end": given.period_end}
    repeated = [finding for meaning, finding in sources.twice.items() if known.get(meaning) is None]
    start, end, period_findings = _period(sources, version)
    supplier, supplier_findings = _supplier(sources, version, end, reference)
    rows, control_findings = control_rows(cover)
    places = Places(sources.contract, sources.grids)
    known |= {"supplier_code": given.supplier_code or cover.get("supplier_code") or cover.get("supplier_name")}
    known |= {"period_end": given.period_end or cover.get("period_end")}
    unsaid = {key for key in known if not known[key] and not sources.named(key)}
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
    sources: Sources, version: ReturnContract, on: date | None, reference: Reference
) -> tuple[Organisation | None, list[Finding]]:
    code, findings = sources.agreed("supplier_code", sources.given.supplier_code, "ambiguous-organisation")
    if findings:
        return None, findings
    resolution = reference.resolve(sources.cover.get("supplier_name"), on, code=code)
    supplier = resolution.organisation
    findings = [resolution.finding] if resolution.finding else []
    if supplier is None or version.supplier_kind is None or supplier.kind == version.supplier_kind:
        return supplier, findings
    text = f"{supplier.name} ({supplier.code}) does not send the return ‘{version.id}’."
    return None, [*findings, make("unknown-organisation", expected=text)]


def _said(text: str) -> str:
    """A day in words; any other text in quotation marks."""
    day = read_date(text, ISO)
    return in_words(day) if day else f"‘{text}’"


def _period(sources: Sources, version: ReturnContract) -> tuple[date | None, date | None, list[Finding]]:
    """First and last day of the period, and what is wrong with them."""
    cover = sources.cover
    text, findings = sources.period_end
    end = read_date(text, ISO)
    if end is None:
        why = f"‘{text}’ is not a date" if text else "the period end was not found"
        return None, None, [make("period-mismatch", expected=f"The reporting period is not known: {why}.")]
    start = read_date(cover.get("period_start"), ISO)
    if start is None and "period_start" in cover:
        text = f"The period start ‘{cover['period_start']}’ is not a date."
        return None, end, [*findings, make("period-mismatch", expected=text)]
    if start is None and version.period_days:
        start = end - timedelta(days=version.period_days - 1)
    if start is not None and start > end:
        findings = [
            *findings,
            make(
                "period-mismatch", expected=f"The period starts on {in_words(start)}, after its end on {in_words(end)}."
            ),
        ]
    return start, end, findings
