"""Stores, which hold the unified tables and all that led to them: opened by URL."""

from __future__ import annotations

from probation_etl.stores.engines import exists
from probation_etl.stores.entries import Attempt, Decision, LedgerEntry, Purge, Repeat, RunRecord
from probation_etl.stores.failures import Failure, Trouble
from probation_etl.stores.ledger_file.account import Disagreement
from probation_etl.stores.ledger_file.place import LedgerPlace
from probation_etl.stores.opening import connect, opened_for_run, snapshot, undisturbed
from probation_etl.stores.released import Release
from probation_etl.stores.run_writer import RunWriter
from probation_etl.stores.store import Store
from probation_etl.stores.urls import shown_url, store_path

__all__ = [
    "Attempt", "Decision", "Disagreement", "Failure", "LedgerEntry", "LedgerPlace", "Purge", "Release", "Repeat", "RunRecord", "RunWriter", "Store", "Trouble", "connect", "exists", "opened_for_run", "shown_url", "snapshot", "store_path", "undisturbed",
]  # fmt: skip
