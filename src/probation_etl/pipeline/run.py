"""The main job: every new file of an inbox through all stages, in one transaction."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filelock import FileLock, Timeout

from probation_etl.errors import LockedError, StoreError
from probation_etl.pipeline.assess import assess, too_large
from probation_etl.pipeline.inbox import files_in, read_file, shown_name
from probation_etl.pipeline.rulebook import Rulebook, load_rulebook
from probation_etl.pipeline.stages import depth_of, harmonise, references_in, release_checks, unallocated
from probation_etl.readers import DEFAULT_LIMITS, Limits
from probation_etl.reconcile import Contribution, Reconciliation, contribution, reconcile
from probation_etl.reports.files import ReportsDirectory
from probation_etl.reports.summary import return_summary, run_summary, unchanged_summary
from probation_etl.result import ReturnResult
from probation_etl.stores import RunRecord, Store, connect, store_path
from probation_etl.stores.identity import entry_of, newest, worth_another_attempt
from probation_etl.version import VERSION

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    Attributes:
        summary: The run in the shape that ``run --json`` prints.
        reports: Folder of the run's reports; None where nothing was new, or in a dry run.
    """

    summary: dict[str, Any]
    reports: Path | None = None

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        return int(self.summary["exit_code"])

    @property
    def verdict(self) -> str:
        """The worst verdict of all returns."""
        return str(self.summary["verdict"])

    @property
    def returns(self) -> list[dict[str, Any]]:
        """Every return of the run."""
        return list(self.summary["returns"])


@dataclass
class _Work:
    """What a run has at hand, and what it has gathered so far."""

    inbox: Path
    rulebook: Rulebook
    store: Store
    reports: ReportsDirectory
    record: RunRecord
    limits: Limits
    returns: list[dict[str, Any]] = field(default_factory=list)
    contributions: list[Contribution] = field(default_factory=list)
    changed: bool = False

    @property
    def titles(self) -> dict[str, str]:
        """Titles of contracts by id."""
        return {name: each.title for name, each in self.rulebook.contracts.items()}


