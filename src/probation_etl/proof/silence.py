"""Rules that would say nothing: parts that are null whatever the values, and rules that no return is found to break."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from sqlglot import exp

from probation_etl.contracts.checks import Check, Kind, Schema, safe_sql
from probation_etl.contracts.checks.dialect import expression, parsed, written
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.proof import prove_rules
from probation_etl.proof.context import contexts
from probation_etl.proof.plausible import allowed_rows

#: Parts that may be null for a reason of their own, and what merely holds other parts together.
_CONDITIONAL = (exp.Case, exp.If, exp.Filter, exp.Window)
_MAY_BE_NULL = frozenset(("NULLIF",))
_PARTS = (exp.Func, exp.Binary, exp.Unary, exp.Cast, exp.Between, exp.In)
#: A part is judged by at least so many rows in which everything that it reads has a value.
_ENOUGH = 20
#: Rows that keep every rule, and rows that break one, which are tried together.
_FEW = 50
#: Numbers of rows that are tried together.
_COUNTS = (0, 1, 2, 3, 10, 100, 2_000)


def silent_parts(schema: Schema, rows: pl.DataFrame) -> Iterator[str]:
    """Parts of rules and mappings that are null in every row, though all that they read is there: faults of the contract.

    Args:
        schema: The compiled contract.
        rows: Typed rows of plausible values.
    """
    contract = schema.contract
    for part, text in dict.fromkeys(_texts(schema)):
        for silent in _silent(parsed(text), rows):
            yield (
                f"{contract.where(part)}: ‘{silent}’ is null whatever the values, so nothing is ever found by it: check forms, "
                "types and bounds in it"
            )


def unbroken(contract: ReturnContract, rulebook: Rulebook) -> Iterator[str]:
    """Rules with SQL of which no return was found that breaks them alone: they may be dead, or say the same as another."""
    schema = rulebook.schema_of(contract)
    tried = _Tried(contract, rulebook, schema)
    doubtful = [each for each in schema.of(Kind.ROW, Kind.TABLE, Kind.ACROSS) if each.name not in tried.alone]
    for check, proof in prove_rules(contract, rulebook, doubtful) if doubtful else ():
        # Where nothing clean is found there is nothing to compare with: that tells of the search, not of the rule.
        if not (proof.proved or (proof.baseless and (check.kind is not Kind.ROW or check.name in tried.ever))):
            yield f"{contract.where(check.part)}: no return was made that breaks it: {proof.how}"


def _texts(schema: Schema) -> Iterator[tuple[str, str]]:
    """The SQL of a contract over its own columns, each with the part that it comes from."""
    for check in schema.of(Kind.ROW, Kind.TABLE, Kind.ACROSS):
        yield check.part, check.sql
    contract = schema.contract
    for row in contract.mapping.rows if isinstance(contract, ReturnContract) else ():
        if row.when:
            yield row.part("when"), row.when
        yield from ((row.part(mapped.name), text) for mapped in row.columns for text in mapped.texts)


def _silent(tree: exp.Expr, rows: pl.DataFrame) -> list[str]:
    """The smallest parts that are null in every row."""
    inside = [found for child in tree.iter_expressions() for found in _silent(child, rows)]
    if inside or not isinstance(tree, _PARTS) or _may_be_null(tree):
        return inside
    made = expression(tree)
    read = made.meta.root_names()
    if not set(read) <= set(rows.columns):
        return []  # a column that is not there is reported elsewhere
    given = rows.drop_nulls(read) if read else rows
    if given.height < _ENOUGH:
        return []
    try:
        values = given.select(safe_sql(written(tree), rows.schema).alias("value"))["value"]
    except pl.exceptions.PolarsError:
        return []  # such as a length of time in years, which is one only beside a day
    return [written(tree)] if values.null_count() == len(values) else []


def _may_be_null(tree: exp.Expr) -> bool:
    """Whether a part is meant to be null at times, so that rare values may be needed for another result."""
    return any(
        isinstance(each, (*_CONDITIONAL, exp.Null)) or (isinstance(each, exp.Anonymous) and each.name.upper() in _MAY_BE_NULL)
        for each in tree.walk()
    )  # fmt: skip


class _Tried:
    """What breaks the rules of a contract among mixed rows. It takes no search, but finds nearly all.

    Attributes:
        ever: Rules that something breaks.
        alone: Rules about one row that a row breaks, and no other such rule with it; rules over the table that rows break.
    """

    def __init__(self, contract: ReturnContract, rulebook: Rulebook, schema: Schema) -> None:
        self.ever: set[str] = set()
        self.alone: set[str] = set()
        context = next(contexts(contract, rulebook), None)
        if context is not None and context.period_end is not None and schema.of(Kind.ROW, Kind.TABLE):
            known = context.columns()
            rows = allowed_rows(schema, known, context.period_end)
            self._try_rows(schema, rows)
            self._try_tables(schema, rows)

    def _try_rows(self, schema: Schema, rows: pl.DataFrame) -> None:
        checks = schema.of(Kind.ROW)
        if not checks:
            return
        broken = rows.select(_is_broken(each) for each in checks)
        self.ever |= {name for name in broken.columns if broken[name].any()}
        self.alone |= _broken_alone(broken)
        clean = rows.filter(~pl.any_horizontal(broken)).head(_FEW)
        for check in (each for each in checks if each.name in self.ever - self.alone):
            some = rows.filter(broken[check.name]).head(_FEW).select(check.columns)
            mixed = clean.drop(check.columns).join(some, how="cross").with_columns(schema.derived)
            self.alone |= _broken_alone(mixed.select(_is_broken(each) for each in checks)) & {check.name}

    def _try_tables(self, schema: Schema, rows: pl.DataFrame) -> None:
        for check in schema.of(Kind.TABLE):
            if any(rows.head(count).select(_is_broken(check)).item() for count in _COUNTS):
                self.ever.add(check.name)
                self.alone.add(check.name)


def _broken_alone(broken: pl.DataFrame) -> set[str]:
    alone = broken.filter(pl.sum_horizontal(pl.all()) == 1)
    return {name for name in alone.columns if alone[name].any()}


def _is_broken(check: Check) -> pl.Expr:
    assert check.holds is not None  # noqa: S101 -- such rules are conditions
    return (~check.holds).fill_null(value=False).alias(check.name)
