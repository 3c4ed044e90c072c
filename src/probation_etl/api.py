"""The library: what the command line does, one function at a time. Nothing here reads the environment or prints."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from probation_etl.contract import Contract
from probation_etl.errors import ContractError, EnvironmentFailure, UsageError
from probation_etl.expectations import read_suite
from probation_etl.exports import export
from probation_etl.odcs import load_contract
from probation_etl.pipeline.assess import assess
from probation_etl.pipeline.reference_data import check_reference_tables
from probation_etl.pipeline.rulebook import Rulebook, load_rulebook
from probation_etl.pipeline.stages import harmonise as harmonise_result
from probation_etl.result import ReturnResult
from probation_etl.sender import Given
from probation_etl.stores import Store, connect

if TYPE_CHECKING:
    import great_expectations as gx
    import pandera.polars as pa


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
    if chosen.layer != "return":
        raise ContractError(f"‘{chosen.id}’ is the contract of a {chosen.layer} table; returns are validated.")
    rulebook = _rulebook_of(chosen)
    name, data = _source(source)
    known = rulebook.contracts.versions[chosen.id]
    given = Given(tuple(each for each in known if each.version == chosen.version), supplier_code, period_end)
    return next(assess(name, data, rulebook, given=given))


def harmonise(result: ReturnResult) -> dict[str, pl.DataFrame]:
    """Maps the accepted rows of a return to the unified model.

    Returns:
        One frame by unified table: the table's columns in its types, ``return_id`` (String) and ``source_row`` (Int64).
        Empty where the return was rejected.
    """
    return harmonise_result(result, _rulebook_of(result.contract)) if result.contract else {}


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


def to_pandera(contract: Contract) -> pa.DataFrameSchema:
    """What ``Contract.to_pandera`` gives: the schema that the exported script defines, and no other."""
    names: dict[str, Any] = {"__name__": "exported"}
    exec(export(contract, "pandera", rulebook=_rulebook_of(contract)), names)  # noqa: S102 -- we wrote it ourselves
    schema: pa.DataFrameSchema = names["SCHEMA"]
    return schema


def to_expectation_suite(contract: Contract) -> gx.ExpectationSuite:
    """What ``Contract.to_expectation_suite`` gives: the suite that is exported, and no other."""
    return read_suite(json.loads(export(contract, "great-expectations", rulebook=_rulebook_of(contract))))


def _rulebook_of(contract: Contract) -> Rulebook:
    """The contracts and reference tables that a contract stands among."""
    if contract.path is None:
        raise ContractError(f"The contract ‘{contract.id}’ was not loaded from a file.")
    folder = contract.path.parent
    return load_rulebook(folder.parent if (folder.parent / "reference").is_dir() else folder)


def _source(source: Any) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "bytes", source
    if isinstance(source, (str, Path)):
        try:
            return Path(source).name, Path(source).read_bytes()
        except OSError as error:
            raise EnvironmentFailure(f"The file {source} cannot be read: {error.strerror}.") from None
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
