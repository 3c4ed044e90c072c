"""The library: what the command line does, one function at a time. Nothing here reads the environment or prints."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.audit.data_package import export_tables
from probation_etl.audit.trace import trace as trace_rows
from probation_etl.audit.verify import Verification
from probation_etl.audit.verify import verify as verify_store
from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.contracts.rulebook import Rulebook, load_rulebook, rulebook_of
from probation_etl.errors import ContractError, UsageError
from probation_etl.files import explained
from probation_etl.intake.assess import assess
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given
from probation_etl.stores import Store, connect, opened_for_run
from probation_etl.targets.hand_over import load_contract, with_tools
from probation_etl.tracker import write_tracker as write_tracker_files
from probation_etl.unified.harmonise import harmonise as harmonise_result


def validate(
    source: str | Path | bytes | Any,
    contract: Contract | str,
    *,
    supplier_code: str | None = None,
    period_end: date | None = None,
) -> ReturnResult:
    """Validates one return against a contract.

    Args:
        source: Path of a file, its bytes, or a table in memory (polars, pandas or pyarrow) whose columns are headers.
        contract: The contract, or the id of a shipped one.
        supplier_code: Who sends it; by default what the cover or the file name says.
        period_end: Last day of the reporting period; by default what the cover or the file name says.

    Returns:
        The return with its accepted rows, quarantined rows and findings. References to other returns are not checked
        and a finding says so.

    Raises:
        ContractError: The contract cannot be used, or is not one of a return.
        UsageError: The source is of no kind that can be read.
        EnvironmentFailure: The file cannot be read.
    """
    chosen = load_contract(contract) if isinstance(contract, str) else contract
    if not isinstance(chosen, ReturnContract):
        raise ContractError(f"‘{chosen.id}’ is the contract of a {chosen.layer} table; returns are validated.")
    rulebook = rulebook_of(chosen)
    name, data = _source(source)
    known = rulebook.contracts.return_version(chosen.id, chosen.version)
    given = Given((known,) if known else (), supplier_code, period_end)
    result = next(assess(name, data, rulebook, given=given))
    found = result.contract and with_tools(result.contract)
    return replace(result, id=replace(result.id, contract=found))


def harmonise(result: ReturnResult) -> dict[str, pl.DataFrame]:
    """Maps the accepted rows of a return to the unified model.

    Returns:
        One frame by unified table: the table's columns in its types, ``return_id`` (String) and ``source_row`` (Int64).
        Empty where the return was rejected.
    """
    return harmonise_result(result, rulebook_of(result.contract)) if result.contract else {}


def open_store(url: str, *, contracts: str | Path | None = None) -> Store:
    """Opens a store, makes it where there is none. Use it as a context manager.

    Args:
        url: Such as ``duckdb:///probation.duckdb``.
        contracts: Directory of contracts; those shipped by default.

    Raises:
        UsageError: The URL cannot be used.
        ContractError: A contract cannot be used, or a reference table breaks its own.
        StoreError: The store is out of reach, unusable, or newer than the program.
    """
    rulebook = load_rulebook(contracts)
    return connect(url, rulebook.contracts, rulebook.tables, check=check_reference_tables)


def verify(store: Store | str, *, contracts: str | Path | None = None) -> Verification:
    """Proves every invariant on what a store holds, and names the returns and tables that break one.

    Args:
        store: The store, which nobody else must write to meanwhile; or its URL: then no run works on it meanwhile.
        contracts: Directory of contracts; those shipped by default.

    Raises:
        LockedError: A run works on it.
        UsageError, StoreError: As for :func:`open_store`.
    """
    rulebook = load_rulebook(contracts)
    with _held(store, rulebook) as opened:
        return verify_store(opened, rulebook)


def trace(
    store: Store,
    table: str,
    where: Mapping[str, str],
    *,
    as_of: str | datetime | None = None,
    show_restricted: bool = False,
    contracts: str | Path | None = None,
) -> dict[str, Any]:
    """Traces rows of a unified table to run, file, hash, sheet, row and cells.

    Args:
        store: An open store.
        table: The unified table.
        where: Text of values by column, dates as yyyy-mm-dd; an empty text where there must be no value.
        as_of: Looks at the table as it was after that run or at that time.
        show_restricted: Shows values of restricted columns, not their shape alone.
        contracts: Directory of contracts; those shipped by default.

    Returns:
        ``table``, ``rows_found`` (all that have the values) and ``rows``, the first twenty of them.

    Raises:
        UsageError: There is no such table, column or row, or a value is not of its column's type.
    """
    found = trace_rows(store, load_rulebook(contracts), table, where, as_of=as_of, show_restricted=show_restricted)
    return found.as_dict()


def export(
    store: Store | str,
    directory: str | Path,
    *,
    as_of: str | datetime | None = None,
    contracts: str | Path | None = None,
) -> dict[str, Any]:
    """Writes the unified tables as Parquet files, with their contracts and a ``datapackage.json``, all or nothing.

    Args:
        store: The store, or its URL: then no run works on it meanwhile.
        directory: Where to; missing, empty, or an earlier export, which is replaced.
        as_of: Writes the tables as they were after that run or at that time.
        contracts: Directory of contracts; those shipped by default.

    Returns:
        What stands in ``datapackage.json``.

    Raises:
        UsageError: The directory holds something else, or the ledger knows no such run.
        EnvironmentFailure: It cannot be written.
        LockedError: A run works on the store.
    """
    rulebook = load_rulebook(contracts)
    with _held(store, rulebook) as opened:
        return export_tables(opened, rulebook, directory, as_of=as_of)


def write_tracker(
    store: Store | str,
    directory: str | Path,
    *,
    caseload_from: date | None = None,
    caseload_to: date | None = None,
    unreleased: bool = False,
    contracts: str | Path | None = None,
) -> dict[str, Any]:
    """Writes the national tracker into a directory: ``index.html``, ``tracker.json`` and four CSV files.

    Args:
        store: The store, or its URL: then no run works on it meanwhile.
        directory: Where to; made where it is missing. Files of an earlier tracker are replaced, others left alone.
        caseload_from: Caseload is compared from the first day that each organisation reported on or after this.
        caseload_to: To the last day on or before this.
        unreleased: Show all that is loaded; by default what was released, as readers of the released tables see it.
        contracts: Directory of contracts; those shipped by default.

    Returns:
        What stands in ``tracker.json``.

    Raises:
        EnvironmentFailure: The directory cannot be written. Every file in it is whole: as it was, or new.
        LockedError: A run works on the store.
    """
    rulebook = load_rulebook(contracts)
    with _held(store, rulebook) as opened:
        return write_tracker_files(
            opened, rulebook, Path(directory),
            caseload_from=caseload_from, caseload_to=caseload_to, unreleased=unreleased,
        )  # fmt: skip


@contextmanager
def _held(store: Store | str, rulebook: Rulebook) -> Iterator[Store]:
    """The store as it is, or the one at a URL, with no run at work on it."""
    if isinstance(store, Store):
        yield store
        return
    with opened_for_run(store, rulebook.contracts, rulebook.tables) as opened:
        with opened.transaction():
            opened.prepare()
        yield opened


def _source(source: Any) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "bytes", source
    if isinstance(source, (str, Path)):
        with explained(f"The file {source} cannot be read"):
            return Path(source).name, Path(source).read_bytes()
    return "table", _table_in_memory(source)


def _table_in_memory(table: Any) -> bytes:
    """A table as a Parquet file, in which it keeps its types: a date needs no written form, a decimal loses nothing."""
    kind = type(table).__name__
    if not hasattr(table, "__arrow_c_stream__"):
        raise UsageError(f"A {kind} cannot be validated: give a path, bytes, or a polars, pandas or pyarrow table.")
    buffer = io.BytesIO()
    try:
        frame = table if isinstance(table, pl.DataFrame) else pl.DataFrame(table)
        frame.write_parquet(buffer)
    except (Exception, pl.exceptions.PanicException):  # noqa: BLE001 -- three libraries with errors of their own
        raise UsageError(
            f"The {kind} cannot be validated: two of its columns have one name, or a column holds values of several "
            "kinds or of one that is no cell of a table."
        ) from None
    return buffer.getvalue()
