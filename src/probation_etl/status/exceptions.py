"""Loaded data that deserves a second look: unusual counts, and rows for which a lookup found no value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import Contract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.reports.run_report import Unallocated
from probation_etl.stores import Store
from probation_etl.stores.statements import activity_query
from probation_etl.unified.activity import ActivityException, activity_exceptions


def exceptions(store: Store, rulebook: Rulebook) -> list[ActivityException]:
    """Counts outside the band of their history and peers, in every view whose contract asks for it."""
    return [
        replace(each, area={name: place and rulebook.guard.text(place) for name, place in each.area.items()})
        for contract in rulebook.contracts.views()
        if contract.activity
        for each in activity_exceptions(store.query(activity_query(contract)), contract.activity, table=contract.table)
    ]


def unallocated(store: Store, rulebook: Rulebook) -> Iterator[Unallocated]:
    """Rows for which a lookup found no value, by unified table, so that no total hides them."""
    for contract in rulebook.contracts.unified():
        for column, otherwise in sorted(_otherwise(contract, rulebook)):
            query = f"SELECT COUNT(*) FROM unified.{quoted(contract.table)} WHERE {quoted(column)} = $1"
            yield Unallocated(contract.table, column, otherwise, store.counted(query, [otherwise]))


def unallocated_by_return(store: Store, rulebook: Rulebook) -> Counter[str]:
    """The same rows, counted by the ``return_id`` that they come from."""
    counted: Counter[str] = Counter()
    for contract in rulebook.contracts.unified():
        for column, otherwise in sorted(_otherwise(contract, rulebook)):
            rows = store.query(
                f"SELECT return_id, COUNT(*) AS found FROM unified.{quoted(contract.table)} "
                f"WHERE {quoted(column)} = $1 GROUP BY return_id",
                [otherwise],
            )
            counted.update(dict(rows.rows()))
    return counted


def _otherwise(unified: Contract, rulebook: Rulebook) -> set[tuple[str, str]]:
    mappings = [each.mapping for each in rulebook.returns() if each.mapping.table == unified.table]
    columns = [column for mapping in mappings for row in mapping.rows for column in row.columns]
    return {(each.basis_column, each.otherwise) for each in columns if each.basis_column and each.otherwise}
