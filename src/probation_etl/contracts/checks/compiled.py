"""A compiled contract: its rules, and the pandera schema that runs them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from probation_etl.contracts.checks.check import OF_ROWS, Check, Kind
from probation_etl.contracts.model import CONTEXT_COLUMNS, DECIMAL_PLACES, Contract
from probation_etl.discreet import Discreet

if TYPE_CHECKING:
    import pandera.polars as pa

#: Columns of the context, with their types, as they are added to every typed frame.
CONTEXT_TYPES: dict[str, Any] = dict(
    zip(CONTEXT_COLUMNS, (pl.String(), pl.String(), pl.Date(), pl.Date(), pl.String()), strict=True)
)
#: Name of the column that is true where a part of the row's key is not known.
KEY_UNCERTAIN = "key_uncertain"
#: Numbers are exact: 28 digits, 6 of them decimals. Contracts say how many of these a column may use.
NUMBER = pl.Decimal(28, DECIMAL_PLACES)
TYPES: dict[str, Any] = {
    "string": pl.String(), "integer": pl.Int64(), "number": NUMBER, "date": pl.Date(), "boolean": pl.Boolean(),
    "timestamp": pl.Datetime("us"), "time": pl.Time(), "duration": pl.Duration("us"),
}  # fmt: skip


@dataclass(frozen=True)
class Schema(Discreet, tells=("contract",)):
    """A compiled contract.

    Attributes:
        checks: Every rule, in the order of the contract: columns, key, rows, mapping; then references, the whole table, other
            returns, and the header.
        derived: Columns computed before the rules run, as Polars expressions.
    """

    contract: Contract
    checks: tuple[Check, ...]
    derived: tuple[pl.Expr, ...] = ()

    def of(self, *kinds: Kind) -> tuple[Check, ...]:
        """The rules of some kinds."""
        return tuple(each for each in self.checks if each.kind in kinds)

    @cached_property
    def by_name(self) -> dict[str, Check]:
        """Every rule by its name."""
        return {each.name: each for each in self.checks}

    @cached_property
    def rules(self) -> dict[str, Check]:
        """The rules of single rows by name, those that the reader checks included."""
        return {each.name: each for each in self.checks if each.kind in OF_ROWS}

    def to_pandera(self, only: Collection[str] | None = None) -> pa.DataFrameSchema:
        """The rules as a pandera schema: column rules on their columns, the others on the frame with what they read of the context.

        Args:
            only: Names of the rules to include, with their columns; all of them by default. Of each of these pandera keeps one
                row that breaks it: to copy a million takes seconds, and which rows they are it tells beside.
        """
        import pandera.polars as pa

        included = [
            each for each in self.rules.values() if each.holds is not None and (only is None or each.name in only)
        ]
        own: dict[str, list[Any]] = {name: [] for name in self.contract.column_names}
        frame_wide: list[Any] = []
        kept = None if only is None else 1
        for check in included:
            (own[check.target] if check.columns == (check.target,) else frame_wide).append(_pandera_check(check, kept))
        columns = {
            column.name: pa.Column(TYPES[column.type], checks=own[column.name], nullable=True)
            for column in self.contract.columns
            if only is None or own[column.name]
        }
        context = {name: pa.Column(CONTEXT_TYPES[name], nullable=True) for name in self._context_read_by(included)}
        return pa.DataFrameSchema(columns | context, checks=frame_wide, name=self.contract.id)

    def _context_read_by(self, checks: Iterable[Check]) -> list[str]:
        """The columns of the context that some rules read."""
        read = {name for each in checks if each.holds is not None for name in each.holds.meta.root_names()}
        return [name for name in CONTEXT_TYPES if name in read and name not in self.contract.column_names]


def _pandera_check(check: Check, kept: int | None) -> Any:
    import pandera.polars as pa

    assert check.holds is not None  # noqa: S101 -- only such rules are run
    verdict = check.holds.fill_null(value=True).alias("check_output")
    return pa.Check(
        lambda data: data.lazyframe.select(verdict), name=check.name, description=check.short, n_failure_cases=kept
    )
