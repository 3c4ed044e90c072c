"""A contract as a Python script that defines a pandera schema for typed Polars frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import polars as pl

from probation_etl.contracts.checks import CONTEXT_TYPES, NUMBER, TYPES, Check, Kind, Schema
from probation_etl.contracts.checks.check import OF_COLUMN
from probation_etl.contracts.checks.columns import required_key
from probation_etl.contracts.model import Bound, Column, Contract, Length, Limit
from probation_etl.contracts.patterns import polars_pattern
from probation_etl.targets.expressed import (
    Split,
    Why,
    counted_in_the_store,
    handed_over,
    split,
    typed_differences,
    warnings_as_errors,
)
from probation_etl.targets.pandera_schema import lost

_HEAD = '''"""A contract of probation-etl as a pandera schema for typed Polars frames; needs pandera and polars alone.

``SCHEMA.validate(frame, lazy=True)`` raises ``pandera.errors.SchemaErrors`` with every rule that fails, under the names
of the contract. A rule that comes out null for a row does not fail there. ``NOT_EXPRESSED`` says which rules of the
contract are not here, and why; ``ALSO`` says how else the two differ.
"""

import pandera.polars as pa
import polars as pl
'''
_RULE = '''

def rule(name, holds, words):
    """A check that is good where the expression is true or null."""
    verdict = holds.fill_null(value=True).alias("check_output")
    return pa.Check(lambda data: data.lazyframe.select(verdict), name=name, description=words)


'''


def to_pandera_script(schema: Schema) -> str:
    """The script as text. Everything that comes from the contract is in it as a literal."""
    contract = schema.contract
    found = split(handed_over(schema), lambda rule: _express(rule, contract))
    also = {**typed_differences(contract), **warnings_as_errors(found)}
    constants = [
        f"CONTRACT = {contract.id!r}", f"VERSION = {contract.version!r}",
        _dictionary("NOT_EXPRESSED", {**found.not_expressed, **counted_in_the_store(contract)}), _dictionary("ALSO", also),
    ]  # fmt: skip
    return _HEAD + "\n" + "\n".join(constants) + "\n" + _RULE + _schema(contract, found)


def _dictionary(name: str, entries: Mapping[str, str]) -> str:
    return "\n".join([f"{name} = {{", *(f"    {key!r}: {value!r}," for key, value in entries.items()), "}"])


def _schema(contract: Contract, found: Split[str]) -> str:
    wide = [(check, source) for check, source in found.made if check.kind not in OF_COLUMN]
    context = _context([check for check, _ in wide], contract)
    columns = [
        *((each.name, TYPES[each.type]) for each in contract.columns),
        *((each, CONTEXT_TYPES[each]) for each in context),
    ]
    return "\n".join(
        [
            "SCHEMA = pa.DataFrameSchema(",
            "    {",
            *(line for name, kind in columns for line in _column(name, kind, _own(name, found))),
            "    },",
            *_checks(wide, indent=4),
            f"    name={contract.id!r},",
            ")",
            "",
        ]
    )


def _own(column: str, found: Split[str]) -> list[tuple[Check, str]]:
    return [(check, source) for check, source in found.made if check.kind in OF_COLUMN and check.target == column]


def _context(rules: Iterable[Check], contract: Contract) -> list[str]:
    """Columns that row rules read beside those of the return."""
    read = {name for each in rules if each.sql for name in pl.sql_expr(each.sql).meta.root_names()}
    return [name for name in CONTEXT_TYPES if name in read and name not in contract.column_names]


def _column(name: str, kind: Any, rules: list[tuple[Check, str]]) -> list[str]:
    return [
        f"        {name!r}: pa.Column(",
        f"            pl.{kind!r},",
        *_checks(rules, indent=12),
        "            nullable=True,",
        "        ),",
    ]


def _checks(rules: list[tuple[Check, str]], *, indent: int) -> list[str]:
    if not rules:
        return []
    pad = " " * indent
    lines = [f"{pad}    rule({check.name!r}, {source}, {check.short!r})," for check, source in rules]
    return [f"{pad}checks=[", *lines, f"{pad}],"]


def _express(rule: Check, contract: Contract) -> str | Why:
    """The rule as source of a Polars expression."""
    if why := lost(rule, contract):
        return why
    if rule.kind is Kind.ROW:
        return f"pl.sql_expr({rule.sql!r})"
    return _key(contract) if rule.kind is Kind.KEY else _source(rule)


def _source(rule: Check) -> str:
    cell, column = f"pl.col({rule.target!r})", rule.its_column
    made = {
        Kind.DECIMALS: f"{cell} == {cell}.round({rule.places})",
        Kind.REQUIRED: f"{cell}.is_not_null()",
        Kind.PATTERN: f"{cell}.str.contains({polars_pattern(rule.pattern)!r})",
        Kind.LENGTH: " & ".join(_sizes(f"{cell}.str.len_chars()", rule.length)),
        Kind.RANGE: " & ".join(_limit(cell, limit, column) for limit in rule.interval.limits),
        Kind.ENUM: f"{cell}.is_in({list(rule.values)!r})",
        Kind.UNIQUE: _not_repeated([rule.target]),
    }
    return made[rule.kind]


def _sizes(length: str, allowed: Length) -> list[str]:
    bounds = (("ge", allowed.least), ("le", allowed.most))
    return [f"{length}.{method}({bound})" for method, bound in bounds if bound is not None]


def _limit(cell: str, limit: Limit, column: Column) -> str:
    return f"{cell}.{limit.comparison}({_literal(limit.bound, column)})"


def _literal(bound: Bound, column: Column) -> str:
    if isinstance(bound, time):
        return f"pl.time({bound.hour}, {bound.minute}, {bound.second}, {bound.microsecond})"
    if isinstance(bound, datetime):
        return f"pl.datetime({', '.join(map(str, bound.timetuple()[:6]))}, {bound.microsecond})"
    if isinstance(bound, date):
        return f"pl.date({bound.year}, {bound.month}, {bound.day})"
    return str(int(bound)) if column.type == "integer" else f"pl.lit('{bound:f}').cast(pl.{NUMBER!r})"


def _not_repeated(names: list[str]) -> str:
    return f"~pl.struct({names!r}).is_duplicated() | pl.all_horizontal(pl.col({names!r}).is_null())"


def _key(contract: Contract) -> str:
    """Two rows that lack the same required part of the key are not the same row."""
    needed = required_key(contract)
    incomplete = f" | pl.any_horizontal(pl.col({needed!r}).is_null())" if needed else ""
    return _not_repeated(list(contract.key)) + incomplete
