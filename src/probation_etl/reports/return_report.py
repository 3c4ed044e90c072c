"""What became of one return, as the values that every report is rendered from; ``as_dict`` gives the JSON that is promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from probation_etl.contracts.findings import Finding
from probation_etl.discreet import Discreet
from probation_etl.intake.frames import Frames
from probation_etl.intake.notes import Note
from probation_etl.intake.resubmission import NotCompared, Resubmission
from probation_etl.intake.result import ReturnResult, findings_frame
from probation_etl.intake.verdict import Rows
from probation_etl.reports.all_findings import first_findings, first_of_rules
from probation_etl.reports.comparison import FINDINGS_SHOWN, Comparison
from probation_etl.reports.rule_counts import RuleCount, count_by_rule
from probation_etl.reports.wording import iso

if TYPE_CHECKING:
    from probation_etl.stores import Attempt

_NO_FINDINGS: Mapping[str, int] = {"error": 0, "warning": 0}


@dataclass(frozen=True)
class ContractName(Discreet, tells=("id", "version")):
    """A contract, as reports name it."""

    id: str
    version: str
    title: str


@dataclass(frozen=True)
class SupplierName(Discreet, tells=("code",)):
    """An organisation, as reports name it."""

    code: str
    name: str | None


# A run may tell of ten thousand returns of a few kinds and suppliers.
_contract, _supplier = lru_cache(maxsize=1 << 10)(ContractName), lru_cache(maxsize=1 << 10)(SupplierName)


@dataclass(frozen=True)
class FindingCounts:
    """Findings by severity, those that are not listed included."""

    error: int = 0
    warning: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.error + self.warning

    @classmethod
    def of(cls, rules: Iterable[RuleCount]) -> FindingCounts:
        """The findings of all rules that were broken."""
        counts = Counter[str]()
        for each in rules:
            counts[each.severity] += each.count
        return cls(**counts)


@dataclass(frozen=True, kw_only=True)
class ReturnReport(Discreet, tells=("verdict", "rows")):
    """What became of one return.

    Attributes:
        due: The last day on which it is in time; None where nothing is agreed.
        notes: Text of the file that is no row of data and was left out; empty if unchanged.
        nil: Whether it says, validly, that there is nothing to report.
        counts: All findings by severity, listed or not.
        findings: The first findings.
        rules: Every rule that was broken, with how often.
        report: Its page, relative to the page of the run.
        files: Names of the files beside its page.
        loaded_by: The earlier run that took the same content; None unless unchanged.
        checked_only: Whether it was checked and not loaded, as by ``validate``; not part of the JSON.
        found: All findings, while there is a result that has them; not part of the JSON.
    """

    file: str
    sheet: str | None = None
    contract: ContractName | None = None
    supplier: SupplierName | None = None
    period_start: date | None = None
    period_end: date | None = None
    due: date | None = None
    verdict: str
    nil: bool = False
    rows: Rows
    counts: FindingCounts
    notes: tuple[Note, ...] = ()
    findings: tuple[Finding, ...] = ()
    rules: tuple[RuleCount, ...] = ()
    resubmission: Comparison | None = None
    report: str | None = None
    files: tuple[str, ...] = ()
    loaded_by: str | None = None
    checked_only: bool = False
    found: Frames | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        result: ReturnResult,
        *,
        report: str | None = None,
        files: Iterable[str] = (),
        resubmission: Resubmission | NotCompared | None = None,
        due: date | None = None,
        checked_only: bool = False,
    ) -> ReturnReport:
        """The report on a validated return."""
        contract, supplier = result.contract, result.supplier
        rules = count_by_rule(result.found, contract, result.checks)
        return cls(
            file=result.file,
            sheet=result.sheet,
            contract=ContractName(contract.id, contract.version, contract.title) if contract else None,
            supplier=SupplierName(supplier.code, supplier.name) if supplier else None,
            period_start=result.period_start,
            period_end=result.period_end,
            due=due,
            verdict=result.verdict,
            nil=result.is_nil,
            rows=result.rows,
            notes=result.notes,
            counts=FindingCounts.of(rules),
            findings=tuple(first_findings(result.found, FINDINGS_SHOWN)),
            rules=rules,
            resubmission=Comparison.of(resubmission) if resubmission else None,
            report=report,
            files=tuple(files),
            checked_only=checked_only,
            found=result.found,
        )

    @classmethod
    def unchanged(
        cls, entry: Attempt, name: str, titles: Mapping[str, str], findings: Sequence[Finding] = ()
    ) -> ReturnReport:
        """The report on a return that an earlier run has seen with the same content.

        Args:
            entry: Its entry in the ledger.
            name: Name of the file this time.
            titles: Titles of contracts by id.
            findings: What there is to tell of it now; the findings of the earlier run are counted alone.
        """
        contract = entry.contract_id
        new = Counter(each.severity for each in findings) if findings else _NO_FINDINGS
        return cls(
            file=name,
            sheet=entry.sheet,
            contract=_contract(contract, entry.contract_version or "", titles.get(contract, contract))
            if contract
            else None,
            supplier=_supplier(entry.supplier_code, entry.supplier_name) if entry.supplier_code else None,
            period_start=entry.period_start,
            period_end=entry.period_end,
            verdict="unchanged",
            nil=entry.is_nil,
            rows=Rows(entry.rows_read, entry.rows_accepted, entry.rows_quarantined, entry.rows_blank, entry.rows_notes),
            counts=FindingCounts(entry.errors + new["error"], entry.warnings + new["warning"]),
            findings=tuple(findings),
            rules=count_by_rule([findings_frame(findings)], None, {}) if findings else (),
            loaded_by=entry.run_id,
        )

    @property
    def name(self) -> str:
        """The return by its file, and its sheet where it is one."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file

    @property
    def identity(self) -> tuple[object, ...]:
        """What a return keeps when it is validated again in the same run."""
        return self.file, self.sheet, self.contract, self.supplier, self.period_end

    @property
    def is_partial(self) -> bool:
        """Whether only the first of its findings are there."""
        return self.found is None and len(self.findings) < self.counts.total

    def first(self, most: int) -> Sequence[Finding]:
        """The first findings, as far as they are there."""
        if len(self.findings) >= min(most, self._there):
            return self.findings[:most]
        return first_findings(self.found, most) if self.found else ()

    def of_rules(self) -> list[tuple[int, Finding]]:
        """The first findings of each rule, as :func:`first_of_rules` gives them; of few findings all that are there."""
        listed = len(self.findings) >= self._there
        return first_of_rules(self.found) if self.found and not listed else list(enumerate(self.findings))

    @property
    def _there(self) -> int:
        return self.found.height if self.found else len(self.findings)

    def shortened(self, most: int = FINDINGS_SHOWN) -> ReturnReport:
        """The same with so many findings at most, and no others; all counts are of all."""
        compared = self.resubmission and self.resubmission.shortened(most)
        return replace(self, findings=self.findings[:most], resubmission=compared, found=None)

    def as_dict(self) -> dict[str, Any]:
        """The return as JSON."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "contract": self.contract and asdict(self.contract),
            "supplier": self.supplier and asdict(self.supplier),
            "period_start": iso(self.period_start),
            "period_end": iso(self.period_end),
            "due": iso(self.due),
            "verdict": self.verdict,
            "nil": self.nil,
            "rows": asdict(self.rows),
            "notes": [{"row": each.row, "text": each.text} for each in self.notes],
            "counts": asdict(self.counts),
            "findings": [dict(vars(each)) for each in self.findings],
            "findings_shown": len(self.findings),
            "rules": [dict(vars(each)) for each in self.rules],
            "resubmission": self.resubmission and self.resubmission.as_dict(),
            "report": self.report,
            "files": list(self.files),
            "loaded_by": self.loaded_by,
        }
