"""Rules that are queries: which rows of a return break them is computed once, from the return and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from probation_etl.contracts.checks import words
from probation_etl.contracts.checks.check import Check, Kind, ReadTable, Where
from probation_etl.contracts.model import QueryRule, ReturnContract
from probation_etl.contracts.suggestions import did_you_mean

#: Rows of a reference table of which the texts are kept.
_FEW = 6
_SCHEMAS: dict[str, Where] = {"previous": "previous", "reference": "reference"}


def read_by(rule: QueryRule, contract: ReturnContract) -> tuple[ReadTable, ...]:
    """The tables that a rule reads."""
    from probation_etl.contracts.checks.query_text import tables_named  # what reads SQL takes long to import

    return tuple(
        ReadTable(_SCHEMAS.get(schema, "own" if name == contract.table else "beside"), name)
        for schema, name in tables_named(rule.query)
    )


def others_read(contract: ReturnContract) -> tuple[ReadTable, ...]:
    """The tables with rows of other returns that the queries of a contract read, or that list its columns."""
    by = contract.layout.described_by
    listing = (ReadTable("beside", by.table),) if by else ()
    found = (each for rule in contract.query_rules for each in read_by(rule, contract))
    return tuple(dict.fromkeys([*listing, *(each for each in found if each.where in ("beside", "previous"))]))


def query_checks(contract: ReturnContract, tables: Mapping[str, pl.DataFrame] | None = None) -> Iterator[Check]:
    """The rules of a contract that are queries. A column that is not there is a fault that lint finds.

    Args:
        contract: The contract of a return.
        tables: Reference tables by name, where they are known.
    """
    for rule in contract.query_rules:
        from probation_etl.contracts.checks.query_text import columns_read

        column = rule.column or next(iter((*contract.key, *contract.column_names)))
        if column not in contract.column_names:
            continue
        named = columns_read(rule.query)
        read = [each for each in contract.column_names if named is None or each.lower() in named]
        asked = words.of_rule(rule, f"Of all rows together: {words.one_line(rule.query)}")
        yield Check(
            Kind.QUERY, f"query|{rule.name}", "row-rule", asked, f"rule ‘{rule.name}’", contract.column(column), tuple(read),
            rule.severity, expected=rule.message, message=rule.message, hint=rule.hint, sql=rule.query,
            reads=read_by(rule, contract), values=_some_listed(read_by(rule, contract), tables or {}),
        )  # fmt: skip


def _some_listed(read: Iterable[ReadTable], tables: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Some texts of the reference tables that a query reads."""
    listed = [tables[each.name] for each in read if each.where == "reference" and each.name in tables]
    return tuple(dict.fromkeys(text for table in listed for row in table.head(_FEW).rows() for text in row if text))


def query_rule_faults(contract: ReturnContract, known: Iterable[ReadTable] | None) -> Iterator[str]:
    """Why the queries of a contract may not be run, each with its place.

    Args:
        contract: The contract of a return.
        known: Every table that they may read; None where those of the directory are not known.
    """
    from probation_etl.contracts.checks.query_text import query_faults

    for rule in contract.query_rules:
        where = contract.where(f"rule ‘{rule.name}’")
        tables = read_by(rule, contract) if known is None else tuple(known)
        written = {each.written for each in tables}
        found = [*query_faults(rule.query, frozenset(written))]
        misspelt = [each.written for each in read_by(rule, contract) if each.written not in written]
        found += [] if found else [f"‘{each}’{did_you_mean(each, written)}" for each in misspelt]
        if rule.column is not None and rule.column not in contract.column_names:
            hint = did_you_mean(rule.column, contract.column_names)
            found.append(f"there is no column ‘{rule.column}’ to point at{hint}")
        yield from (f"{where}: {each}" for each in found)


def readable(contract: ReturnContract, unified: Iterable[str], reference: Iterable[str]) -> list[ReadTable]:
    """Every table that the queries of a contract may read.

    Args:
        contract: The contract of a return.
        unified: Names of the unified tables that returns fill.
        reference: Names of the reference tables.
    """
    tables = list(unified)
    beside = [each for each in tables if each not in (contract.table, contract.mapping.table)]
    return [
        ReadTable("own", contract.table),
        *(ReadTable("beside", each) for each in beside),
        *(ReadTable("previous", each) for each in tables),
        *(ReadTable("reference", each) for each in reference),
    ]
