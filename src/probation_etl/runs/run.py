"""The main job: takes every new file of an inbox through all stages, in one transaction."""

from __future__ import annotations

from pathlib import Path

from probation_etl.arguments import typed
from probation_etl.errors import UsageError
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits
from probation_etl.journal import named_run, tell
from probation_etl.paths import is_folder, on_this_machine, outside
from probation_etl.runs.admission import load_rulebook
from probation_etl.runs.at_work import AtWork
from probation_etl.runs.completion import Show, nobody
from probation_etl.runs.known_files import KnownFiles
from probation_etl.runs.listing import listing
from probation_etl.runs.on_store import Where, on_store
from probation_etl.runs.order import NewestBy, check_newest_by
from probation_etl.runs.result import RunResult
from probation_etl.runs.session import RunSession
from probation_etl.runs.take import Manner, OnFile, take
from probation_etl.stages import spending
from probation_etl.stores import store_path


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
    release: bool = True,
    ledger: str | Path | None = None,
    wait: float = 0,
    read_all: bool = False,
    workers: int | None = None,
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
        release: Make the release checks, and release what is loaded if they pass. Without it readers of the released tables see
            the previous release until :func:`check` releases, or a later run that loads something.
        ledger: Where the ledger file is started, in which every load is written down; by default beside an embedded store, and
            for one on a server in the reports directory. The store remembers it.
        wait: For how many seconds to wait for another run, or for another program that has the store open.
        read_all: Read every file. By default one that an earlier run has taken is not read again while its size, its times and
            its number in the file system are the same; with an archive, every file is read.
        workers: How many processes judge small files by themselves, while this one finishes and loads them. By default as many as there
            are processors to use, but none beside this one where there are few new files. The outcome is the same for any number.
        show: Called with the result at the end. If it raises, the next run gives this one's verdict among its own.

    Raises:
        ContractError: A contract cannot be used, or a reference table breaks its own.
        UsageError: The store's URL cannot be used, ``newest_by`` is something else, there are fewer ``workers`` than one, ``data_docs`` are asked for without a
            release, or the reports, the archive or the ledger file lie in the inbox.
        EnvironmentFailure: The work could not be done; the message says what holds.
        LockedError: Another run is using the store, or another program has it open.
    """
    check_newest_by(newest_by)
    if data_docs and not release:
        raise UsageError(
            "The pages of Great Expectations (--data-docs) are about the release checks, which --no-release leaves out."
        )
    if workers is not None and workers < 1:
        raise UsageError("There must be one worker at least: this process is the first of them.")
    where = Where.checked(store, reports, contracts, wait, ledger)
    directory = on_this_machine(inbox)
    with spending("contracts"):
        rulebook = load_rulebook(contracts)
    is_folder(directory, "The inbox")
    manner = Manner(newest_by, settle, on_this_machine(archive) if archive is not None else None, workers)
    where.lies_outside(directory)
    outside(manner.archive, directory, "The archive")
    with spending("look"):
        found = listing(directory, store_path(store), rulebook.guard)

    def take_all(session: RunSession) -> None:
        session.annotated, session.releases = annotated, release
        if not dry_run:
            session.at_work = AtWork(where.at_work(session.store), session.record)
        tell("run", "begun", message="run begun", counts={"files": len(found.files)})
        noted = KnownFiles.beside(
            where.reports, session.store.preparation.identity, directory, trusts=not (read_all or manner.archive)
        )
        take(session, found, manner, noted=noted, on_file=on_file)
        session.afterwards.append(noted.save)

    return on_store(take_all, rulebook, where, dry_run=dry_run, limits=limits, show=show, data_docs=data_docs)
