"""SQL expressions of a contract as those of Polars, and the columns of the return that they read."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.checks.sql import column_types, safe_sql, unusable
from probation_etl.contracts.model import Contract


def sources(expression: str, contract: Contract) -> tuple[str, ...]:
    """Columns of the return that an expression reads, through derived columns too."""
    found: dict[str, None] = {}
    for name in pl.sql_expr(expression).meta.root_names():
        _, through = contract.derived.get(name, ("", (name,)))
        found.update(dict.fromkeys(each for each in through if each in contract.column_names))
    return tuple(found)


def usable_sql(
    expression: str, contract: Contract, part: str, faults: list[str], place: Place, *, of: Contract | None = None,
    texts: Iterable[str] = (),
) -> pl.Expr | None:  # fmt: skip
    """The expression over the columns of the contract, or of another. Why it cannot be used is added to the faults.

    Args:
        expression: The SQL.
        contract: The contract that has it.
        part: The part that it stands in.
        faults: Where faults are added.
        place: What it may read there.
        of: The contract over whose columns it is, if that is another one.
        texts: Names of further texts that it may read.
    """
    types = column_types(of or contract) | dict.fromkeys(texts, pl.String())
    found = unusable(expression, types, place)
    faults.extend(f"{contract.where(part)}: {each}" for each in found)
    return None if found else safe_sql(expression, types)
