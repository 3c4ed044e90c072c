"""Queries of contracts, which a store runs as they are written: what they may read and call, and nothing else.

Who wrote a contract may be a stranger, and an engine's SQL can read files, call hosts and change its own settings. So a
query is taken to pieces, and every piece must be one that is known: the kinds of its parts, the tables that it reads, the
functions that it calls, the types that it casts to. What is not in these lists is a fault, whatever it would do.

sqlglot and the engines could read a text in different ways. Texts with signs that they might read differently are faults too.
"""
# ruff: noqa: RUF012 -- sqlglot declares these as variables of its classes

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.parsers.postgres import PostgresParser

from probation_etl.contracts.checks.dialect import DEEPEST, is_deep
from probation_etl.contracts.checks.functions import QUERY_FUNCTIONS, SPECIAL_FORMS, function_of, names
from probation_etl.contracts.checks.growth import growing
from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.suggestions import did_you_mean

#: Schemas of the store of which a query may read the tables that contracts describe.
SCHEMAS = ("unified", "current_rows", "reference")
#: The one table of the ledger that queries may read.
CURRENT_RETURNS = "ledger.current_returns"
_PARTS = frozenset((
    exp.Add, exp.Alias, exp.All, exp.And, exp.Anonymous, exp.Any, exp.AtTimeZone, exp.Between, exp.Boolean, exp.CTE, exp.Case, exp.Cast,
    exp.Collate, exp.Column, exp.Cube, exp.GroupingSets, exp.Rollup,
    exp.DPipe, exp.DataType, exp.DataTypeParam, exp.Distinct, exp.Div, exp.EQ, exp.Escape, exp.Except, exp.Exists, exp.Extract,
    exp.Filter, exp.From, exp.GT, exp.GTE, exp.Group, exp.Having, exp.ILike, exp.Identifier, exp.If, exp.In, exp.IntDiv,
    exp.Intersect, exp.Interval, exp.Is, exp.Join, exp.LT, exp.LTE, exp.Lateral, exp.Like, exp.Limit, exp.Literal, exp.Mod, exp.Mul,
    exp.NEQ, exp.Neg, exp.Not, exp.Null, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Offset, exp.Or, exp.Order, exp.Ordered, exp.Paren,
    exp.Qualify, exp.RegexpILike, exp.RegexpLike, exp.Select, exp.Star, exp.StrPosition, exp.Sub, exp.Subquery, exp.Substring,
    exp.Table, exp.TableAlias, exp.Trim, exp.TryCast, exp.Tuple, exp.Union, exp.Values, exp.Var, exp.Where, exp.Window,
    exp.WindowSpec, exp.With, exp.WithinGroup,
))  # fmt: skip
_TYPES = frozenset((
    "BIGINT", "BOOLEAN", "CHAR", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "INT", "INT128", "INTERVAL", "SMALLINT", "TEXT", "TIME",
    "TIMESTAMP", "TINYINT", "UBIGINT", "UINT", "USMALLINT", "UTINYINT", "VARCHAR",
))  # fmt: skip
#: Functions without parentheses, which look like columns.
_OF_THE_SESSION = frozenset((
    "CURRENT_CATALOG", "CURRENT_DATE", "CURRENT_ROLE", "CURRENT_SCHEMA", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER",
    "LOCALTIME", "LOCALTIMESTAMP", "SESSION_USER", "SYSTEM_USER", "USER",
))  # fmt: skip
_KNOWN = frozenset((*names(), *(name for group in QUERY_FUNCTIONS.values() for name in group)))
#: Texts, quoted names and comments as all engines read them, and then each other character.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\r\n]*|.", re.DOTALL)
_PLAIN = frozenset("\t\n ()*+,-./0123456789:<=>%~!|_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz[]")
_BEGINNING = re.compile(r"(?:\s|\(|--[^\n]*\n)*(?:SELECT|WITH|VALUES)\b", re.IGNORECASE)


class StoreSQL(Postgres):
    """SQL as both engines read it; functions stay as they are written."""

    class Parser(PostgresParser):
        """No function is interpreted, and so none is renamed."""

        FUNCTIONS = {}
        FUNCTION_PARSERS = {name: PostgresParser.FUNCTION_PARSERS[name] for name in SPECIAL_FORMS}
        NO_PAREN_FUNCTIONS = {}


