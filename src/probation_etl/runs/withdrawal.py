"""Withdraws a return, or reinstates it."""

from __future__ import annotations

from pathlib import Path

from probation_etl.arguments import typed
from probation_etl.errors import UsageError
from probation_etl.intake.readers import DEFAULT_LIMITS
from probation_etl.journal import named_run
from probation_etl.runs.admission import load_rulebook
from probation_etl.runs.completion import Show, nobody
from probation_etl.runs.on_store import Where, on_store
from probation_etl.runs.result import RunResult
from probation_etl.runs.session import RunSession
from probation_etl.stores import LedgerEntry


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
