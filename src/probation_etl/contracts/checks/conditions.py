"""The SQL rules over single rows, with what they look up in reference tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import polars as pl

from probation_etl.contracts.checks import words
from probation_etl.contracts.checks.blank import blank_rows, unknown_columns
from probation_etl.contracts.checks.check import Check, Kind
from probation_etl.contracts.checks.expressions import sources, usable_sql
from probation_etl.contracts.checks.lookups import looked_up, lookup_faults
from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.checks.sql import column_types
from probation_etl.contracts.checks.types import type_of
from probation_etl.contracts.model import Contract, Rule
from probation_etl.contracts.suggestions import did_you_mean

#: How much of a reference table is kept of what a rule may find there.
_FEW = 6
_NO_COLUMN = "it reads no column of the return: name the one that findings point at, as implementation.column"


def row_checks(contract: Contract, faults: list[str], tables: Mapping[str, pl.DataFrame] | None) -> Iterator[Check]:
    """The SQL rules of a contract; an expression that cannot be used becomes a fault.

    Args:
        contract: The contract.
        faults: Where faults are added.
        tables: Reference tables by name; None where they are not known, and rules that look values up are not made.
    """
    for rule in contract.rules:
        part = f"rule ‘{rule.name}’"
        holds = _condition(rule, contract, part, faults, tables)
        if holds is not None:
            columns = _columns(rule, contract)
            target = rule.column or next(iter(columns), "")
            if not target:
                unknown = unknown_columns(holds, blank_rows(contract))
                faults.append(f"{contract.where(part)}: {unknown or _NO_COLUMN}")
                continue
            if target not in contract.column_names:
                hint = did_you_mean(target, contract.column_names)
                faults.append(f"{contract.where(part)}: there is no column ‘{target}’ to point at{hint}")
                continue
            asked = words.of_rule(rule, f"In every row: {words.one_line(rule.expression)}")
            yield Check(
                Kind.ROW, f"row|{rule.name}", "row-rule", asked, part, contract.column(target), columns, rule.severity, holds,
                expected=rule.message, message=rule.message, hint=rule.hint, sql=rule.expression,
                values=_some_found(rule, tables or {}), listed=_some_keys(rule, contract, tables or {}),
            )  # fmt: skip


def _columns(rule: Rule, contract: Contract) -> tuple[str, ...]:
    """The columns of the return that a rule reads, by itself and for what it looks up."""
    texts = (rule.expression, *(text for each in rule.lookups.values() for text in each.texts))
    return tuple(dict.fromkeys(name for text in texts for name in sources(text, contract)))


def _some_found(rule: Rule, tables: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Some texts that a rule finds, and some days on which others hold: on both sides of these it may come out otherwise."""
    found: dict[str, None] = {}
    for each in rule.lookups.values():
        for name in filter(None, (each.value, each.valid_from, each.valid_to)):
            texts = tables[each.table][name].drop_nulls().unique().sort()
            found.update(dict.fromkeys((*texts.head(_FEW), *texts.tail(_FEW))))
    return tuple(found)


def _some_keys(rule: Rule, contract: Contract, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame | None:
    """Some keys by which a rule looks up, where they are columns of the return."""
    keys = [
        tables[each.table].select(pl.col(there).alias(here) for there, here in each.match.items() if here in contract.column_names)
        for each in rule.lookups.values()
    ]  # fmt: skip
    return pl.concat([each.head(_FEW) for each in keys], how="diagonal") if keys else None


def _condition(
    rule: Rule, contract: Contract, part: str, faults: list[str], tables: Mapping[str, pl.DataFrame] | None
) -> pl.Expr | None:
    made = usable_sql(rule.expression, contract, part, faults, Place.RULE, texts=rule.lookups)
    if made is None or not rule.lookups:
        return made
    texts = [text for each in rule.lookups.values() for text in each.texts]
    keys = [usable_sql(text, contract, part, faults, Place.RULE) for text in texts]
    are_usable = not any(each is None for each in keys)
    found = [*_name_faults(rule, made, contract)] if are_usable else []
    if are_usable and tables is not None:
        found += [
            f"‘{name}’: {fault}"
            for name, each in rule.lookups.items()
            for fault in lookup_faults(each, contract, tables)
        ]
    faults.extend(f"{contract.where(part)}: {each}" for each in found)
    if found or not are_usable or tables is None:
        return None
    read = [name for name in dict.fromkeys(made.meta.root_names()) if name not in rule.lookups]
    values = [looked_up(each, contract, tables[each.table]).alias(name) for name, each in rule.lookups.items()]
    # What is looked up has its names inside of the condition alone: it is no column of the return, nor of another rule.
    return pl.struct(*map(pl.col, read), *values).map_batches(partial(_judged, holds=made), return_dtype=pl.Boolean())


def _judged(given: pl.Series, *, holds: pl.Expr) -> pl.Series:
    """Where a condition holds, of rows with what was looked up for them."""
    rows = given.struct.unnest()
    verdict = rows.select(holds.cast(pl.Boolean).alias(given.name)).to_series()
    return verdict if verdict.len() == rows.height else verdict.new_from_index(0, rows.height)


def _name_faults(rule: Rule, made: pl.Expr, contract: Contract) -> Iterator[str]:
    types, names = column_types(contract), made.meta.root_names()
    for name in rule.lookups:
        if name in types:
            yield f"‘{name}’ is a column already: give what is looked up another name"
        elif name not in names:
            yield f"the expression does not read ‘{name}’, which is looked up{did_you_mean(name, names)}"
    unknown = set(names) - {*types, *rule.lookups}
    kind = type_of(made, types | dict.fromkeys(rule.lookups, pl.String()))
    if not unknown and kind not in (pl.Boolean(), pl.Null()):
        yield "it compares things of different kinds, or is neither true nor false; what is looked up is a text"
