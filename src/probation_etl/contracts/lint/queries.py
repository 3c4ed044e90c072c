"""What can be wrong with the SQL that stores run as contracts give it, before any engine sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from probation_etl.contracts.checks.query_rules import query_rule_faults, readable
from probation_etl.contracts.checks.query_text import CURRENT_RETURNS, counts, query_faults, tables_named
from probation_etl.contracts.lint.expectations import expectation_faults
from probation_etl.contracts.model import Contract, Contracts, ReturnContract, TableContract

#: What the column of a table in the store can be made of: it becomes part of a statement.
_STORED = re.compile(
    r"(VAR)?CHAR(\(\d{1,4}\))?|TEXT|(SMALL|BIG)INT|INTEGER|DOUBLE( PRECISION)?|REAL|(DECIMAL|NUMERIC)\(\d{1,2}, ?\d{1,2}\)"
    r"|DATE|TIME|TIMESTAMP|INTERVAL|BOOLEAN",
    re.IGNORECASE | re.ASCII,
)


def sql_faults(contracts: Contracts, reference: Iterable[str]) -> Iterator[str]:
    """Every query and type of a column that no store may be given.

    Args:
        contracts: The contracts of a directory.
        reference: Names of its reference tables.
    """
    reference = list(reference)
    tables = {CURRENT_RETURNS, *(f"reference.{name}" for name in reference)}
    for each in contracts.tables():
        tables |= {f"unified.{each.table}"} if each.is_view else {f"unified.{each.table}", f"current_rows.{each.table}"}
    unified = [each.table for each in contracts.unified()]
    for versions in contracts.versions.values():
        for contract in versions:
            yield from own_sql_faults(contract, frozenset(tables))
            if isinstance(contract, ReturnContract):
                yield from query_rule_faults(contract, readable(contract, unified, reference))


def own_sql_faults(contract: Contract, tables: frozenset[str] | None = None) -> Iterator[str]:
    """The same for one contract.

    Args:
        contract: The contract.
        tables: Every table that a query may read; None where they are not known, and only their schema can be checked.
    """
    yield from expectation_faults(contract)
    if not isinstance(contract, TableContract):
        return
    for column in contract.columns:
        if column.physical_type is not None and not _STORED.fullmatch(column.physical_type):
            where, kind = contract.where(f"column ‘{column.name}’"), column.physical_type
            yield f"{where}: physicalType is ‘{kind}’; a store knows types such as VARCHAR, BIGINT, DATE and DECIMAL(9,2)"
    for part, query in _queries(contract):
        yield from (f"{contract.where(part)}: {fault}" for fault in query_faults(query, tables))
    if contract.query is not None and tuple(CURRENT_RETURNS.split(".")) in tables_named(contract.query):
        # Whether the store is right is found by computing its tables again, from rows and nothing else.
        yield (
            f"{contract.where('query')}: the query of a table or view reads rows, and not {CURRENT_RETURNS}: have a mapping fill "
            "a column with period_end, and read that"
        )
    for each in contract.release_queries:
        # What it finds is shown, and a sum or a greatest value may be one of the data.
        if not counts(each.query):
            yield (
                f"{contract.where(f'rule ‘{each.name}’')}: a release check counts: its query must end in "
                "SELECT COUNT(…) FROM …, over a table or a query of its own"
            )


def _queries(contract: TableContract) -> Iterator[tuple[str, str]]:
    if contract.query is not None:
        yield "query", contract.query
    if contract.activity and contract.activity.query is not None:
        yield "activity", contract.activity.query
    yield from ((f"rule ‘{each.name}’", each.query) for each in contract.release_queries)
