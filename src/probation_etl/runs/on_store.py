"""One step on a store: opened and locked, in one transaction, with reports under the name of the store."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from probation_etl.arguments import not_forked_after_work
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import CommitError, StoreError
from probation_etl.intake.readers import Limits
from probation_etl.journal import named_run
from probation_etl.paths import folder_for, named_as_folder, on_this_machine, outside
from probation_etl.reports.files import RunReports
from probation_etl.reports.run_folder import RunFolder
from probation_etl.runs.completion import Show, Step, carry_out
from probation_etl.runs.result import RunResult
from probation_etl.runs.session import RunSession, new_record
from probation_etl.stages import spending
from probation_etl.stores import LedgerPlace, Store, opened_for_run, shown_url, store_path


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
    not_forked_after_work()
    with named_run() as name:
        record = new_record(rulebook, name)
    with ExitStack() as stack:
        with spending("open"):
            opened = stack.enter_context(
                opened_for_run(where.store, rulebook.contracts, rulebook.tables, dry_run=dry_run, wait=where.wait)
            )
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