@lru_cache(maxsize=1 << 10)  # a contract is compiled many times
def query_faults(text: str, tables: frozenset[str] | None) -> tuple[str, ...]:
    """Why a query may not be run; nothing where it may.

    Args:
        text: The query.
        tables: What it may read, each as ``schema.table``; None where only the schemas are known.
    """
    tree = _tree(text)
    if isinstance(tree, str):
        return (tree,)
    known = (fault for node in tree.walk() for fault in _node_faults(node, tables))
    return tuple(dict.fromkeys((*known, *growing(tree))))


@lru_cache(maxsize=1 << 10)
def tables_read(text: str) -> tuple[str, ...]:
    """The tables that a query names and may read, in quotes: schema and name."""
    tree = _tree(text)
    if isinstance(tree, str):
        return ()
    named = (
        each for each in tree.find_all(exp.Table) if each.db in SCHEMAS or f"{each.db}.{each.name}" == CURRENT_RETURNS
    )
    return tuple(dict.fromkeys(f"{quoted(each.db)}.{quoted(each.name)}" for each in named))


@lru_cache(maxsize=1 << 10)
def tables_named(text: str) -> tuple[tuple[str, str], ...]:
    """Schema, empty where none is written, and name of each table that a query names; names under WITH are none."""
    tree = _tree(text)
    if isinstance(tree, str):
        return ()
    given = (each for each in tree.find_all(exp.Table) if each.db or each.name.lower() not in _named_around(each))
    return tuple(dict.fromkeys((each.db, each.name) for each in given))


@lru_cache(maxsize=1 << 10)
def columns_read(text: str) -> frozenset[str] | None:
    """Every name, in small letters, that may be one of a column that a query reads; None where it may read any."""
    tree = _tree(text)
    if isinstance(tree, str):
        return None
    stars = (each for each in tree.find_all(exp.Star) if each.parent is None or function_of(each.parent) != "COUNT")
    natural = (each for each in tree.find_all(exp.Join) if each.method)
    rows = {each.alias_or_name.lower() for each in tree.find_all(exp.Table, exp.Subquery, exp.CTE)}
    whole = (each for each in tree.find_all(exp.Column) if not each.table and each.name.lower() in rows)
    if any(True for found in (stars, natural, whole) for _ in found):
        return None
    return frozenset(each.name.lower() for each in tree.find_all(exp.Identifier))


def moved(text: str, schemas: Mapping[str, str]) -> str:
    """A query that reads other schemas than it was written for, and is the same otherwise.

    Args:
        text: The query, which has no faults.
        schemas: By each schema, the one that is read instead.
    """
    tree = _tree(text)
    if isinstance(tree, str):
        return text
    named = (node.args.get("db") for node in tree.find_all(exp.Table, exp.Column))
    found = [each for each in named if isinstance(each, exp.Identifier) and each.name.lower() in schemas]
    for start, end, name in sorted({(each.meta["start"], each.meta["end"], each.name) for each in found}, reverse=True):
        text = f"{text[:start]}{schemas[name.lower()]}{text[end + 1 :]}"
    return text


def counts(text: str) -> bool:
    """Whether a query gives one number of rows or values, which no value of a row can be."""
    tree = _tree(text)
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or tree.args.get("from_") is None:
        return False
    grouped = any(
        tree.args.get(each) for each in ("distinct", "group", "having", "limit", "offset", "qualify", "windows")
    )
    (shown,) = tree.expressions
    return function_of(shown.this if isinstance(shown, exp.Alias) else shown) == "COUNT" and not grouped


@lru_cache(maxsize=1 << 10)
def _tree(text: str) -> exp.Expr | str:
    """The tree of a query, which is shared; or why there is none that all engines would see."""
    if not _BEGINNING.match(text):
        return "it is not a query: it must begin with SELECT or WITH"
    if fault := unclear(text):
        return fault
    try:
        trees = sqlglot.parse(text, dialect=StoreSQL)
    except RecursionError:
        return _TOO_DEEP
    except sqlglot.errors.SqlglotError:
        return "this is not SQL that both engines read alike"
    if len(trees) != 1 or trees[0] is None:
        return "it is more than one query"
    return _TOO_DEEP if is_deep(trees[0]) else trees[0]


