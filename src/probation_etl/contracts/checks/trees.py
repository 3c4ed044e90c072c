"""Small parts of SQL trees, of which guards are made. Each is a copy, and leaves the tree that it is given as it was."""

from __future__ import annotations

from sqlglot import exp

from probation_etl.contracts.checks.dialect import PolarsSQL


def operation(node: exp.Expr, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """The same operation or function of other operands."""
    if isinstance(node, exp.Anonymous):
        return exp.Anonymous(this=node.this, expressions=[left.copy(), right.copy()])
    return type(node)(this=left.copy(), expression=right.copy())


def in_floats(node: exp.Expr) -> exp.Expr:
    """The operation to test in floats: these are not divided to whole numbers."""
    return exp.Div() if isinstance(node, exp.IntDiv) or node.name.upper() == "DIV" else node


def try_cast(tree: exp.Expr, name: str) -> exp.Expr:
    """The value in a type; null where it cannot be."""
    return exp.TryCast(this=tree.copy(), to=exp.DataType.build(name, dialect=PolarsSQL))


def absolute(tree: exp.Expr) -> exp.Expr:
    """The number without its sign."""
    return call("ABS", tree)


def call(name: str, tree: exp.Expr) -> exp.Expr:
    """A function of one argument."""
    return exp.Anonymous(this=name, expressions=[tree.copy()])


def is_so(tree: exp.Expr, truth: exp.Boolean) -> exp.Expr:
    """``a IS TRUE`` is never null in SQL; in Polars it is null where ``a`` is."""
    met = tree.copy() if truth.this else exp.Not(this=exp.paren(tree.copy()))
    met.meta["before"] = True
    return exp.paren(exp.Case().when(met, exp.true()).else_(exp.false()))


def figure(value: float) -> exp.Expr:
    """A number as it is written in SQL."""
    return exp.Literal.number(f"{value!r}")


def is_given(tree: exp.Expr) -> exp.Expr:
    """Whether there is a value."""
    return exp.Is(this=exp.paren(tree), expression=exp.Null(), negate=True)


def where_given(tree: exp.Expr, result: exp.Expr) -> exp.Expr:
    """Whether there is a result where there is something to make it of."""
    return exp.Case().when(is_given(tree), is_given(result))
