"""A run on a store: what it works with, and what it does with each return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from probation_etl.audit.kept_returns import KeptReturns
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.claims import Claim
from probation_etl.intake.judged import unread
from probation_etl.intake.readers import Limits
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.intake.result import ReturnResult
from probation_etl.journal import Clock, RunName, tell
from probation_etl.reports.files import RunReports
from probation_etl.reports.not_taken import NotTaken
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.run_folder import RunFolder
from probation_etl.reports.run_report import FinishedRun
from probation_etl.runs.at_work import AtWork
from probation_etl.runs.listing import bare_name
from probation_etl.runs.reassess import reassessed
from probation_etl.stages import spending
from probation_etl.status.calendar import Calendar
from probation_etl.stores import Attempt, LedgerEntry, LedgerPlace, RunRecord, RunWriter, Store
from probation_etl.unified.expected_totals import contribution
from probation_etl.unified.harmonise import harmonised
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
        releases: Whether what is loaded is checked, and released if the checks pass.
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
    releases: bool = True
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    ledger: LedgerPlace = field(default_factory=LedgerPlace)
    _writer: RunWriter | None = None
    _entries: list[LedgerEntry] | None = None
    _before: dict[str, list[Attempt]] | None = None
    _loaded: dict[str, set[Claim | None]] = field(default_factory=dict)
    _noted: set[tuple[object, ...]] = field(default_factory=set)

    @cached_property
    def titles(self) -> dict[str, str]:
        """Titles of contracts by id."""
        return {name: each.title for name, each in self.rulebook.contracts.items()}

    def same_name(self, one: str, other: str) -> bool:
        """Whether two files have one name, in whatever folder, unless folders say which returns files are."""
        return one == other if self._folders_count else bare_name(one) == bare_name(other)

    @cached_property
    def _folders_count(self) -> bool:
        return any(each.identification.folder for each in self.rulebook.returns())

    @property
    def folder(self) -> RunFolder | None:
        """The folder of the run's reports; None in a dry run."""
        return self.reports.folder if self.reports else None

    def open(self) -> None:
        """Prepares the store, and finishes what earlier runs left; call it in the run's transaction."""
        with spending("open"):
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

    def entries(self) -> Sequence[LedgerEntry]:
        """The ledger as it is now. While the run has changed nothing, it is read once."""
        if self.changed or self._entries is None:
            self._entries = self.store.ledger.entries()
        return self._entries

    def known(self, sha256: str) -> list[Attempt]:
        """Ledger entries of files with this content. The ledger is read once for all files of the inbox."""
        return self.store.ledger.known(sha256) if sha256 in self._loaded else self._known_before(sha256)

    def claimed(self, sha256: str) -> set[Claim | None]:
        """What returns with this content claim to be, for which the ledger need not be asked."""
        return {each.claim for each in self._known_before(sha256)} | self._loaded.get(sha256, set())

    def _known_before(self, sha256: str) -> list[Attempt]:
        if self._before is None:
            self._before = {}
            for each in self.entries():
                self._before.setdefault(each.sha256, []).append(each)
        return self._before.get(sha256, [])

    def load(self, result: ReturnResult) -> None:
        """Loads one return into the store, and writes its report."""
        writer, clock = self.begin(), Clock()
        self._loaded.setdefault(result.sha256, set()).add(result.claim)
        unified = harmonised(result, self.rulebook)
        totals = {}
        if unified and result.contract:
            target = self.rulebook.unified_for(result.contract)
            counted = contribution(result.accepted_rows, result.contract, target, return_id=result.return_id)
            totals[counted.table] = counted.totals
        writer.load(result, unified, totals=totals)
        tell(
            "load", "loaded" if result.is_loadable else "quarantined", return_id=result.return_id,
            file=result.file, sheet=result.sheet, seconds=clock.seconds,
            counts={"accepted": result.accepted_rows.height, "quarantined": result.quarantined_rows.height},
        )  # fmt: skip
        with spending("report"):
            self._note(self._reported(result))

    def _reported(self, result: ReturnResult) -> ReturnReport:
        self.kept.remember(result)
        # Which of several files corrects which is not known: they are compared with nothing.
        compared = None if result.is_contested else self.kept.comparison(result)
        sent = None
        if self.annotated:
            from probation_etl.reports.workbook import Sent

            sent = Sent.of(result)
        reports, due = self.reports, self._due(result)
        if reports:
            return reports.write_return(result, sent=sent, resubmission=compared, due=due)
        return ReturnReport.of(result, resubmission=compared, due=due).shortened()

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
        with spending("reassess"):
            for result in reassessed(self.store, self.rulebook, self.kept, self.entries()):
                self.load(result)

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
        self.add(ReturnReport.of(unread(file, "", finding)))

    def _note(self, report: ReturnReport) -> None:
        """Adds a return to the list of the run; one that was validated again replaces its earlier outcome."""
        if report.identity in self._noted:
            self.returns = [each for each in self.returns if each.identity != report.identity]
        self.add(report)

    def add(self, report: ReturnReport) -> None:
        """Adds a return to the list of the run, beside any other of its identity."""
        self._noted.add(report.identity)
        self.returns.append(report)


def new_record(rulebook: Rulebook, name: RunName | None = None) -> RunRecord:
    """A run under its name, or under a new one."""
    name = name or RunName.new()
    return RunRecord(name.run_id, name.started_at, rulebook.contracts.digest, VERSION)
