"""Guards in SQL: a part of an expression is computed only in the rows where it can be.

Polars itself wraps whole numbers that grow too large (``LENGTH(text) - 5`` becomes some four thousand million), gives
infinity where whole numbers are divided by zero, and gives up the whole frame where decimals are, or where one text
cannot be cast to a number. Each of these would be a wrong verdict, or none, on rows that have no fault.

So operands stand in a CASE that leaves them out where the operation would fail. Polars computes every branch for every
row: it would not help to put the operation itself in the CASE.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import polars as pl
from polars.datatypes import TemporalType
from sqlglot import exp

from probation_etl.contracts.checks.dialect import PolarsSQL, expression, type_name, written
from probation_etl.contracts.checks.trees import (
    absolute,
    call,
    figure,
    in_floats,
    is_given,
    is_so,
    operation,
    try_cast,
    where_given,
)
from probation_etl.contracts.checks.types import type_of

_WIDE = pl.Int128()
#: Room that is left below what decimals can hold: results may be added up, and the test itself is made in floats.
_MARGIN = 100.0
#: Just below what 64 and 128 bits, and floats, can hold.
_LARGEST_WHOLE, _LARGEST_FLOAT = (9.2e18, 1.7e38), 1.7e308
_FINITE = sys.float_info.max
_CALENDAR = ("0001-01-01", "9999-12-31")
_MOST_TIMES = 1_000_000
#: Functions that read a day or a time from a text, with what they give.
_READERS: dict[str, TemporalType] = {
    "DATE": pl.Date(), "TIME": pl.Time(), "DATETIME": pl.Datetime("us"), "STRPTIME": pl.Datetime("us"),
    "TIMESTAMP": pl.Datetime("us"),
}  # fmt: skip
#: The forms of ISO 8601 that they read where none is given. Polars would take the form of the first text for all.
_FORMS: dict[TemporalType, tuple[str, ...]] = {
    pl.Date(): ("%Y-%m-%d",),
    pl.Time(): ("%H:%M:%S", "%H:%M"),
    pl.Datetime("us"): ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"),
}


class Guards:
    """Puts guards into the tree of one expression, from the leaves up."""

    def __init__(self, types: dict[str, pl.DataType], default: int | None) -> None:
        self._types, self._default = types, default
        #: Days and times read from texts, by the name of the column that stands for them in the tree.
        self._read: dict[str, pl.Expr] = {}

    @property
    def reads_texts(self) -> bool:
        """Whether the guarded tree reads days or times from texts."""
        return bool(self._read)

    def guarded(self, node: exp.Expr) -> exp.Expr:
        """The tree with every part safe."""
        for child in list(node.iter_expressions()):
            child.replace(self.guarded(child))
        match node:
            case exp.TryCast():
                return node
            case exp.Cast():
                return self._cast(node)
            case exp.Is(expression=exp.Boolean() as truth):
                return is_so(node.this, truth)
            case exp.Not(this=exp.Paren()):
                node.meta["before"] = True
            case exp.Neg() | exp.Add() | exp.Sub() | exp.Mul() | exp.Div() | exp.IntDiv() | exp.Mod():
                return self._arithmetic(node)
            case exp.Substring():
                return self._part_of_text(node)
            case exp.Anonymous() | exp.Filter() | exp.Window():
                return self._function(node)
        return node

    def expression(self, tree: exp.Expr) -> pl.Expr:
        """The tree as Polars computes it. What is read from texts is computed first, as columns beside the others."""
        made = expression(tree)
        names = dict.fromkeys(made.meta.root_names())
        if self._read.keys().isdisjoint(names):
            return made
        columns = [self._read.get(name, pl.col(name)).alias(name) for name in names]
        return pl.map_batches(
            columns, lambda given: _side_by_side(given).select(made).to_series(),
            return_dtype=self._type(tree), returns_scalar=_gives_one_value(made, {n: self._types[n] for n in names}),
        )  # fmt: skip

    def _arithmetic(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Neg):
            return exp.Neg(this=self._wide(node.this))
        if isinstance(node, exp.Mul) and self._type(node) == pl.Duration:
            return operation(node, self._few(node.this), self._few(node.expression))
        left, right = self._wide(node.this), self._wide(node.expression)
        if isinstance(node, exp.Add | exp.Sub):
            return self._in_calendar(operation(node, left, right))
        return self._fitting(node, left, right)

    def _function(self, node: exp.Expr) -> exp.Expr:
        match node.name.upper(), node.expressions:
            case (("POW" | "POWER"), [left, right]) if not isinstance(right, exp.Literal):
                # Polars has no whole number for a power below 0, and gives up the whole frame for one.
                return self._fitting(node, try_cast(left, "DOUBLE"), self._wide(right))
            case (("DIV" | "MOD" | "POW" | "POWER"), [left, right]):
                return self._fitting(node, self._wide(left), self._wide(right))
            case "ROUND", [number, *places]:
                return self._rounded(node, number, places[0] if places else exp.Literal.number(0))
            case "REPLACE", [text, old, new] if not self._literal(new):
                # Polars stops at a single row in which there is nothing to put in.
                put_in = exp.Anonymous(this="COALESCE", expressions=[new.copy(), exp.Literal.string("")])
                replaced = exp.Anonymous(this=node.this, expressions=[text.copy(), old.copy(), put_in])
                return self._where(is_given(new.copy()), replaced)
            case "SUM", [exp.Distinct(expressions=[summed]) | summed]:
                summed.replace(self._wide(summed))
                return node if isinstance(node.parent, exp.Filter | exp.Window) else self._summed(node, summed)
            case name, [text, *form] if (
                name in _READERS and self._type(text) == pl.String() and not self._literal(text)
            ):
                return self._day_or_time(node, text, form[0].name if form else None)
        return node if isinstance(node.parent, exp.Filter | exp.Window) else self._finite(node)

    def _part_of_text(self, node: exp.Substring) -> exp.Expr:
        """A part of a text that is null where its length is below 0: Polars would stop."""
        length = node.args.get("length")
        if length is None or self._literal(length):
            return node
        node.set("length", absolute(length))
        return self._where(exp.GTE(this=exp.paren(length.copy()), expression=exp.Literal.number(0)), node)

    def _type(self, tree: exp.Expr) -> pl.DataType | None:
        return type_of(expression(tree), self._types)

    def _literal(self, tree: exp.Expr) -> bool:
        return expression(tree).meta.is_literal()

    def _wide(self, tree: exp.Expr) -> exp.Expr:
        """Whole numbers in a type that the product of any two cells fits in."""
        kind = None if isinstance(tree, exp.Interval) or self._literal(tree) else self._type(tree)
        return try_cast(tree, "HUGEINT") if kind is not None and kind.is_integer() else tree

    def _fitting(self, node: exp.Expr, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """An operation without operands where the result would be too large, or does not exist."""
        limit = _limit(self._type(operation(node, left, right)))
        if limit is None:
            return operation(node, left, right)
        floats = operation(in_floats(node), try_cast(left, "DOUBLE"), try_cast(right, "DOUBLE"))
        fits = exp.LT(this=absolute(floats), expression=figure(limit))
        return operation(node, self._where(fits, left), self._where(fits, right))

    def _summed(self, node: exp.Expr, summed: exp.Expr) -> exp.Expr:
        """A sum that is null where it would be too large, as that of a few products of the largest figures."""
        limit = _limit(self._type(node))
        if limit is None:
            return node
        floats = absolute(call("SUM", try_cast(summed, "DOUBLE")))
        return self._where(exp.LT(this=floats, expression=figure(limit)), node)

    def _in_calendar(self, node: exp.Expr) -> exp.Expr:
        """A day that is null where it would be in no year of four digits: nothing could show or store it."""
        if not isinstance(self._type(node), pl.Date | pl.Datetime):
            return node
        first, last = (exp.cast(exp.Literal.string(day), "DATE", dialect=PolarsSQL) for day in _CALENDAR)
        return self._where(exp.Between(this=exp.paren(node.copy()), low=first, high=last), node)

    def _few(self, tree: exp.Expr) -> exp.Expr:
        """How many times a length of time is taken, if the product can be counted in microseconds."""
        kind = self._type(tree)
        if isinstance(tree, exp.Interval) or self._literal(tree) or kind is None or not kind.is_numeric():
            return tree
        return self._where(exp.LT(this=absolute(tree), expression=exp.Literal.number(_MOST_TIMES)), tree)

    def _finite(self, node: exp.Expr) -> exp.Expr:
        """The root of a negative number and the logarithm of zero are not finite: they are null instead."""
        kind = self._type(node)
        if kind is None or not kind.is_float():
            return node
        return self._where(exp.LTE(this=absolute(node), expression=figure(_FINITE)), node)

    def _rounded(self, node: exp.Expr, number: exp.Expr, places: exp.Expr) -> exp.Expr:
        """Rounds a half of a fraction in binary away from zero, as Polars itself does for decimals alone."""
        kind = self._type(number)
        if kind is None or not kind.is_float() or not places.is_int:
            return self._finite(node)
        factor, finite = figure(10.0 ** int(places.name)), self._finite(number)
        up = exp.Add(this=exp.Mul(this=absolute(finite), expression=factor), expression=figure(0.5))
        signed = exp.Mul(this=call("SIGN", finite), expression=call("FLOOR", up))
        return exp.paren(exp.Div(this=signed, expression=factor.copy()))

    def _cast(self, node: exp.Cast) -> exp.Expr:
        """A cast that gives null for what is not a number. In the tree, ``DATE '2020-03-01'`` is a cast too."""
        given, whole = self._type(node.this), self._type(node)
        if (
            given is not None
            and whole is not None
            and whole.is_integer()
            and not given.is_integer()
            and given.is_numeric()
        ):
            node.this.replace(self._rounded(call("ROUND", node.this), node.this.copy(), exp.Literal.number(0)))
        kind, loose = self._type(node), exp.TryCast(this=node.this.copy(), to=node.to.copy())
        if kind is None or not (kind.is_numeric() or kind.is_temporal()):
            return loose
        if kind.is_temporal() and node.this.is_string:
            return node
        return self._where(where_given(node.this, loose), loose)

    def _day_or_time(self, node: exp.Expr, text: exp.Expr, form: str | None) -> exp.Expr:
        """A day or time that is null for what is not one. SQL has no such function, so Polars reads it into a column."""
        name, kind, given = written(node), _READERS[node.name.upper()], self.expression(text)
        forms = (form,) if form is not None else _FORMS[kind]
        self._read[name] = pl.coalesce(given.str.strptime(kind, each, strict=False) for each in forms)
        self._types[name] = kind
        read: exp.Expr = exp.column(exp.to_identifier(name, quoted=True))
        if _gives_one_value(given, self._types):
            read = exp.Anonymous(this="FIRST", expressions=[read])
        return self._where(where_given(text, read), read)

    def _where(self, good: exp.Expr, tree: exp.Expr) -> exp.Expr:
        """The value where the condition is true; the default where it is false, and null where it is null."""
        kept = exp.Case().when(good, tree)
        name = type_name(self._type(tree))
        if self._default is None or not name:
            return kept
        return kept.when(is_given(good), exp.cast(exp.Literal.number(self._default), name, dialect=PolarsSQL))


def _side_by_side(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """Columns as a table; one that holds a single value, such as the last day, holds it for every row."""
    return pl.select(each if len(each) != 1 else pl.lit(each).first().alias(each.name) for each in columns)


def _gives_one_value(expression: pl.Expr, types: Mapping[str, pl.DataType]) -> bool:
    """Whether it gives one value for the whole table, such as a sum, and not one a row."""
    try:
        return pl.DataFrame({name: [None, None] for name in types}, schema=types).select(expression).height == 1
    except pl.exceptions.PolarsError:
        return False


def _limit(kind: pl.DataType | None) -> float | None:
    """How large a result of this type may be; None where it is not a number."""
    if isinstance(kind, pl.Decimal):
        return 10.0 ** (kind.precision - kind.scale) / _MARGIN
    if kind is None or not kind.is_numeric():
        return None
    return _LARGEST_FLOAT if kind.is_float() else _LARGEST_WHOLE[kind == _WIDE]
