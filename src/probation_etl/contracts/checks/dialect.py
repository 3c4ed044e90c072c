"""How sqlglot reads the SQL of Polars, and writes it again.

sqlglot has no dialect for Polars. This one is that of PostgreSQL with what Polars reads in another way; functions are
not interpreted but kept as they are written, for Polars is the one that computes them.
"""
# ruff: noqa: RUF012 -- sqlglot declares these as variables of its classes

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate

import polars as pl
import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.postgres import PostgresParser

from probation_etl.contracts.checks.functions import SPECIAL_FORMS

#: How deep parts of SQL may stand in each other. A sum is as deep as it has parts.
DEEPEST = 100
#: Polars' parser gives up at 50 brackets in each other, or tries all ways to read them, which never ends.
_MOST_BRACKETS = 45
#: Characters of SQL with its guards; of SQL in a message.
_LONGEST, _SHOWN = 50_000, 60
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`")
_SQL_TYPES: dict[pl.DataType, str] = {
    pl.Int8(): "TINYINT", pl.Int16(): "SMALLINT", pl.Int32(): "INTEGER", pl.Int64(): "BIGINT", pl.Int128(): "HUGEINT",
    pl.UInt8(): "UTINYINT", pl.UInt16(): "USMALLINT", pl.UInt32(): "UINTEGER", pl.UInt64(): "UBIGINT",
    pl.Float32(): "REAL", pl.Float64(): "DOUBLE", pl.Date(): "DATE", pl.Time(): "TIME",
    pl.Datetime("us"): "TIMESTAMP", pl.Duration("us"): "INTERVAL",
}  # fmt: skip
_JOINED_NOT = {exp.Is: "IS NOT", exp.RegexpLike: "!~", exp.RegexpILike: "!~*"}


def _not_before(parser: PostgresParser) -> exp.Expr:
    """Marks ``NOT a IN (b)``, which Polars does not read as ``a NOT IN (b)``."""
    negated: exp.Expr = PostgresParser.UNARY_PARSERS[TokenType.NOT](parser)
    negated.meta["before"] = True
    return negated


def _plus_before(parser: PostgresParser) -> exp.Expr:
    """Keeps the sign in ``+a``: Polars adds ``a`` to 0, so it fails for a text."""
    signed: exp.Expr = PostgresParser.UNARY_PARSERS[TokenType.PLUS](parser)
    return signed if signed.is_number else exp.paren(exp.Add(this=exp.Literal.number(0), expression=signed))


class AmbiguousSQLError(pl.exceptions.PolarsError):
    """SQL that sqlglot and Polars do not read alike: a guard would be put in the wrong place."""


class TooDeepSQLError(pl.exceptions.PolarsError):
    """SQL whose parts stand in each other deeper than what reads it can follow."""


class PolarsSQL(Postgres):
    """SQL expressions as ``pl.sql_expr`` reads them."""

    NORMALIZE_NOT_NULL = False
    TYPED_DIVISION = False

    class Tokenizer(Postgres.Tokenizer):
        """Words and signs that PostgreSQL does not have."""

        IDENTIFIERS = ['"', "`"]
        KEYWORDS = {
            **Postgres.Tokenizer.KEYWORDS, "//": TokenType.DIV, "XOR": TokenType.XOR, "INT1": TokenType.TINYINT,
        }  # fmt: skip

    class Parser(PostgresParser):
        """Functions stay as they are; signs before an operand are kept."""

        FUNCTIONS = {}
        FUNCTION_PARSERS = {name: PostgresParser.FUNCTION_PARSERS[name] for name in SPECIAL_FORMS}
        NO_PAREN_FUNCTIONS = {}
        UNARY_PARSERS = {
            **PostgresParser.UNARY_PARSERS, TokenType.NOT: _not_before, TokenType.PLUS: _plus_before,
        }  # fmt: skip
        BITWISE = {**PostgresParser.BITWISE, TokenType.XOR: exp.BitwiseXor}
        FACTOR = {**PostgresParser.FACTOR, TokenType.DIV: exp.IntDiv}

    class Generator(PostgresGenerator):
        """What PostgreSQL writes in other words."""

        TYPE_MAPPING = {**PostgresGenerator.TYPE_MAPPING, exp.DType.TINYINT: "TINYINT"}
        TRANSFORMS = {
            **PostgresGenerator.TRANSFORMS,
            exp.TryCast: lambda self, cast: f"TRY_CAST({self.sql(cast, 'this')} AS {self.sql(cast, 'to')})",
            exp.IntDiv: lambda self, division: self.binary(division, "//"),
            exp.BitwiseXor: lambda self, either: self.binary(either, "XOR"),
        }

        def not_sql(self, expression: exp.Not) -> str:
            """``NOT a IN (b)`` or ``a NOT IN (b)``, as it was written."""
            inner = expression.this
            if expression.meta.get("before"):
                return super().not_sql(expression)
            operand = self.sql(inner, "this")
            if type(inner) in _JOINED_NOT:
                return f"{operand} {_JOINED_NOT[type(inner)]} {self.sql(inner, 'expression')}"
            return f"{operand} NOT{self.sql(inner).removeprefix(operand)}"


@lru_cache(maxsize=1 << 12)
def parsed(text: str) -> exp.Expr:
    """The tree of a SQL expression that sqlglot and Polars read alike. It is shared: change a copy of it.

    Raises:
        AmbiguousSQLError: The two do not read it alike.
        TooDeepSQLError: It is deeper than what computes it can follow.
        polars.exceptions.PolarsError: It is not a SQL expression.
    """
    tree, meant = given_tree(text), pl.sql_expr(text)
    if tree is None or not meant.meta.eq(expression(tree)):
        raise AmbiguousSQLError(text)
    return tree


def given_tree(text: str) -> exp.Expr | None:
    """The tree that sqlglot alone makes of a text; None where it makes none.

    Raises:
        TooDeepSQLError: It is deeper than what computes it can follow.
    """
    try:
        tree: exp.Expr = sqlglot.parse_one(text, dialect=PolarsSQL)
    except sqlglot.errors.SqlglotError:
        return None
    except RecursionError:
        raise TooDeepSQLError(text[:_SHOWN]) from None
    if is_deep(tree) or _brackets(text) > _MOST_BRACKETS:
        raise TooDeepSQLError(text[:_SHOWN])
    return tree


def is_deep(tree: exp.Expr) -> bool:
    """Whether parts of a tree stand in each other too deep for what reads it."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node.iter_expressions()]
    return bool(level)


def written(tree: exp.Expr) -> str:
    """The text of a tree, as Polars reads it."""
    return tree.sql(dialect=PolarsSQL, comments=False)


def expression(tree: exp.Expr) -> pl.Expr:
    """The expression that Polars makes of a tree.

    Raises:
        TooDeepSQLError: Polars might never end reading it.
    """
    text = written(tree)
    if len(text) > _LONGEST or _brackets(text) > _MOST_BRACKETS:
        raise TooDeepSQLError(text[:_SHOWN])
    return pl.sql_expr(text)


def _brackets(text: str) -> int:
    """How deep brackets stand in each other, those in texts and names left out."""
    bare = _QUOTED.sub("", text)
    return max(accumulate((each in "([") - (each in ")]") for each in bare), default=0)


def type_name(kind: pl.DataType | None) -> str:
    """A type in SQL; empty where it has no name there."""
    if isinstance(kind, pl.Decimal):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    return _SQL_TYPES.get(kind, "") if kind is not None else ""