def run(
    inbox: str | Path,
    *,
    store: str,
    reports: str | Path,
    contracts: str | Path | None = None,
    dry_run: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> RunResult:
    """Runs every new file of an inbox through all stages and loads what is good.

    Args:
        inbox: Directory with the returns; folders inside it are looked into as well. It is never changed.
        store: URL of the store, such as ``duckdb:///probation.duckdb``.
        reports: Directory that gets a folder for this run.
        contracts: Directory of contracts; those shipped by default.
        dry_run: Judge everything, change nothing and write no reports.
        limits: How large a file may be.

    Raises:
        ContractError: A contract cannot be used.
        UsageError: The store's URL cannot be used.
        EnvironmentFailure: The work could not be done. Nothing is half-done.
        LockedError: Another run works on the same store.
    """
    directory, rulebook = Path(inbox), load_rulebook(contracts)
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    record = RunRecord(f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}", now, rulebook.contracts.digest, VERSION)
    files = sorted(files_in(directory), key=lambda path: depth_of(path.name, rulebook.returns()))
    with _opened(store, rulebook, dry_run=dry_run) as opened:
        work = _Work(directory, rulebook, opened, ReportsDirectory(Path(reports), record.run_id), record, limits)
        return _run(work, files, dry_run=dry_run)


def _run(work: _Work, files: Iterable[Path], *, dry_run: bool) -> RunResult:
    if not dry_run:
        work.reports.begin(work.store.has_run)
    try:
        with work.store.transaction(keep=not dry_run):
            for path in files:
                _take(work, path, dry_run=dry_run)
            summary = _conclude(work)
            if work.changed and not dry_run:
                work.reports.finish(summary)
    except BaseException:
        work.reports.discard()
        raise
    shown = work.reports.publish() if work.changed and not dry_run else None
    logger.info("run finished", extra={"run_id": work.record.run_id, "verdict": summary["verdict"]})
    return RunResult(summary, shown)


def _take(work: _Work, path: Path, *, dry_run: bool) -> None:
    """One file: judged, or known already."""
    name = shown_name(path.relative_to(work.inbox))
    data, sha256 = read_file(path, work.limits)
    entries = work.store.known(sha256)
    if _seen_before(entries, Path(name).name, work.record.contracts_digest):
        work.returns += [
            unchanged_summary(each, name, work.titles)
            for each in newest(entries)
            if Path(each["file"]).name == Path(name).name
        ]
        return
    for result in _assessed(work, name, data, sha256):
        known = entry_of(result, entries)
        if known is None:
            _load(work, result, dry_run=dry_run)
        elif worth_another_attempt(result, known):
            _load(work, replace(result, attempt=known["attempt"] + 1), dry_run=dry_run)
        else:
            work.returns.append(unchanged_summary(known, name, work.titles))
    logger.info("file taken", extra={"file": name})


def _assessed(work: _Work, name: str, data: bytes | None, sha256: str) -> Iterator[ReturnResult]:
    if data is None:
        return iter([too_large(name, sha256, work.limits)])
    return assess(name, data, work.rulebook, references=references_in(work.store), limits=work.limits)


def _seen_before(entries: list[dict[str, Any]], name: str, contracts_digest: str) -> bool:
    """Whether this content under this name was judged by these very contracts: then nothing can have changed."""
    same = [each for each in entries if Path(each["file"]).name == name]
    return bool(same) and all(
        each["contracts_digest"] == contracts_digest and not each["unresolved"] for each in newest(same)
    )


def _load(work: _Work, result: ReturnResult, *, dry_run: bool) -> None:
    if not work.changed:
        work.store.begin_run(work.record)
        work.changed = True
    unified = harmonise(result, work.rulebook)
    work.store.load(result, unified, run=work.record)
    if unified and result.contract:
        target = work.rulebook.unified_for(result.contract)
        work.contributions.append(contribution(result.accepted, result.contract, target, return_id=result.return_id))
    report = None if dry_run else work.reports.write_return(result)
    work.returns.append(return_summary(result, report=report))


def _conclude(work: _Work) -> dict[str, Any]:
    """Totals, release checks and the summary, all before anything is committed."""
    counted: list[Reconciliation] = []
    checks: list[dict[str, Any]] = []
    if work.changed:
        counted = reconcile(
            work.contributions, lambda table, measure, ids: work.store.total(table, measure, return_ids=ids)
        )
        checks = release_checks(work.store, work.rulebook)
    work.returns.sort(key=lambda each: (each["file"], each["sheet"] or ""))
    return run_summary(
        work.record.run_id,
        work.returns,
        started_at=f"{work.record.started_at.isoformat()}Z",
        reconciliation=[each.as_dict() for each in counted],
        release_checks=checks,
        unallocated=list(unallocated(work.store, work.rulebook)),
    )


@contextmanager
def _opened(url: str, rulebook: Rulebook, *, dry_run: bool) -> Iterator[Store]:
    """The store, locked for this run. A dry run on a store that does not exist yet leaves none behind."""
    path = store_path(url)
    if dry_run and not path.exists():
        with TemporaryDirectory() as directory:
            elsewhere = f"duckdb:///{directory}/{path.name}"
            with connect(elsewhere, rulebook.contracts, rulebook.tables) as store:
                yield store
        return
    with _locked(path), connect(url, rulebook.contracts, rulebook.tables) as store:
        yield store


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """A lock beside the store, held while the run lasts; the system frees it when the process dies."""
    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise LockedError(f"Another run works on {path}. Try again when it has finished.") from None
    except OSError as error:
        raise StoreError(f"The store {path} cannot be locked: {error.strerror}. Nothing was done.") from None
    try:
        yield
    finally:
        lock.release()
