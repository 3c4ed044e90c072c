"""What a run found, as the values that every report is rendered from; ``as_dict`` gives the JSON that is promised.

The shape of the JSON is published in ``docs/reference/schemas/run.schema.json``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from probation_etl.contracts.findings import Finding
from probation_etl.discreet import Discreet
from probation_etl.intake.data_rows import Note
from probation_etl.intake.resubmission import Resubmission
from probation_etl.intake.result import ReturnResult, Rows, findings_frame
from probation_etl.reports.comparison import FINDINGS_SHOWN, Comparison
from probation_etl.reports.not_taken import NotTaken
from probation_etl.reports.rule_counts import RuleCount, count_by_rule
from probation_etl.stores import Attempt, Release
from probation_etl.unified.activity import ActivityException
from probation_etl.unified.reconcile import Reconciliation

if TYPE_CHECKING:
    from probation_etl.unified.release_checks import CheckResult

FORMAT_VERSION = "1"
#: Verdicts, the worst last.
VERDICTS = ("unchanged", "accepted", "accepted_with_warnings", "partly_accepted", "rejected")
#: Verdicts that ask somebody to do something.
NEED_ATTENTION = ("partly_accepted", "rejected")


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


@dataclass(frozen=True)
class FindingCounts:
    """Findings by severity, those that are not listed included."""

    error: int = 0
    warning: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.error + self.warning


@dataclass(frozen=True, kw_only=True)
class ReturnReport(Discreet, tells=("verdict", "rows")):
    """What became of one return.

    Attributes:
        due: The last day on which it is in time; None where nothing is agreed.
        notes: Text of the file that is no row of data and was left out; empty if unchanged.
        nil: Whether it says, validly, that there is nothing to report.
        counts: All findings by severity, listed or not.
        findings: All findings, or the first of them.
        rules: Every rule that was broken, with how often.
        report: Its page, relative to the page of the run.
        files: Names of the files beside its page.
        loaded_by: The earlier run that took the same content; None unless unchanged.
        checked_only: Whether it was checked and not loaded, as by ``validate``; not part of the JSON.
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

    @classmethod
    def of(
        cls,
        result: ReturnResult,
        *,
        report: str | None = None,
        files: Iterable[str] = (),
        resubmission: Resubmission | None = None,
        due: date | None = None,
        checked_only: bool = False,
    ) -> ReturnReport:
        """The report on a validated return, with all findings."""
        contract, supplier = result.contract, result.supplier
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
            counts=FindingCounts(**result.counts()),
            findings=tuple(Finding(**each) for each in result.findings.iter_rows(named=True)),
            rules=count_by_rule(result.findings, contract, result.checks),
            resubmission=Comparison.of(resubmission) if resubmission else None,
            report=report,
            files=tuple(files),
            checked_only=checked_only,
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
        new = Counter(each.severity for each in findings)
        return cls(
            file=name,
            sheet=entry.sheet,
            contract=ContractName(contract, entry.contract_version or "", titles.get(contract, contract))
            if contract
            else None,
            supplier=SupplierName(entry.supplier_code, entry.supplier_name) if entry.supplier_code else None,
            period_start=entry.period_start,
            period_end=entry.period_end,
            verdict="unchanged",
            nil=entry.is_nil,
            rows=Rows(entry.rows_read, entry.rows_accepted, entry.rows_quarantined, entry.rows_blank, entry.rows_notes),
            counts=FindingCounts(entry.errors + new["error"], entry.warnings + new["warning"]),
            findings=tuple(findings),
            rules=count_by_rule(findings_frame(findings), None, {}),
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

    def shortened(self, most: int = FINDINGS_SHOWN) -> ReturnReport:
        """The same with so many findings listed at most; all counts are of all."""
        compared = self.resubmission and self.resubmission.shortened(most)
        return replace(self, findings=self.findings[:most], resubmission=compared)

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
            "notes": [asdict(each) for each in self.notes],
            "counts": asdict(self.counts),
            "findings": [dict(vars(each)) for each in self.findings],
            "findings_shown": len(self.findings),
            "rules": [dict(vars(each)) for each in self.rules],
            "resubmission": self.resubmission and self.resubmission.as_dict(),
            "report": self.report,
            "files": list(self.files),
            "loaded_by": self.loaded_by,
        }


