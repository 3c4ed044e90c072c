"""A contract as a Python script that defines a pandera schema for typed Polars frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from probation_etl.contracts.checks import CONTEXT_TYPES, NUMBER, TYPES, Schema, decimals
from probation_etl.contracts.checks.listed import (
    ListedRule,
    Split,
    Why,
    listed_rules,
    split,
    typed_differences,
    typed_only,
    unknown_to_the_frame,
    warnings_as_errors,
)
from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.patterns import polars_pattern

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
    """The script as text. All that comes from the contract stands in it as literals."""
    contract = schema.contract
    rules = listed_rules(schema)
    found = split(rules, lambda rule: _express(rule, contract))
    also = {**typed_differences(contract), **warnings_as_errors(rules, found)}
    constants = [
        f"CONTRACT = {contract.id!r}", f"VERSION = {contract.version!r}",
        _dictionary("NOT_EXPRESSED", found.not_expressed), _dictionary("ALSO", also),
    ]  # fmt: skip
    made = [each for each in rules if each.name in found.expressed]
    return _HEAD + "\n" + "\n".join(constants) + "\n" + _RULE + _schema(contract, made, found)


def _dictionary(name: str, entries: Mapping[str, str]) -> str:
    return "\n".join([f"{name} = {{", *(f"    {key!r}: {value!r}," for key, value in entries.items()), "}"])


def _schema(contract: Contract, rules: list[ListedRule], found: Split) -> str:
    own = {column.name: [each for each in rules if _alone(each, column)] for column in contract.columns}
    wide = [each for each in rules if each.kind in ("row", "key")]
    context = _context(wide, contract)
    return "\n".join(
        [
            "SCHEMA = pa.DataFrameSchema(",
            "    {",
            *(
                line
                for column in contract.columns
                for line in _column(column.name, TYPES[column.type], own[column.name], found)
            ),
            *(line for name in context for line in _column(name, CONTEXT_TYPES[name], [], found)),
            "    },",
            *_checks("checks=", wide, found, indent=4),
            f"    name={contract.id!r},",
            ")",
            "",
        ]
    )


def _alone(rule: ListedRule, column: Column) -> bool:
    return rule.kind not in ("row", "key") and rule.column == column


def _context(rules: Iterable[ListedRule], contract: Contract) -> list[str]:
    """Columns that row rules read beside those of the return."""
    read = {name for each in rules if each.expression for name in pl.sql_expr(each.expression).meta.root_names()}
    return [name for name in CONTEXT_TYPES if name in read and name not in contract.column_names]


def _column(name: str, kind: Any, rules: list[ListedRule], found: Split) -> list[str]:
    return [
        f"        {name!r}: pa.Column(",
        f"            pl.{kind!r},",
        *_checks("checks=", rules, found, indent=12),
        "            nullable=True,",
        "        ),",
    ]


def _checks(key: str, rules: list[ListedRule], found: Split, *, indent: int) -> list[str]:
    if not rules:
        return []
    pad = " " * indent
    lines = [f"{pad}    rule({each.name!r}, {found.expressed[each.name]}, {each.words!r})," for each in rules]
    return [f"{pad}{key}[", *lines, f"{pad}],"]


def _express(rule: ListedRule, contract: Contract) -> str | Why:
    """The rule as source of a Polars expression."""
    if rule.kind == "row":
        return unknown_to_the_frame(rule, contract) or f"pl.sql_expr({rule.expression!r})"
    if rule.kind == "key":
        return _key(contract)
    return typed_only(rule) or _source(rule.kind, rule.its_column)


def _source(kind: str, column: Column) -> str | Why:
    cell = f"pl.col({column.name!r})"
    if kind == "decimals":
        places = decimals(column)
        few = places < NUMBER.scale
        return f"{cell} == {cell}.round({places})" if few else Why(f"typed numbers have {NUMBER.scale} decimal places")
    pattern = polars_pattern(column.pattern or "")
    made = {
        "required": f"{cell}.is_not_null()",
        "pattern": f"{cell}.str.contains({pattern!r})",
        "length": _length(f"{cell}.str.len_chars()", column),
        "range": _range(cell, column),
        "enum": f"{cell}.is_in({list(column.labels)!r})",
        "unique": _not_repeated([column.name]),
    }
    return made[kind]


def _length(length: str, column: Column) -> str:
    bounds = ((column.min_length, "ge"), (column.max_length, "le"))
    return " & ".join(f"{length}.{method}({bound})" for bound, method in bounds if bound is not None)


def _range(cell: str, column: Column) -> str:
    bounds = ((column.minimum, "ge"), (column.exclusive_minimum, "gt"), (column.maximum, "le"), (column.exclusive_maximum, "lt"))  # fmt: skip
    return " & ".join(f"{cell}.{method}({_literal(bound, column)})" for bound, method in bounds if bound is not None)


def _literal(bound: Decimal | date, column: Column) -> str:
    if isinstance(bound, date):
        return f"pl.date({bound.year}, {bound.month}, {bound.day})"
    return str(int(bound)) if column.type == "integer" else f"pl.lit('{bound:f}').cast(pl.{NUMBER!r})"


def _not_repeated(names: list[str]) -> str:
    return f"~pl.struct({names!r}).is_duplicated() | pl.all_horizontal(pl.col({names!r}).is_null())"


def _key(contract: Contract) -> str:
    """Two rows that lack the same needed part of the key are not the same row."""
    needed = [name for name in contract.key if contract.column(name).required]
    incomplete = f" | pl.any_horizontal(pl.col({needed!r}).is_null())" if needed else ""
    return _not_repeated(list(contract.key)) + incomplete
