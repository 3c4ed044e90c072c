"""Columns whose values cannot be told from those of a restricted column, so that they are masked or it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from probation_etl.contracts.guard import Guard
from probation_etl.contracts.model import ReturnContract


def lookalikes(contracts: Iterable[ReturnContract], guard: Guard) -> Iterator[str]:
    """Columns that are not restricted, with a pattern that admits values of a restricted one."""
    for contract in contracts:
        for column in contract.columns:
            if column.pattern and not column.restricted and guard.forms.admitted_by(column.pattern):
                yield (
                    f"{contract.where(f'column ‘{column.name}’')}: its pattern admits what looks like a value of a restricted column, so "
                    "its values are masked in reports: make it restricted as well, or its pattern narrower"
                )
