"""The main job: takes every new file of an inbox through all stages, in one transaction."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from probation_etl.arguments import typed
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import CommitError, StoreError, UsageError
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits
from probation_etl.journal import named_run, tell
from probation_etl.paths import folder_for, is_folder, named_as_folder, on_this_machine, outside
from probation_etl.reports.files import RunReports
from probation_etl.reports.run_folder import RunFolder
from probation_etl.runs.admission import load_rulebook
from probation_etl.runs.at_work import AtWork
from probation_etl.runs.completion import Show, Step, carry_out, nobody
from probation_etl.runs.listing import listing
from probation_etl.runs.order import NewestBy, check_newest_by
from probation_etl.runs.result import RunResult
from probation_etl.runs.session import RunSession, new_record
from probation_etl.runs.take import Manner, OnFile, take
from probation_etl.stores import LedgerEntry, LedgerPlace, Store, opened_for_run, shown_url, store_path


@typed
@named_run()
def run(
    inbox: str | Path,
    *,
    store: str,
    reports: str | Path,
    contracts: str | Path | None = None,
    dry_run: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    annotated: bool = False,
    on_file: OnFile | None = None,
    data_docs: bool = False,
    newest_by: NewestBy | None = None,
    settle: float = 0,
    archive: str | Path | None = None,
    ledger: str | Path | None = None,
    wait: float = 0,
    show: Show = nobody,
) -> RunResult:
    """Runs every new file of an inbox through all stages and loads what is good.

    Args:
        inbox: Directory with the returns, including those in its folders. It is never changed.
        store: URL of the store, such as ``duckdb:///probation.duckdb``.
        reports: Directory that gets a folder for this run.
        contracts: Directory of contracts; those shipped by default.
        dry_run: Validate everything, but change nothing and write no reports.
        limits: How large a file may be.
        annotated: Write an annotated workbook, which contains the supplier's own data, for each return with findings.
        on_file: Called before each file with its name, the number of files before it, and the number of all files.
        data_docs: Let Great Expectations write its pages on the release checks, beside the reports.
        newest_by: What decides which of several files of one return is the newest: ``modified``, when the file was last
            written, or ``name``, with numbers in it compared as numbers. By default nothing does, and all are rejected.
        settle: For how many seconds a new file must not have changed. The run waits so long once, if it must; what changes
            meanwhile waits for the next run.
        archive: Directory to which files are moved once they are loaded, or rejected and reported, below a folder for this
            run. By default they stay in the inbox.
        ledger: Where the ledger file is started, in which every load is written down; by default beside an embedded store, and
            for one on a server in the reports directory. The store remembers it.
        wait: For how many seconds to wait for another run, or for another program that has the store open.
        show: Called with the result at the end. If it raises, the next run gives this one's verdict among its own.

    Raises:
        ContractError: A contract cannot be used, or a reference table breaks its own.
        UsageError: The store's URL cannot be used, ``newest_by`` is something else, or the reports, the archive or the
            ledger file lie in the inbox.
        EnvironmentFailure: The work could not be done; the message says what holds.
        LockedError: Another run is using the store, or another program has it open.
    """
    check_newest_by(newest_by)
    where = Where.checked(store, reports, contracts, wait, ledger)
    directory, rulebook = on_this_machine(inbox), load_rulebook(contracts)
    is_folder(directory, "The inbox")
    manner = Manner(newest_by, settle, on_this_machine(archive) if archive is not None else None)
    where.lies_outside(directory)
    outside(manner.archive, directory, "The archive")
    found = listing(directory, store_path(store), rulebook.guard)

    def take_all(session: RunSession) -> None:
        session.annotated = annotated
        if not dry_run:
            session.at_work = AtWork(where.at_work(session.store), session.record)
        tell("run", "begun", message="run begun", counts={"files": len(found.files)})
        take(session, found, manner, on_file=on_file)

    return on_store(take_all, rulebook, where, dry_run=dry_run, limits=limits, show=show, data_docs=data_docs)


@typed
@named_run()
def withdraw(
    return_id: str,
    *,
    store: str,
    reports: str | Path,
    reason: str,
    reinstate: bool = False,
    contracts: str | Path | None = None,
    wait: float = 0,
    show: Show = nobody,
) -> RunResult:
    """Removes the rows of a return from the unified tables. Nothing is deleted; the same call can reinstate them.

    The previous return for the same supplier and period counts again. Returns that refer to its rows are validated again.

    Args:
        return_id: Name of the return as in ``status --json``; any of its attempts.
        store: URL of the store.
        reports: Directory that gets a folder for this run.
        reason: Why, for the ledger.
        reinstate: Reinstates a withdrawn return.
        contracts: Directory of contracts; those shipped by default.
        wait: As for :func:`run`.
        show: As for :func:`run`.

    Raises:
        UsageError: The store knows no such return, or it is withdrawn (or counts) already.
        ContractError, EnvironmentFailure, LockedError: As for :func:`run`.
    """
    where = Where.checked(store, reports, contracts, wait)
    rulebook = load_rulebook(contracts)

    def step(session: RunSession) -> None:
        decide(session, return_id, withdrawn=not reinstate, reason=reason)

    return on_store(step, rulebook, where, dry_run=False, limits=DEFAULT_LIMITS, show=show)


def decide(session: RunSession, return_id: str, *, withdrawn: bool, reason: str) -> None:
    """Withdraws or reinstates a return."""
    entry = _entry(session, return_id)
    if entry.withdrawn is withdrawn:
        raise UsageError(f"The return ‘{return_id}’ is {'withdrawn already' if withdrawn else 'not withdrawn'}.")
    session.begin().decide(entry.original_id, withdrawn=withdrawn, reason=reason)


def _entry(session: RunSession, return_id: str) -> LedgerEntry:
    """The newest attempt of a return, by the name of any of its attempts."""
    entries = session.store.ledger.entries()
    names = {each.original_id for each in entries if each.return_id == return_id}
    for each in entries:
        if each.is_newest and each.original_id in names:
            return each
    raise UsageError(f"The store knows no return ‘{return_id}’: ‘probation-etl status --json’ lists them.")


@dataclass(frozen=True)
class Where(Discreet):
    """Where a step is carried out: the store's URL, the directory of reports, and the contracts if they are not those shipped.

    Attributes:
        wait: For how many seconds to wait for the store.
        ledger: Where the ledger file of the store is started.
    """

    store: str
    reports: Path
    contracts: str | Path | None
    wait: float
    ledger: LedgerPlace

    @classmethod
    def checked(
        cls,
        store: str,
        reports: str | Path,
        contracts: str | Path | None,
        wait: float,
        ledger: str | Path | None = None,
    ) -> Self:
        """The same, unless a path cannot be meant: found before any work is done.

        Raises:
            UsageError: A path is an address of another machine.
            EnvironmentFailure: A folder above is missing.
        """
        store_path(store)
        directory = named_as_folder(on_this_machine(reports))
        folder_for(directory, "The reports directory")
        file = None if ledger is None else on_this_machine(ledger)
        if file:
            folder_for(file, "The ledger file")
        return cls(store, directory, contracts, wait, LedgerPlace(file, directory))

    def lies_outside(self, inbox: Path) -> None:
        """Refuses what is written in an inbox, but for the store itself, which a run leaves alone.

        Raises:
            UsageError: The reports or the ledger file lie there.
        """
        outside(self.reports, inbox, "The reports directory")
        outside(self.ledger.given, inbox, "The ledger file")

    def at_work(self, store: Store) -> Path:
        """Where runs on a store say which file they are at."""
        return self.reports / f".{store.preparation.identity}.at-work"

    @property
    def in_commands(self) -> str:
        """The store as a command line names it, with the contracts; without a password."""
        named = [self.store if store_path(self.store) else shown_url(self.store)]
        return shlex.join([*named, *(("--contracts", str(self.contracts)) if self.contracts else ())])


def on_store(
    step: Step, rulebook: Rulebook, where: Where, *, dry_run: bool, limits: Limits, show: Show, data_docs: bool = False
) -> RunResult:
    """Carries out one step on a locked store, in one transaction."""
    with named_run() as name:
        record = new_record(rulebook, name)
    with opened_for_run(where.store, rulebook.contracts, rulebook.tables, dry_run=dry_run, wait=where.wait) as opened:
        pages = None if dry_run else _reports(opened, where.reports, record.run_id)
        session = RunSession(
            rulebook, opened, pages, record, limits, where.in_commands, data_docs=data_docs, ledger=where.ledger
        )
        return carry_out(session, step, keep=not dry_run, show=show)


def _reports(store: Store, directory: Path, run_id: str) -> RunReports:
    """The run's reports, under the name of its store, which must be there before anything is written beside it."""
    try:
        store.preparation.migrate()
    except CommitError as error:
        raise StoreError(f"{error.failure} Nothing was loaded.") from None
    return RunReports(RunFolder(directory, run_id, store.preparation.identity))
