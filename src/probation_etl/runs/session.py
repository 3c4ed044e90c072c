"""What all work on a store has in common: load, reassess, reconcile and check, then commit everything or nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from probation_etl.audit.kept_returns import KeptReturns
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.assess import unread
from probation_etl.intake.readers import Limits
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.intake.result import ReturnResult
from probation_etl.journal import Clock, RunName, tell
from probation_etl.reports.files import DATA_DOCS_PAGE, RunReports
from probation_etl.reports.not_taken import NotTaken
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.run_folder import RUN_PAGE, RunFolder
from probation_etl.reports.run_report import FinishedRun, RunReport
from probation_etl.reports.workbook import Sent
from probation_etl.runs.at_work import AtWork
from probation_etl.runs.reassess import reassessed
from probation_etl.runs.release import is_released, may_be_released, release_checks
from probation_etl.status.arrivals import day_of
from probation_etl.status.calendar import Calendar
from probation_etl.status.exceptions import exceptions, unallocated
from probation_etl.status.page import render_status
from probation_etl.status.picture import status
from probation_etl.stores import Attempt, LedgerPlace, RunRecord, RunWriter, Store
from probation_etl.stores.reconciliation import reconciled
from probation_etl.unified.activity import ActivityException
from probation_etl.unified.expected_totals import contribution
from probation_etl.unified.harmonise import harmonise
from probation_etl.unified.reconcile import Reconciliation
from probation_etl.unified.release_checks import CheckResult
from probation_etl.version import VERSION


@dataclass
class RunSession(Discreet):
    """A run on a store: what it works with, and what it has done so far.

    Attributes:
        reports: Where reports are written; None in a dry run.
        address: The store as a command line names it.
        at_work: Where the run says which file it is at; None in a dry run.
        returns: The report on every return.
        not_taken: What lies in the inbox and was not taken.
        finished: Earlier runs that were loaded and of which nobody was told.
        annotated: Whether an annotated workbook is written for each return with findings.
        afterwards: What is done once everything is committed and reported.
        data_docs: Whether the pages of Great Expectations are written beside the reports.
        ledger: Where the ledger file of the store is started.
    """

    rulebook: Rulebook
    store: Store
    reports: RunReports | None
    record: RunRecord
    limits: Limits
    address: str = ""
    at_work: AtWork | None = None
    returns: list[ReturnReport] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    finished: tuple[FinishedRun, ...] = ()
    annotated: bool = False
    data_docs: bool = False
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    ledger: LedgerPlace = field(default_factory=LedgerPlace)
    _writer: RunWriter | None = None
    _before: dict[str, list[Attempt]] | None = None
    _loaded: set[str] = field(default_factory=set)

    @property
    def titles(self) -> dict[str, str]:
        """Titles of contracts by id."""
        return {name: each.title for name, each in self.rulebook.contracts.items()}

    @property
    def folder(self) -> RunFolder | None:
        """The folder of the run's reports; None in a dry run."""
        return self.reports.folder if self.reports else None

    def open(self) -> None:
        """Prepares the store, and finishes what earlier runs left; call it in the run's transaction."""
        self.store.preparation.prepare(check_reference_tables)
        self.store.ledger_file.agree(self.ledger)
        if self.folder:
            self.finished = self.folder.finish_others(self.store.ledger.runs_of)

    @property
    def changed(self) -> bool:
        """Whether anything was written to the store."""
        return self._writer is not None

    def begin(self) -> RunWriter:
        """Writes the run into the ledger, once something is to be changed.

        Returns:
            What changes it.
        """
        if self._writer is None:
            self._writer = self.store.begin_run(self.record)
        return self._writer

    def known(self, sha256: str) -> list[Attempt]:
        """Ledger entries of files with this content. The ledger is read once for all files of the inbox."""
        if self._before is None:
            self._before = self.store.ledger.known_by_content()
        return self.store.ledger.known(sha256) if sha256 in self._loaded else self._before.get(sha256, [])

    def load(self, result: ReturnResult) -> None:
        """Loads one return into the store, and writes its report."""
        writer, clock = self.begin(), Clock()
        self._loaded.add(result.sha256)
        unified = harmonise(result, self.rulebook)
        totals = {}
        if unified and result.contract:
            target = self.rulebook.unified_for(result.contract)
            counted = contribution(result.accepted, result.contract, target, return_id=result.return_id)
            totals[counted.table] = counted.totals
        writer.load(result, unified, totals=totals)
        tell(
            "load", "loaded" if result.is_loadable else "quarantined", return_id=result.return_id,
            file=result.file, sheet=result.sheet, seconds=clock.seconds,
            counts={"accepted": result.accepted.height, "quarantined": result.quarantined.height},
        )  # fmt: skip
        self.kept.remember(result)
        # Which of several files corrects which is not known: they are compared with nothing.
        compared = None if result.is_contested else self.kept.comparison(result)
        sent = Sent.of(result) if self.annotated else None
        reports, due = self.reports, self._due(result)
        self._note(
            reports.write_return(result, sent=sent, resubmission=compared, due=due)
            if reports
            else ReturnReport.of(result, resubmission=compared, due=due).shortened()
        )

    @cached_property
    def kept(self) -> KeptReturns:
        """The returns that the store keeps."""
        return KeptReturns(self.store, self.rulebook)

    @cached_property
    def _calendar(self) -> Calendar:
        return Calendar.of(self.rulebook.contracts, self.rulebook.reference)

    def _due(self, result: ReturnResult) -> date | None:
        """The last day on which a return is on time; None if its contract has no service level."""
        if result.contract is None or result.period_end is None:
            return None
        return self._calendar.due(result.contract.kind, result.period_end)

    def settle(self) -> None:
        """Validates returns again that refer to changed rows, and loads those whose outcome has changed."""
        for result in reassessed(self.store, self.rulebook, self.kept):
            self.load(result)

    def conclude(self) -> RunReport:
        """Counts totals, runs the release checks, releases, and writes the report, before anything is committed.

        If a check fails, what was loaded is kept, and readers of ``released`` see the previous release.

        Raises:
            ReconciliationError: Totals do not agree.
        """
        counted: list[Reconciliation] = []
        checks: list[CheckResult] = []
        if self.changed:
            counted = reconciled(self.store, self.rulebook, run_id=self.record.run_id)
            clock = Clock()
            checks = self._checks()
            _tell_of(checks, clock)
            if may_be_released(checks):
                clock = Clock()
                self.store.releases.make()
                tell("release", "released", seconds=clock.seconds)
        release = self.store.releases.newest()
        unusual = exceptions(self.store, self.rulebook) if self.changed else []
        report = RunReport(
            run_id=self.record.run_id,
            started_at=self.record.started_at,
            returns=tuple(sorted(self.returns, key=lambda each: (each.file, each.sheet or ""))),
            reconciliation=tuple(counted),
            release_checks=tuple(checks),
            unallocated=tuple(unallocated(self.store, self.rulebook)),
            exceptions=tuple(unusual),
            released=is_released(release),
            release=release,
            not_taken=tuple(sorted(self.not_taken, key=lambda each: (not each.waits, each.file))),
            data_docs=DATA_DOCS_PAGE if checks and self.data_docs and self.reports else None,
            new_store=self.store.preparation.is_new,
            finished=self.finished,
        )
        if self.changed and self.reports:
            self.reports.finish(report, status_page=self._status_page(unusual))
        return report

    def _checks(self) -> list[CheckResult]:
        pages = self.reports.data_docs() if self.reports and self.data_docs else None
        return release_checks(self.store, self.rulebook, pages)

    def _status_page(self, unusual: list[ActivityException]) -> str:
        """The page that says who has sent what by the day of this run."""
        contracts, reference = self.rulebook.contracts, self.rulebook.reference
        found = status(self.store, contracts, reference, on=day_of(self.record.started_at), exceptions=unusual)
        return render_status(found, run_page=RUN_PAGE)

    def tell(self, report: ReturnReport, entry: Attempt) -> None:
        """Reports on a return that is unchanged and has findings, and writes down that somebody was told."""
        self.begin().add_repeat(entry.original_id, report.file)
        self._note(self.reports.write_unchanged(report) if self.reports else report)

    def reading(self, file: str, sha256: str) -> AbstractContextManager[None]:
        """Inside, a file is read: if the run is brought down, the next one knows by which."""
        return self.at_work.on(file, sha256) if self.at_work else nullcontext()

    def not_read(self, file: str, finding: Finding) -> None:
        """Reports on a file that was not read. The ledger does not learn of it, so the next run tries again."""
        tell("read", finding.code, message="file not read", file=file)
        self.returns.append(ReturnReport.of(unread(file, "", finding)))

    def _note(self, report: ReturnReport) -> None:
        """Adds a return to the list of the run; one that was validated again replaces its earlier outcome."""
        self.returns = [each for each in self.returns if each.identity != report.identity]
        self.returns.append(report)


def _tell_of(checks: list[CheckResult], clock: Clock) -> None:
    counts = {"passed": 0, "failed": 0, "warnings": 0}
    for each in checks:
        counts["passed" if each.passed else "warnings" if each.severity == "warning" else "failed"] += 1
    tell("check", "failed" if counts["failed"] else "passed", counts=counts, seconds=clock.seconds)


def new_record(rulebook: Rulebook, name: RunName | None = None) -> RunRecord:
    """A run under its name, or under a new one."""
    name = name or RunName.new()
    return RunRecord(name.run_id, name.started_at, rulebook.contracts.digest, VERSION)