def unclear(text: str) -> str:
    """Why the engines might not read a text of SQL alike; empty where they do."""
    before = ""
    for token in _TOKEN.findall(text):
        if token[0] == "'" and len(token) > 1:
            if before.isalnum() or before in "_&":
                return f"‘{before}{token[:20]}’: a text begins with ' alone, without a letter before it"
        elif token.startswith(('"', "--")) and len(token) > 1:
            if any(not each.isprintable() for each in token):
                return "a name or a comment has a character that cannot be seen"
        elif token not in _PLAIN:
            return f"‘{token if token.isprintable() else ascii(token)[1:-1]}’ is not a sign that queries can use"
        elif before + token == "/*":
            return "a comment begins with -- and ends with its line"
        before = token if len(token) == 1 else ""
    return ""


def _node_faults(node: exp.Expr, tables: frozenset[str] | None) -> Iterator[str]:
    if isinstance(node, exp.Table):
        yield from _table_faults(node, tables)
    elif name := function_of(node):
        if name not in _KNOWN or isinstance(node.this, exp.Identifier):
            yield f"‘{name}’ is not a function that queries can use{did_you_mean(name, _KNOWN)}"
    elif type(node) not in _PARTS:
        yield f"‘{_shown(node)}’ is not a part of SQL that queries can use"
    elif type(node) in _FURTHER:
        yield from _FURTHER[type(node)](node)


def _with_faults(node: exp.Expr) -> Iterator[str]:
    if node.args.get("recursive"):
        yield "WITH RECURSIVE may never end: it cannot be used"


def _name_faults(node: exp.Expr) -> Iterator[str]:
    if not _PLAIN_NAME.fullmatch(node.alias):
        yield f"‘{node.alias}’: a name under WITH has letters, digits and _ alone"


def _type_faults(node: exp.Expr) -> Iterator[str]:
    kind = node.this
    if not isinstance(kind, exp.DType) or kind.name not in _TYPES or node.args.get("nested"):
        yield f"‘{_shown(node)}’ is not a type that queries can use"


def _column_faults(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Column) and node.name.upper() in _OF_THE_SESSION and not (node.table or node.this.quoted):
        yield f"‘{node.name}’ differs from day to day, or from user to user: it cannot be used"


def _lateral_faults(node: exp.Expr) -> Iterator[str]:
    if not isinstance(node.this, exp.Subquery):
        yield _ONLY_TABLES


#: What is asked besides of a part that is known.
_FURTHER: Mapping[type[exp.Expr], Callable[[exp.Expr], Iterable[str]]] = {
    exp.CTE: _name_faults, exp.Column: _column_faults, exp.DataType: _type_faults, exp.Lateral: _lateral_faults,
    exp.With: _with_faults,
}  # fmt: skip
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_TOO_DEEP = f"its parts stand in each other more than {DEEPEST} deep"
_READABLE = f"{', '.join(f'{schema}.TABLE' for schema in SCHEMAS)} and {CURRENT_RETURNS}"
_ONLY_TABLES = "a query reads tables of the store, and queries in parentheses; no function, file or list in their place"


def _table_faults(table: exp.Table, tables: frozenset[str] | None) -> Iterator[str]:
    if not isinstance(table.this, exp.Identifier) or table.args.get("rows_from"):
        yield _ONLY_TABLES
        return
    name = ".".join(part.name for part in table.parts)
    if table.db == "" and name.lower() in _named_around(table):
        return
    known = tables if tables is not None else {name} if table.db in SCHEMAS and not table.catalog else {CURRENT_RETURNS}
    # A name without quotation marks is the same in capital letters.
    same = name in known or (not _is_quoted(table) and name.lower() in {each.lower() for each in known})
    if not same:
        hint = did_you_mean(name, known) or f": they read {_READABLE}"
        yield f"‘{name}’ is not a table that queries can read{hint}"


def _is_quoted(table: exp.Table) -> bool:
    return any(isinstance(part, exp.Identifier) and part.quoted for part in table.parts)


def _named_around(table: exp.Expr) -> set[str]:
    """Names under WITH that are known where a table stands: within WITH, those that were given before."""
    found: set[str] = set()
    inner, outer = table, table.parent
    while outer is not None:
        if isinstance(outer, exp.With):
            before = outer.expressions[: next(at for at, each in enumerate(outer.expressions) if each is inner)]
            found.update(each.alias.lower() for each in before)
        elif isinstance(given := outer.args.get("with_"), exp.With) and given is not inner:
            found.update(each.alias.lower() for each in given.expressions)
        inner, outer = outer, outer.parent
    return found


def _shown(node: exp.Expr) -> str:
    text = " ".join(node.sql(dialect=StoreSQL, comments=False).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