@dataclass(frozen=True)
class Unallocated(Discreet):
    """Rows of a unified table for which a lookup found no value."""

    table: str
    column: str
    value: str
    rows: int


@dataclass(frozen=True)
class FinishedRun(Discreet, tells=("run_id", "verdict")):
    """An earlier run that was loaded and did not come to its end: a later one finished it, and tells what it had to tell.

    Attributes:
        report: Its page, relative to the page of the run that tells; None where it was removed.
    """

    run_id: str
    verdict: str
    exit_code: int
    report: str | None = None


@dataclass(frozen=True, kw_only=True)
class RunReport(Discreet, tells=("run_id", "verdict")):
    """What a run did.

    Attributes:
        finished: Earlier runs that it finished; their verdicts and exit codes count as its own.
        started_at: When it started (UTC); None for a check without a store.
        exceptions: Counts outside the band of their history and peers.
        released: Whether readers of the released tables see all that is loaded; None where there is no store.
        release: The state that they see; None where nothing has been released.
        not_taken: What lies in the inbox and was not taken: what waits comes first.
        data_docs: First page of Great Expectations' own, relative to the page of the run.
        new_store: Whether there was no store before; None where there is none.
    """

    run_id: str
    started_at: datetime | None = None
    returns: tuple[ReturnReport, ...] = ()
    reconciliation: tuple[Reconciliation, ...] = ()
    release_checks: tuple[CheckResult, ...] = ()
    unallocated: tuple[Unallocated, ...] = ()
    exceptions: tuple[ActivityException, ...] = ()
    released: bool | None = None
    release: Release | None = None
    not_taken: tuple[NotTaken, ...] = ()
    data_docs: str | None = None
    new_store: bool | None = None
    finished: tuple[FinishedRun, ...] = ()

    @property
    def verdict(self) -> str:
        """The worst verdict of all returns, those of runs that it finished included."""
        found = [each.verdict for each in self.returns] + [each.verdict for each in self.finished]
        return max(found, key=VERDICTS.index, default="unchanged")

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        faulty = any(each.verdict in NEED_ATTENTION for each in self.returns)
        unreleased = any(not each.passed and each.severity != "warning" for each in self.release_checks)
        own = 1 if faulty or unreleased else 0
        return max(own, *(each.exit_code for each in self.finished), own)

    @property
    def tells(self) -> bool:
        """Whether there is something to tell though every return is well: a path may be mistyped, an old return came again."""
        return bool(self.new_store and self.returns) or any(
            each.verdict == "unchanged" and each.findings for each in self.returns
        )

    def shortened(self, most: int = FINDINGS_SHOWN) -> RunReport:
        """The same with so many findings of each return listed at most."""
        return replace(self, returns=tuple(each.shortened(most) for each in self.returns))

    def as_dict(self) -> dict[str, Any]:
        """The run as JSON."""
        return {
            "format_version": FORMAT_VERSION,
            "run_id": self.run_id,
            "started_at": f"{self.started_at.isoformat()}Z" if self.started_at else None,
            "verdict": self.verdict,
            "returns": [each.as_dict() for each in self.returns],
            "reconciliation": [each.as_dict() for each in self.reconciliation],
            "release_checks": [dict(vars(each)) for each in self.release_checks],
            "unallocated": [dict(vars(each)) for each in self.unallocated],
            "exceptions": [each.as_dict() for each in self.exceptions],
            "released": self.released,
            "release": self.release and self.release.as_dict(),
            "not_taken": [dict(vars(each)) for each in self.not_taken],
            "data_docs": self.data_docs,
            "new_store": self.new_store,
            "finished_runs": [asdict(each) for each in self.finished],
            "exit_code": self.exit_code,
        }


def iso(day: date | None) -> str | None:
    """A day as JSON has it."""
    return day.isoformat() if day else None
