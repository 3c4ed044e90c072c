"""Why SQL cannot be used in a contract: what it reads, calls or casts would be null, or another thing, in every row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import polars as pl
from sqlglot import exp

from probation_etl.contracts.checks.comparisons import (
    DATE,
    LENGTH_OF_TIME,
    NUMBER,
    TEXT,
    TIME,
    TRUTH,
    impossible_comparisons,
    kind_of,
)
from probation_etl.contracts.checks.dialect import (
    AmbiguousSQLError,
    PolarsSQL,
    TooDeepSQLError,
    expression,
    given_tree,
    parsed,
    written,
)
from probation_etl.contracts.checks.functions import function_of, instead_of, known, names
from probation_etl.contracts.checks.growth import growing
from probation_etl.contracts.checks.guards import Guards
from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.checks.scope import other_rows
from probation_etl.contracts.checks.types import type_of
from probation_etl.contracts.suggestions import did_you_mean

#: What may be cast to what, beside a text that is written in the contract.
_CASTS = {TEXT: {TEXT, NUMBER, TRUTH, DATE, TIME}, NUMBER: {TEXT, NUMBER, TRUTH}, TRUTH: {NUMBER, TRUTH},
          DATE: {DATE}, TIME: {TIME}}  # fmt: skip
#: What to write instead of a cast, by what is made of what.
_INSTEAD = {
    (DATE, TEXT): "STRPTIME({}, '%d/%m/%Y') or DATE({}, '%Y-%m-%d')",
    (TIME, TEXT): "TIME({}, '%H:%M')",
    (TRUTH, TEXT): "LOWER({}) IN ('true', 'yes')",
    (DATE, NUMBER): "DATE(CAST({} AS VARCHAR), '%Y%m%d')",
    (NUMBER, DATE): "EXTRACT(year FROM {})",
    (NUMBER, LENGTH_OF_TIME): "{} > INTERVAL '5 days'",
    (LENGTH_OF_TIME, NUMBER): "{} * INTERVAL '1 day'",
}
_NEVER_TRUE = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
#: Functions that read texts in a form, and what a form must have.
_READERS = frozenset(("DATE", "DATETIME", "STRPTIME", "TIME", "TIMESTAMP"))
_DAY_FORM, _TIME_FORM = ("YyFDxcGs", "%d/%m/%Y"), ("HIkTRXrc", "%H:%M")
_PARTS_OF_A_DAY = "hour|minute|second"
#: So many parts may be too many once each has its guards.
_MANY = 12
#: Functions that need no argument.
_ALONE = frozenset(("COUNT",))


def unusable(text: str, types: Mapping[str, pl.DataType], place: Place) -> list[str]:
    """Why an expression cannot be used; nothing where it can.

    Args:
        text: The expression.
        types: Type of each column that it may read; other columns are reported elsewhere.
        place: Where it stands.
    """
    return list(_unusable(text, tuple(types.items()), place))


# A contract is compiled many times, and says the same each time.
@lru_cache(maxsize=1 << 12)
def _unusable(text: str, types: tuple[tuple[str, pl.DataType], ...], place: Place) -> tuple[str, ...]:
    try:
        tree = given_tree(text)
        for found in () if tree is None else (other_rows(tree, place), _calls(tree, dict(types))):
            if told := tuple(dict.fromkeys(found)):
                return told
        return tuple(dict.fromkeys(_wrong_parts(text, dict(types), place)))
    except TooDeepSQLError as error:
        return (f"it is too deep or too long to be computed: ‘{error}…’; split it into several",)
    except AmbiguousSQLError:
        return (f"this SQL can be read in more than one way: {text}",)
    except pl.exceptions.PolarsError:
        return (f"this is not a SQL expression: {text}",)


def _wrong_parts(text: str, types: dict[str, pl.DataType], place: Place) -> Iterator[str]:
    """Parts that give nothing, or another thing than SQL means."""
    tree = parsed(text)
    if len(list(tree.walk())) > _MANY:
        Guards(dict(types), 1).guarded(tree.copy())
    yield from impossible_comparisons(text, types)
    yield from _nothing(tree)
    yield from _forms(tree)
    yield from _hours(tree, types)
    yield from growing(tree)
    yield from _casts(tree, types)
    yield from _divisions(tree) if place is Place.AMOUNT else ()


def _calls(tree: exp.Expr, types: Mapping[str, pl.DataType]) -> Iterator[str]:
    """Functions that are not known."""
    for node in tree.walk():
        name = _name(node)
        if name is None or (isinstance(node, exp.Column) and node.name in types):
            continue
        if not known(name):
            better = instead_of(name)
            hint = f"; write {better}" if better else did_you_mean(name, names())
            yield f"‘{name}’ is not a function that contracts can use{hint}"
        elif isinstance(node, exp.Anonymous) and not node.expressions and name not in _ALONE:
            yield f"‘{name}’ is called with nothing in its parentheses"


def _name(node: exp.Expr) -> str | None:
    """The function that a part calls. ``CURRENT_DATE`` is one without parentheses."""
    if isinstance(node, exp.Column):
        name = node.name.upper()
        return name if instead_of(name) and not node.this.quoted else None
    return function_of(node)


def _nothing(tree: exp.Expr) -> Iterator[str]:
    """Comparisons with NULL, which are true of nothing."""
    for node in tree.walk():
        sides = (node.this, node.args.get("expression")) if isinstance(node, _NEVER_TRUE) else ()
        if any(isinstance(each, exp.Null) for each in sides):
            yield f"‘{written(node)}’ is null whatever the values: write IS NULL or IS NOT NULL"
        elif isinstance(node, exp.In) and any(isinstance(each, exp.Null) for each in node.expressions):
            yield f"‘{written(node)}’ is null for every value that is not listed: leave NULL out of the list"


def _forms(tree: exp.Expr) -> Iterator[str]:
    """Forms of days and times that Polars takes, and that say no year or no hour, such as ``dd/MM/yyyy``."""
    for node in tree.find_all(exp.Anonymous):
        name, form = node.name.upper(), node.expressions[1].name if len(node.expressions) == 2 else None
        needed, example = _TIME_FORM if name == "TIME" else _DAY_FORM
        if name in _READERS and form is not None and not any(f"%{each}" in form for each in needed):
            what = "hour" if name == "TIME" else "year"
            yield f"‘{written(node)}’: the form has no {what}; write it as '{example}'"


def _hours(tree: exp.Expr, types: Mapping[str, pl.DataType]) -> Iterator[str]:
    """Hours added to a day: Polars leaves them out."""
    for node in tree.find_all(exp.Add, exp.Sub):
        lengths = " ".join(written(each) for each in node.find_all(exp.Interval))
        if re.search(_PARTS_OF_A_DAY, lengths, re.IGNORECASE) and type_of(expression(node), types) == pl.Date():
            yield f"‘{written(node)}’: a day has no hours: add whole days, or make it a time with CAST(… AS TIMESTAMP)"


def _divisions(tree: exp.Expr) -> Iterator[str]:
    """Divisions by what may be 0: of a measure, one store makes an error, and another nothing."""
    for node in tree.find_all(exp.Div, exp.IntDiv, exp.Mod):
        by = node.expression
        if not (by.is_number and by.to_py()) and function_of(by) != "NULLIF":
            yield f"‘{written(node)}’: a measure divides by what may be 0: write NULLIF({written(by)}, 0)"


def _casts(tree: exp.Expr, types: Mapping[str, pl.DataType]) -> Iterator[str]:
    """Casts that Polars cannot compute, or computes to another thing than SQL means."""
    for node in tree.find_all(exp.Cast):
        operand = node.this
        source, target = type_of(expression(operand), types), type_of(expression(node), types)
        given, made = kind_of(source), kind_of(target)
        if source is None or given is None:
            continue
        wanted = node.to.sql(dialect=PolarsSQL)
        if made is None:
            yield f"‘{written(node)}’: a rule knows no type ‘{wanted}’"
        elif (made in (DATE, TIME) and operand.is_string) or (made == TIME and source == pl.Datetime):
            continue
        elif given not in _CASTS.get(made, ()):
            better = _INSTEAD.get((made, given))
            hint = f": write {better.replace('{}', written(operand))}" if better else ""
            yield f"‘{written(node)}’ makes {made} of {given}, which is null or wrong in every row{hint}"
