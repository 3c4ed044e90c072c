"""A compiled contract: named rules as Polars expressions, and the pandera schema that runs them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from probation_etl.contracts.model import CONTEXT_COLUMNS, Contract, CrossRule, Severity, TableRule

if TYPE_CHECKING:
    import pandera.polars as pa

#: Columns of the context, with their types, as they are added to every typed frame.
CONTEXT_TYPES: dict[str, Any] = dict(
    zip(CONTEXT_COLUMNS, (pl.String(), pl.String(), pl.Date(), pl.Date()), strict=True)
)
#: Name of the column that is true where a part of the row's key is not known.
KEY_UNCERTAIN = "key_uncertain"
#: Numbers are exact: 28 digits, 6 of them decimals. Contracts say how many of these a column may use.
NUMBER = pl.Decimal(28, 6)
TYPES: dict[str, Any] = {
    "string": pl.String(), "integer": pl.Int64(), "number": NUMBER, "date": pl.Date(), "boolean": pl.Boolean(),
}  # fmt: skip


@dataclass(frozen=True)
class CompiledRule:
    """One rule, ready to run.

    Attributes:
        name: ``column|check``.
        code: Finding code.
        columns: What it reads. Where one of these cells could not be parsed the rule is not computed for that row.
        target: The column that its findings point at.
        holds: True or null where the row is good. None for what only the parser can see.
        expected: What the catalogue's template names as expected.
        message: The contract's own message, instead of the catalogue's.
        must_compute: Whether a row for which the rule cannot be computed fails; else nothing is said of it.
        evidence: Text that stands for the value in the message, instead of the cell's own.
    """

    name: str
    code: str
    columns: tuple[str, ...]
    target: str
    holds: pl.Expr | None = None
    severity: Severity = "error"
    expected: str = ""
    message: str = ""
    hint: str = ""
    evidence: pl.Expr | None = None
    must_compute: bool = False


@dataclass(frozen=True)
class CompiledTableRule:
    """A rule over the whole table: one value, true or null where the table is good."""

    rule: TableRule
    columns: tuple[str, ...]
    holds: pl.Expr


@dataclass(frozen=True)
class CompiledCrossRule:
    """A total of this return, and the total of the unified table that it is held against."""

    rule: CrossRule
    columns: tuple[str, ...]
    this: pl.Expr
    other: pl.Expr


@dataclass(frozen=True)
class Schema:
    """A compiled contract.

    Attributes:
        rules: Every rule by name, those of the parser included.
        derived: Columns computed before the rules run, as Polars expressions.
    """

    contract: Contract
    rules: dict[str, CompiledRule]
    derived: tuple[pl.Expr, ...]
    table_rules: tuple[CompiledTableRule, ...] = ()
    cross_rules: tuple[CompiledCrossRule, ...] = ()

    def to_pandera(self, only: Collection[str] | None = None) -> pa.DataFrameSchema:
        """The rules as a pandera schema: column rules on their columns, the others on the frame.

        Args:
            only: Names of the rules that are wanted; all of them by default.
        """
        import pandera.polars as pa

        own: dict[str, list[Any]] = {name: [] for name in self.contract.column_names}
        frame_wide: list[Any] = []
        for rule in self.rules.values():
            if rule.holds is not None and (only is None or rule.name in only):
                alone = rule.columns == (rule.target,)
                (own[rule.target] if alone else frame_wide).append(_pandera_check(rule.name, rule.holds))
        columns = {
            column.name: pa.Column(TYPES[column.type], checks=own[column.name], nullable=True)
            for column in self.contract.columns
        }
        return pa.DataFrameSchema(columns, checks=frame_wide, name=self.contract.id)


def _pandera_check(name: str, holds: pl.Expr) -> Any:
    import pandera.polars as pa

    verdict = holds.fill_null(value=True).alias("check_output")
    return pa.Check(lambda data: data.lazyframe.select(verdict), name=name)
