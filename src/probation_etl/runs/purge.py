"""Removes returns for good that have been kept for the time that their contract says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import UsageError
from probation_etl.intake.readers import DEFAULT_LIMITS
from probation_etl.journal import named_run
from probation_etl.runs.completion import Show, nobody
from probation_etl.runs.on_store import Where, on_store
from probation_etl.runs.result import RunResult
from probation_etl.runs.session import RunSession
from probation_etl.status.arrivals import day_of
from probation_etl.status.calendar import Calendar
from probation_etl.stores import LedgerEntry


@dataclass(frozen=True)
class PurgedReturn(Discreet, tells=("return_id",)):
    """An attempt at a return whose time is over.

    Attributes:
        rows: Rows that were accepted or quarantined.
        kept_until: The last day on which it had to be kept.
    """

    return_id: str
    period_end: date | None
    rows: int
    kept_until: date

    def as_dict(self) -> dict[str, Any]:
        """The return as JSON."""
        return {
            **vars(self),
            "period_end": self.period_end and str(self.period_end),
            "kept_until": str(self.kept_until),
        }


@dataclass(frozen=True)
class PurgeResult(Discreet):
    """What was purged, or would be.

    Attributes:
        returns: The attempts, in the order of the ledger.
        run: The run that did it.
        is_done: False where it was only looked at.
    """

    returns: tuple[PurgedReturn, ...]
    run: RunResult
    is_done: bool

    @property
    def exit_code(self) -> int:
        """Exit code of the command line."""
        return self.run.exit_code

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON."""
        return {"done": self.is_done, "purged": [each.as_dict() for each in self.returns], "run": self.run.summary}


@named_run()
def purge(
    *,
    store: str,
    reports: str | Path,
    reason: str,
    on: date | None = None,
    dry_run: bool = False,
    contracts: str | Path | None = None,
    wait: float = 0,
    show: Show = nobody,
) -> PurgeResult:
    """Removes rows, findings and content of the returns whose contract says that their time is over.

    A contract says so with ``retention`` under ``slaProperties``: so long after the end of its period a return is kept, after
    its arrival where it has no period. The newest version of the contract decides for returns of all versions.

    Args:
        store: URL of the store.
        reports: Directory that gets a folder for this run.
        reason: Why, for the ledger.
        on: The day by which the time must be over; today by default.
        dry_run: Only look which returns these are.
        contracts: Directory of contracts; those shipped by default.
        wait: For how many seconds to wait for another run.
        show: Called with the run's result at the end.

    Raises:
        UsageError: There is no reason, or a path or URL cannot be used.
        ContractError, EnvironmentFailure, LockedError: As for :func:`probation_etl.run`.
    """
    if not reason.strip():
        raise UsageError("Say why, with --reason: it is written into the ledger.")
    where = Where.checked(store, reports, contracts, wait)
    rulebook, day = load_rulebook(contracts), on or datetime.now(UTC).date()
    found: list[PurgedReturn] = []

    def step(session: RunSession) -> None:
        found.extend(_due(session, rulebook, day))
        if found and not dry_run:
            session.begin().purge({each.return_id: each.kept_until for each in found}, reason=reason)

    done = on_store(step, rulebook, where, dry_run=dry_run, limits=DEFAULT_LIMITS, show=show)
    return PurgeResult(tuple(found), done, not dry_run)


def _due(session: RunSession, rulebook: Rulebook, day: date) -> list[PurgedReturn]:
    """Attempts that need not be kept on that day any more."""
    kinds = Calendar.of(rulebook.contracts, rulebook.reference).kinds
    retentions = {kind: versions[-1].service_level.retention for kind, versions in kinds.items()}
    arrived = dict(session.store.query("SELECT run_id, started_at FROM ledger.runs").rows())
    found = []
    for entry in session.store.ledger.entries():
        retention = retentions.get(entry.kind or "")
        if retention is None or entry.purged_at:
            continue
        kept_until = retention.after(entry.period_end or day_of(arrived[entry.run_id]))
        if kept_until < day:
            found.append(PurgedReturn(entry.return_id, entry.period_end, _rows(entry), kept_until))
    return found


def _rows(entry: LedgerEntry) -> int:
    return entry.rows_accepted + entry.rows_quarantined if entry.loaded else entry.rows_quarantined
