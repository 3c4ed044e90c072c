"""The main job: takes every new file of an inbox through all stages, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.errors import UsageError
from probation_etl.intake.assess import assess, too_large
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits
from probation_etl.intake.result import ReturnResult
from probation_etl.reports.files import ReportsDirectory
from probation_etl.reports.model import ReturnReport, RunReport
from probation_etl.runs.inbox import depth_of, files_in, read_file, shown_name
from probation_etl.runs.session import RunSession, new_record
from probation_etl.stores import Attempt, LedgerEntry, opened_for_run
from probation_etl.stores.matching import entry_of, newest

logger = logging.getLogger(__name__)

#: Called before each file with its name, the number of files before it, and the number of all files.
OnFile = Callable[[str, int, int], None]


@dataclass(frozen=True)
class RunResult:
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

    Raises:
        ContractError: A contract cannot be used, or a reference table breaks its own.
        UsageError: The store's URL cannot be used.
        EnvironmentFailure: The work could not be done; nothing was changed.
        LockedError: Another run is using the store.
    """
    directory, rulebook = Path(inbox), load_rulebook(contracts)
    files = sorted(files_in(directory), key=lambda path: depth_of(path.name, rulebook.returns()))

    def take_all(session: RunSession) -> None:
        session.annotated = annotated
        for number, path in enumerate(files):
            if on_file:
                on_file(shown_name(path.relative_to(directory)), number, len(files))
            take(session, directory, path)

    return _carry_out(take_all, rulebook, store, Path(reports), dry_run=dry_run, limits=limits, data_docs=data_docs)


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
    rulebook = load_rulebook(contracts)

    def step(session: RunSession) -> None:
        decide(session, return_id, withdrawn=not reinstate, reason=reason)

    return _carry_out(step, rulebook, store, Path(reports), dry_run=False, limits=DEFAULT_LIMITS)


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


def _carry_out(
    step: Callable[[RunSession], None],
    rulebook: Rulebook,
    store: str,
    reports: Path,
    *,
    dry_run: bool,
    limits: Limits,
    data_docs: bool = False,
) -> RunResult:
    """Carries out one step on a locked store, in one transaction."""
    record = new_record(rulebook)
    pages = None if dry_run else ReportsDirectory(reports, record.run_id, store)
    with opened_for_run(store, rulebook.contracts, rulebook.tables, dry_run=dry_run) as opened:
        session = RunSession(rulebook, opened, pages, record, limits, data_docs=data_docs)
        with session.transaction(keep=not dry_run):
            step(session)
            session.settle()
            report = session.conclude()
        shown = pages.publish() if pages and session.changed else None
    logger.info("run finished", extra={"run_id": record.run_id, "verdict": report.verdict})
    return RunResult(report, shown)


def take(session: RunSession, inbox: Path, path: Path) -> None:
    """Validates and loads one file, unless it is known already."""
    name = shown_name(path.relative_to(inbox))
    data, sha256 = read_file(path, session.limits)
    entries = session.known(sha256)
    if _seen_before(entries, Path(name).name, session.record.contracts_digest):
        session.returns += [
            ReturnReport.unchanged(each, name, session.titles)
            for each in newest(entries)
            if Path(each.file).name == Path(name).name
        ]
        return
    for result in _assessed(session, name, data, sha256):
        known = entry_of(result, entries)
        if known is None:
            session.load(result)
        else:
            session.returns.append(ReturnReport.unchanged(known, name, session.titles))
    logger.info("file taken", extra={"file": name})


def _assessed(session: RunSession, name: str, data: bytes | None, sha256: str) -> Iterator[ReturnResult]:
    if data is None:
        return iter([too_large(name, sha256, session.limits)])
    return assess(name, data, session.rulebook, references=session.store.references, limits=session.limits)


def _seen_before(entries: Iterable[Attempt], name: str, contracts_digest: str) -> bool:
    """Whether this content was validated under this name by the same contracts, so that nothing can have changed."""
    same = [each for each in entries if Path(each.file).name == name]
    return bool(same) and all(each.contracts_digest == contracts_digest for each in newest(same))
