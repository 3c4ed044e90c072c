"""Stages that need the whole rulebook or the store at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.contracts.model import Contract
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.rulebook import Rulebook, refers
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.validate import References
from probation_etl.stores import Store
from probation_etl.stores.statements import activity_query, quoted
from probation_etl.unified.activity import activity_exceptions
from probation_etl.unified.harmonise import harmonise_rows
from probation_etl.unified.release_checks import Grounds, InDatabase, InFrames, check_releases


def harmonise(result: ReturnResult, rulebook: Rulebook) -> dict[str, pl.DataFrame]:
    """Rows of the unified tables that a return gives, by table; empty where the return is not loadable."""
    if not result.is_loadable or result.contract is None:
        return {}
    unified = rulebook.unified_for(result.contract)
    rows = harmonise_rows(result.accepted, result.contract, unified, rulebook.tables, return_id=result.return_id)
    return {unified.table: rows}


def release_checks(store: Store, rulebook: Rulebook, data_docs: Path | None = None) -> list[dict[str, Any]]:
    """Runs the release checks on every unified table and view: in the database where it can be, else on frames.

    Args:
        store: The store, in a transaction; what is not committed yet is checked with the rest.
        rulebook: The contracts.
        data_docs: Directory for the pages of Great Expectations; by default none are made.
    """
    contracts = rulebook.contracts.of_layer("unified", "view")
    with store.lent() as connection:
        if connection is not None:
            grounds: Grounds = InDatabase(connection, frozenset(each.table for each in contracts))
        else:
            grounds = InFrames({each.table: store.table(each.table) for each in contracts}, store.query)
        return [asdict(each) for each in check_releases(grounds, contracts, data_docs=data_docs)]


def exceptions(store: Store, rulebook: Rulebook) -> list[dict[str, Any]]:
    """Counts outside the band that an area's own history and its peers give, of every view that is watched."""
    return [
        each.as_dict()
        for contract in rulebook.contracts.of_layer("view")
        if contract.activity
        for each in activity_exceptions(store.query(activity_query(contract)), contract.activity, table=contract.table)
    ]


def may_be_released(checks: Iterable[Mapping[str, Any]]) -> bool:
    """Whether no check failed that keeps the unified tables from being released; a warning does not."""
    return all(each["passed"] or each["severity"] == "warning" for each in checks)


def release_state(store: Store) -> tuple[bool, dict[str, Any] | None]:
    """Whether readers see all that is loaded, and which state it is that they see, as JSON."""
    state = store.released()
    return (False, None) if state is None else (state.is_newest, state.as_dict())


def unallocated(store: Store, rulebook: Rulebook) -> Iterator[dict[str, Any]]:
    """Rows for which no basis was found, by unified table: never hidden in a total."""
    for contract in rulebook.contracts.of_layer("unified"):
        for column, otherwise in sorted(_otherwise(contract, rulebook)):
            rows = store.count(contract.table, column, otherwise)
            yield {"table": contract.table, "column": column, "value": otherwise, "rows": rows}


def unallocated_by_return(store: Store, rulebook: Rulebook) -> Counter[str]:
    """The same rows, counted by the ``return_id`` that they are from."""
    counted: Counter[str] = Counter()
    for contract in rulebook.contracts.of_layer("unified"):
        for column, otherwise in sorted(_otherwise(contract, rulebook)):
            rows = store.query(
                f"SELECT return_id, COUNT(*) AS found FROM unified.{quoted(contract.table)} "
                f"WHERE {quoted(column)} = $1 GROUP BY return_id",
                [otherwise],
            )
            counted.update(dict(rows.rows()))
    return counted


def _otherwise(unified: Contract, rulebook: Rulebook) -> set[tuple[str, str]]:
    mappings = [each.mapping for each in rulebook.returns() if each.mapping and each.mapping.table == unified.table]
    columns = [column for mapping in mappings for row in mapping.rows for column in row.columns]
    return {(each.basis_column, each.otherwise) for each in columns if each.basis_column and each.otherwise}


def references_in(store: Store) -> Callable[[Organisation | None, date | None], References]:
    """What returns may refer to: the supplier's current rows for this or an earlier period."""

    def references_for(supplier: Organisation | None, period_end: date | None) -> References:
        if supplier is None or period_end is None:
            return lambda _table: None
        return lambda table: store.referable(table, supplier_code=supplier.code, period_end=period_end)

    return references_for


def depth_of(name: str, contracts: Iterable[Contract]) -> int:
    """When a file's turn comes: 0 where others may refer to its rows, 1 where it refers to others', 2 if not known."""
    fitting = [each for each in contracts if file_name_matches(name, each)]
    return min((int(refers(each)) for each in fitting), default=2)
