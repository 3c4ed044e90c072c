"""The library: one function for each thing that the command line does. None reads the environment or prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.arguments import not_forked_after_work, typed
from probation_etl.audit.data_package import export_tables
from probation_etl.audit.trace import trace as trace_rows
from probation_etl.audit.verify import Verification
from probation_etl.audit.verify import verify as verify_store
from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import ContractError, UsageError
from probation_etl.guide import write_guide as write_guide_files
from probation_etl.intake.assess import assess, too_large
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given
from probation_etl.intake.sources import named_content
from probation_etl.paths import named_as_folder, on_this_machine
from probation_etl.remembered import name_folder_for_all
from probation_etl.reports.notebook import return_in_notebook
from probation_etl.runs.admission import load_contract, load_rulebook, rulebook_of
from probation_etl.stores import Store, connect, snapshot, undisturbed
from probation_etl.stores.rule_queries import without_store
from probation_etl.targets.hand_over import with_tools
from probation_etl.tracker import write_tracker as write_tracker_files
from probation_etl.unified.harmonise import harmonise as harmonise_result


@typed
def remember_in(folder: str | Path | None) -> None:
    """Names a folder in which the library notes what makes the next process quicker, from here on in this process.

    Without one, contracts are checked anew in every process that uses the library. What is noted is what the command line notes in
    ``.cache/probation-etl`` of the user: digests of contracts that have passed, and the SQL of their rules; nothing of a return. A
    folder that others may write to is not used, and one that is deleted only makes the next process slower.

    Args:
        folder: The folder, which is made when it is needed; None for none.
    """
    name_folder_for_all(None if folder is None else on_this_machine(folder))


@typed
def validate(
    source: str | Path | bytes | Any,
    contract: Contract | str | Path,
    *,
    supplier_code: str | None = None,
    period_end: date | None = None,
) -> ReturnResult:
    """Validates one return against a contract.

    Args:
        source: Path of a file, its bytes, or a table in memory (polars, pandas or pyarrow) whose columns are headers.
        contract: The contract, the id of a shipped one, or the path of a file.
        supplier_code: Who sends it; by default what the cover or the file name says.
        period_end: Last day of the reporting period; by default what the cover or the file name says.

    Returns:
        The return with its accepted rows, quarantined rows and findings. References to other returns are not checked
        and a finding says so.

    Raises:
        ContractError: The contract cannot be used, or is not one of a return.
        UsageError: The source is not a path, bytes or a table, the table cannot be read, or it holds several returns and nothing says which.
        EnvironmentFailure: The file cannot be read.
    """
    not_forked_after_work()
    chosen = contract if isinstance(contract, Contract) else load_contract(contract)
    if not isinstance(chosen, ReturnContract):
        raise ContractError(f"‘{chosen.id}’ is the contract of a {chosen.layer} table; returns are validated.")
    rulebook = rulebook_of(chosen)
    name, content = named_content(source, with_folders=chosen.identification.folder is not None)
    known = rulebook.contracts.return_version(chosen.id, chosen.version)
    given = Given((known,) if known else (), supplier_code, period_end)
    if content.data is None:
        result = too_large(rulebook.guard.file_name(name, content.sha256), content.sha256, content.refused)
    else:
        alone = without_store(rulebook.tables)
        result, *others = assess(
            name, content.data, rulebook, given=given, sha256=content.hashed, references=lambda _supplier, _end: alone
        )
        if others:
            raise UsageError(_several([result, *others]))
    found = result.contract and with_tools(result.contract)
    return replace(result, id=replace(result.id, contract=found), in_notebook=return_in_notebook)


def _several(results: Sequence[ReturnResult]) -> str:
    """Why it is not clear which return of a file is meant."""
    whose = [
        f"{each.supplier.code if each.supplier else 'nobody known'} ({each.period_end or 'no period'})"
        for each in results
    ]
    return (
        f"The source holds {len(results)} returns, and one is validated: say which by supplier_code and period_end. "
        f"They are of {', '.join(whose)}."
    )


@typed
def harmonise(result: ReturnResult) -> dict[str, pl.DataFrame]:
    """Maps the accepted rows of a return to the unified model.

    Returns:
        A frame for each unified table: the table's columns in its types, ``return_id`` (String) and ``source_row``
        (Int64). Empty if the return was rejected.
    """
    return harmonise_result(result, rulebook_of(result.contract)) if result.contract else {}


@typed
def open_store(url: str, *, contracts: str | Path | None = None, read_only: bool = False) -> Store:
    """Opens a store, and creates it if there is none. Use it as a context manager.

    Args:
        url: URL of the store, such as ``duckdb:///probation.duckdb``.
        contracts: Directory of contracts; those shipped by default.
        read_only: Reads the store as it was last committed, while a run works on it too. Nothing can be loaded, and what
            is committed later is not seen. A DuckDB file is copied to the temporary folder for this.

    Raises:
        UsageError: The URL cannot be used.
        ContractError: A contract cannot be used, or a reference table breaks its own.
        StoreError: The store is out of reach, unusable, or newer than the program; or there is none to read.
        LockedError: Another program has the DuckDB file open.
    """
    rulebook = load_rulebook(contracts)
    opened = snapshot if read_only else connect
    return opened(url, rulebook.contracts, rulebook.tables, check=check_reference_tables)


@typed
def verify(store: Store | str, *, contracts: str | Path | None = None, wait: float = 0) -> Verification:
    """Checks every invariant on a store, and names the returns and tables that break one. The store is not changed.

    Args:
        store: The store, which nobody else may write to meanwhile; or its URL, which locks it meanwhile.
        contracts: Directory of contracts; those shipped by default.
        wait: For how many seconds to wait for a run that uses the store.

    Raises:
        LockedError: A run is using the store.
        UsageError, StoreError: As for :func:`open_store`.
    """
    rulebook = load_rulebook(contracts)
    alone = undisturbed(store, wait=wait) if isinstance(store, str) else nullcontext()
    with alone, _opened(store, rulebook) as opened:
        return verify_store(opened, rulebook)


@typed
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
        where: Values by column, as text; dates as yyyy-mm-dd; an empty text for no value.
        as_of: Shows the table as it was after that run or at that time.
        show_restricted: Shows values of restricted columns; by default they are masked.
        contracts: Directory of contracts; those shipped by default.

    Returns:
        ``table``, ``rows_found`` (the number of rows with these values) and ``rows``, the first twenty of them.

    Raises:
        UsageError: The table, the column or the row does not exist, or a value is not of its column's type.
    """
    found = trace_rows(store, load_rulebook(contracts), table, where, as_of=as_of, show_restricted=show_restricted)
    return found.as_dict()


