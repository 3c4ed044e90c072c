"""The main job: takes every new file of an inbox through all stages, in one transaction."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import UsageError
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits
from probation_etl.journal import Clock, named_run, tell
from probation_etl.paths import folder_for, is_folder, on_this_machine
from probation_etl.reports.files import ReportsDirectory
from probation_etl.reports.model import RunReport
from probation_etl.reports.notebook import run_in_notebook
from probation_etl.reports.tally import Tally
from probation_etl.runs.listing import listing
from probation_etl.runs.order import NewestBy, check_newest_by
from probation_etl.runs.session import RunSession, new_record
from probation_etl.runs.take import OnFile, take
from probation_etl.stores import LedgerEntry, opened_for_run, shown_url, store_path


@dataclass(frozen=True)
class RunResult(Discreet, tells=("verdict", "exit_code", "report")):
    """What a run did.

    Attributes:
        report: What was found.
        reports: Folder of the run's reports; None if nothing was new, or in a dry run.
    """

    report: RunReport
    reports: Path | None = None

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The run in the shape that ``run --json`` prints."""
        return self.report.as_dict()

    @property
    def exit_code(self) -> int:
        """Exit code of the command line."""
        return self.report.exit_code

    @property
    def verdict(self) -> str:
        """The worst verdict of all returns."""
        return self.report.verdict

    @property
    def returns(self) -> list[dict[str, Any]]:
        """Every return of the run, as in the summary."""
        return list(self.summary["returns"])

    def _repr_html_(self) -> str:
        """What a notebook shows of it: the verdict, and the returns with their counts."""
        return run_in_notebook(self.report)


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

    Raises:
        ContractError: A contract cannot be used, or a reference table breaks its own.
        UsageError: The store's URL cannot be used, or ``newest_by`` is something else.
        EnvironmentFailure: The work could not be done; nothing was changed.
        LockedError: Another run is using the store.
    """
    check_newest_by(newest_by)
    where = _Where.checked(store, reports, contracts)
    directory, rulebook = on_this_machine(inbox), load_rulebook(contracts)
    is_folder(directory, "The inbox")
    found = listing(directory)

    def take_all(session: RunSession) -> None:
        session.annotated = annotated
        tell("run", "begun", message="run begun", counts={"files": len(found.files)})
        take(session, found, newest_by=newest_by, on_file=on_file)

    return _carry_out(take_all, rulebook, where, dry_run=dry_run, limits=limits, data_docs=data_docs)


@named_run()
def withdraw(
    return_id: str,
    *,
    store: str,
    reports: str | Path,
    reason: str,
    reinstate: bool = False,
    contracts: str | Path | None = None,
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

    Raises:
        UsageError: The store knows no such return, or it is withdrawn (or counts) already.
        ContractError, EnvironmentFailure, LockedError: As for :func:`run`.
    """
    where = _Where.checked(store, reports, contracts)
    rulebook = load_rulebook(contracts)

    def step(session: RunSession) -> None:
        decide(session, return_id, withdrawn=not reinstate, reason=reason)

    return _carry_out(step, rulebook, where, dry_run=False, limits=DEFAULT_LIMITS)


def decide(session: RunSession, return_id: str, *, withdrawn: bool, reason: str) -> None:
    """Withdraws or reinstates a return."""
    entry = _entry(session, return_id)
    if entry.withdrawn is withdrawn:
        raise UsageError(f"The return ‘{return_id}’ is {'withdrawn already' if withdrawn else 'not withdrawn'}.")
    session.begin()
    session.store.decide(entry.original_id, withdrawn=withdrawn, reason=reason, run=session.record)


def _entry(session: RunSession, return_id: str) -> LedgerEntry:
    """The newest attempt of a return, by the name of any of its attempts."""
    entries = session.store.entries()
    names = {each.original_id for each in entries if each.return_id == return_id}
    for each in entries:
        if each.is_newest and each.original_id in names:
            return each
    raise UsageError(f"The store knows no return ‘{return_id}’: ‘probation-etl status --json’ lists them.")


@dataclass(frozen=True)
class _Where(Discreet):
    """Where a step is carried out: the store's URL, the directory of reports, and the contracts if they are not those shipped."""

    store: str
    reports: Path
    contracts: str | Path | None

    @classmethod
    def checked(cls, store: str, reports: str | Path, contracts: str | Path | None) -> Self:
        """The same, unless a path cannot be meant: found before any work is done.

        Raises:
            UsageError: A path is an address of another machine.
            EnvironmentFailure: A folder above is missing.
        """
        store_path(store)
        directory = on_this_machine(reports)
        folder_for(directory, "The reports directory")
        return cls(store, directory, contracts)

    @property
    def in_commands(self) -> str:
        """The store as a command line names it, with the contracts; without a password."""
        named = [self.store if store_path(self.store) else shown_url(self.store)]
        return shlex.join([*named, *(("--contracts", str(self.contracts)) if self.contracts else ())])


def _carry_out(
    step: Callable[[RunSession], None],
    rulebook: Rulebook,
    where: _Where,
    *,
    dry_run: bool,
    limits: Limits,
    data_docs: bool = False,
) -> RunResult:
    """Carries out one step on a locked store, in one transaction."""
    clock = Clock()
    with named_run() as name:
        record = new_record(rulebook, name)
    pages = None if dry_run else ReportsDirectory(where.reports, record.run_id, where.store)
    with opened_for_run(where.store, rulebook.contracts, rulebook.tables, dry_run=dry_run) as opened:
        session = RunSession(rulebook, opened, pages, record, limits, where.in_commands, data_docs=data_docs)
        with session.transaction(keep=not dry_run):
            step(session)
            session.settle()
            report = session.conclude()
        shown = pages.publish() if pages and session.changed else None
    counts = Tally.of(report).as_dict()
    tell("run", report.verdict, exit_code=report.exit_code, counts=counts, seconds=clock.seconds)
    return RunResult(report, shown)