@typed
def export(
    store: Store | str,
    directory: str | Path,
    *,
    as_of: str | datetime | None = None,
    contracts: str | Path | None = None,
) -> dict[str, Any]:
    """Writes the unified tables as Parquet files, with their contracts and a ``datapackage.json``, all or nothing.

    Args:
        store: The store, or its URL, by which it is read as it was last committed.
        directory: A directory that does not exist, is empty, or contains an earlier export, which is replaced.
        as_of: Writes the tables as they were after that run or at that time.
        contracts: Directory of contracts; those shipped by default.

    Returns:
        The content of ``datapackage.json``.

    Raises:
        UsageError: The directory contains something else, or the run is not in the ledger.
        EnvironmentFailure: It cannot be written, or the store cannot be read.
    """
    target, rulebook = named_as_folder(on_this_machine(directory)), load_rulebook(contracts)
    with _opened(store, rulebook) as opened:
        return export_tables(opened, rulebook, target, as_of=as_of)


@typed
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
        store: The store, or its URL, by which it is read as it was last committed.
        directory: Where to write; created if necessary. Files of an earlier tracker are replaced, others are kept.
        caseload_from: Caseload is compared from each organisation's first reported day on or after this one.
        caseload_to: Caseload is compared to its last reported day on or before this one.
        unreleased: Show everything that is loaded; by default only what was released.
        contracts: Directory of contracts; those shipped by default.

    Returns:
        The content of ``tracker.json``.

    Raises:
        UsageError: The contracts lack a table that the tracker needs.
        EnvironmentFailure: The directory cannot be written, or the store cannot be read. Each file in the directory is
            complete, either the earlier or the new one.
    """
    target, rulebook = named_as_folder(on_this_machine(directory)), load_rulebook(contracts)
    with _opened(store, rulebook) as opened:
        return write_tracker_files(
            opened, rulebook, target,
            caseload_from=caseload_from, caseload_to=caseload_to, unreleased=unreleased,
        )  # fmt: skip


@typed
def write_guide(contract: Contract | str | Path, directory: str | Path) -> tuple[Path, Path]:
    """Writes a contract for those who fill the return in, as a page and a workbook: ``ID.html`` and ``ID.xlsx``.

    They say what each column holds, the rules, how the file is recognised and when it is due, with invented examples of what is
    right and wrong.

    Args:
        contract: The contract of a return, the id of a shipped one, or the path of a file.
        directory: Where to write; created if necessary. Files of an earlier guide are replaced, others are kept.

    Returns:
        The page and the workbook.

    Raises:
        ContractError: The contract cannot be used, or is not one of a return.
        EnvironmentFailure: The directory cannot be written. Each file in the directory is complete, either the earlier or the
            new one.
    """
    chosen = contract if isinstance(contract, Contract) else load_contract(contract)
    rulebook = rulebook_of(chosen)
    return write_guide_files(chosen, rulebook, named_as_folder(on_this_machine(directory)))


@contextmanager
def _opened(store: Store | str, rulebook: Rulebook) -> Iterator[Store]:
    """The store as given, or the one at a URL as it was last committed."""
    if isinstance(store, Store):
        yield store
        return
    with snapshot(store, rulebook.contracts, rulebook.tables, check=check_reference_tables) as opened:
        yield opened
