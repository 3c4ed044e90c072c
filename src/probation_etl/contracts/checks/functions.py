"""The SQL functions that contracts may use: those that Polars computes as SQL means them, each tried against DuckDB.

Everything else is refused: a function that counts bytes for characters, or takes its arguments in another order, would give
a wrong verdict on every row, and nobody would see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlglot import exp


class SQLFunction(NamedTuple):
    """A function that contracts may use.

    Attributes:
        name: Its name.
        words: What it gives, for the documentation.
        example: A call of it over the columns of :data:`EXAMPLE_ROW`, or of several rows for a total.
        others: Other names of it.
        total: Whether it gives one value for many rows.
    """

    name: str
    words: str
    example: str
    others: tuple[str, ...] = ()
    total: bool = False


#: By heading. The documentation lists them in this order.
FUNCTIONS: Mapping[str, tuple[SQLFunction, ...]] = {
    "Texts": (
        SQLFunction("CONCAT", "all texts joined; one that is null is left out", "CONCAT(code, '/', 7)"),
        SQLFunction("CONCAT_WS", "the same, with the first text between the others", "CONCAT_WS('-', code, 'x')"),
        SQLFunction("ENDS_WITH", "whether the text ends with the other", "ENDS_WITH(code, '12')"),
        SQLFunction("LEFT", "so many characters from the left", "LEFT(code, 2)"),
        SQLFunction("LENGTH", "the number of characters", "LENGTH(name)", ("CHAR_LENGTH", "CHARACTER_LENGTH")),
        SQLFunction("LOWER", "in small letters", "LOWER(code)"),
        SQLFunction("LPAD", "filled up, or cut, to so many characters from the left", "LPAD('7', 3, '0')"),
        SQLFunction("LTRIM", "without white space, or the characters given, on the left", "LTRIM('007', '0')"),
        SQLFunction("REGEXP_LIKE", "whether a regular expression matches a part of it", "REGEXP_LIKE(code, '^[A-Z]{2}')"),
        SQLFunction("REPLACE", "with every occurrence of a text replaced", "REPLACE(written, '/', '.')"),
        SQLFunction("REVERSE", "back to front", "REVERSE(code)"),
        SQLFunction("RIGHT", "so many characters from the right", "RIGHT(code, 2)"),
        SQLFunction("RPAD", "filled up, or cut, to so many characters from the right", "RPAD('7', 3, '.')"),
        SQLFunction("RTRIM", "without white space, or the characters given, on the right", "RTRIM('7.50', '0')"),
        SQLFunction("SPLIT_PART", "the part with that number, from 1, between separators", "SPLIT_PART(written, '/', 3)"),
        SQLFunction("STARTS_WITH", "whether the text begins with the other", "STARTS_WITH(code, 'AB')"),
        SQLFunction("SUBSTRING", "from a place, the first is 1, so many characters", "SUBSTRING(code, 3, 2)", ("SUBSTR",)),
        SQLFunction("TRIM", "without white space on either side", "TRIM(' 7 ')"),
        SQLFunction("UPPER", "in capital letters", "UPPER('ab')"),
    ),
    "Numbers": (
        SQLFunction("ABS", "without its sign", "ABS(copies - 10)"),
        SQLFunction("CBRT", "the cube root", "CBRT(8)"),
        SQLFunction("CEIL", "the next whole number up", "CEIL(fine)", ("CEILING",)),
        SQLFunction("DIV", "divided, without the fraction", "DIV(copies, 2)"),
        SQLFunction("EXP", "e to that power", "EXP(0)"),
        SQLFunction("FLOOR", "the next whole number down", "FLOOR(fine)"),
        SQLFunction("LN", "the natural logarithm", "LN(1)"),
        SQLFunction("LOG10", "the logarithm to the base 10", "LOG10(100)"),
        SQLFunction("LOG2", "the logarithm to the base 2", "LOG2(8)"),
        SQLFunction("MOD", "the remainder, with the sign of the first number", "MOD(copies, 4)"),
        SQLFunction("POWER", "the first to the power of the second", "POWER(copies, 2)", ("POW",)),
        SQLFunction("ROUND", "to so many decimal places, or none; a half goes away from 0", "ROUND(fine, 1)"),
        SQLFunction("SIGN", "-1, 0 or 1", "SIGN(copies - 10)"),
        SQLFunction("SQRT", "the square root", "SQRT(16)"),
        SQLFunction("TRUNC", "without the decimal places after those", "TRUNC(fine, 1)"),
    ),
    "Choice": (
        SQLFunction("COALESCE", "the first that is not null", "COALESCE(missing, copies)", ("IFNULL",)),
        SQLFunction("GREATEST", "the greatest that is not null", "GREATEST(copies, missing, 3)"),
        SQLFunction("IF", "the second if the first is true, else the third", "IF(copies > 1, 'many', 'one')"),
        SQLFunction("LEAST", "the least that is not null", "LEAST(copies, missing, 3)"),
        SQLFunction("NULLIF", "null if the two are equal, else the first", "NULLIF(copies, 7)"),
    ),
    "Kinds of values": (
        SQLFunction("CAST", "in another type; null where that cannot be", "CAST('12' AS INTEGER)", ("TRY_CAST",)),
    ),
    "Days and times": (
        SQLFunction("DATE", "the day that a text says: as 2020-01-31, or in the form given", "DATE(written, '%d/%m/%Y')"),
        SQLFunction("DATE_PART", "a part of a day, as a number", "DATE_PART('month', lent_on)"),
        SQLFunction("DAY", "the day of the month", "DAY(lent_on)"),
        SQLFunction("EXTRACT", "the same as DATE_PART; dow is 0 on Sundays", "EXTRACT(dow FROM lent_on)"),
        SQLFunction("MONTH", "the month", "MONTH(lent_on)"),
        SQLFunction("QUARTER", "the quarter of the year", "QUARTER(lent_on)"),
        SQLFunction("STRFTIME", "a day written in a form", "STRFTIME(lent_on, '%d.%m.%Y')"),
        SQLFunction("STRPTIME", "the day and time that a text says in a form", "STRPTIME(written, '%d/%m/%Y')"),
        SQLFunction("TIME", "the time of day that a text says: as 10:30:00, or in the form given", "TIME('10:30', '%H:%M')"),
        SQLFunction(
            "TIMESTAMP", "day and time: as 2020-01-31 10:30:00, or in the form given",
            "TIMESTAMP('2020-01-31 10:30:00')", ("DATETIME",),
        ),
        SQLFunction("WEEK", "the week of the year, by ISO 8601", "WEEK(lent_on)"),
        SQLFunction("YEAR", "the year", "YEAR(lent_on)"),
    ),
    "Totals": (
        SQLFunction("AVG", "the mean", "AVG(copies)", total=True),
        SQLFunction("COUNT", "how many rows, or values that are not null", "COUNT(DISTINCT copies)", total=True),
        SQLFunction("MAX", "the greatest", "MAX(copies)", total=True),
        SQLFunction("MEDIAN", "the median", "MEDIAN(copies)", total=True),
        SQLFunction("MIN", "the least", "MIN(copies)", total=True),
        SQLFunction("QUANTILE_CONT", "the quantile, between two values where it falls there", "QUANTILE_CONT(copies, 0.5)", total=True),
        SQLFunction("STDDEV", "the standard deviation of a sample", "STDDEV(copies)", ("STDDEV_SAMP",), total=True),
        SQLFunction("SUM", "all added up", "SUM(copies)", total=True),
        SQLFunction("VARIANCE", "the variance of a sample", "VARIANCE(copies)", ("VAR_SAMP",), total=True),
    ),
}  # fmt: skip
#: More functions for queries, which a store computes and not Polars: those that both engines have, or one of them.
QUERY_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "Texts": ("BTRIM", "INITCAP", "MD5", "POSITION", "REGEXP_MATCHES", "REGEXP_REPLACE", "STRPOS", "TO_CHAR", "TRANSLATE"),
    "Numbers": ("LOG",),
    "Days and times": ("DATE_DIFF", "DATE_TRUNC", "MAKE_DATE", "TO_DATE", "TRY_STRPTIME"),
    "Totals": (
        "ANY_VALUE", "BOOL_AND", "BOOL_OR", "CORR", "MODE", "PERCENTILE_CONT", "PERCENTILE_DISC", "STDDEV_POP", "STRING_AGG",
        "VAR_POP",
    ),
    "Windows": (
        "CUME_DIST", "DENSE_RANK", "FIRST_VALUE", "LAG", "LAST_VALUE", "LEAD", "NTH_VALUE", "NTILE", "PERCENT_RANK", "RANK",
        "ROW_NUMBER",
    ),
}  # fmt: skip
#: Functions whose arguments are not a plain list, such as ``CAST(a AS INTEGER)``.
SPECIAL_FORMS = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM")
_BY_NAME = {name: each for group in FUNCTIONS.values() for each in group for name in (each.name, *each.others)}
#: Functions of many rows that are not in the list: all that any engine has, as far as sqlglot knows them.
_OF_MANY_ROWS = frozenset(
    ("LISTAGG", "MEAN", "QUANTILE_DISC", "STRING_AGG", *QUERY_FUNCTIONS["Totals"], *QUERY_FUNCTIONS["Windows"])
) | {name for each in exp.ALL_FUNCTIONS if issubclass(each, exp.AggFunc) for name in each.sql_names()}
#: What to write for functions that rules cannot use.
_INSTEAD = {
    **dict.fromkeys(("POSITION", "STRPOS", "INSTR", "CONTAINS"), "code LIKE '%x%', or SPLIT_PART(code, 'x', 1)"),
    **dict.fromkeys(("TO_DATE", "MAKE_DATE", "TRY_STRPTIME", "PARSE_DATE"), "STRPTIME(code, '%d/%m/%Y')"),
    **dict.fromkeys(("DATEDIFF", "DATE_DIFF", "AGE"), "returned_on - lent_on > INTERVAL '5 days'"),
    **dict.fromkeys(("DATEADD", "DATE_ADD", "DATE_SUB"), "lent_on + INTERVAL '5 days'"),
    **dict.fromkeys(("NOW", "CURRENT_DATE", "CURRENT_TIMESTAMP", "TODAY", "GETDATE"), "period_end: the result must be the same on every day"),
    **dict.fromkeys(("TO_CHAR", "DATE_FORMAT"), "STRFTIME(lent_on, '%d/%m/%Y')"),
    **dict.fromkeys(("NVL", "ISNULL"), "COALESCE(fine, 0)"),
    **dict.fromkeys(("OCTET_LENGTH", "BIT_LENGTH", "LEN"), "LENGTH(code)"),
    "DATE_TRUNC": "EXTRACT(year FROM lent_on) and EXTRACT(month FROM lent_on)",
    "LOG": "LN(copies), LOG10(copies) or LOG2(copies)",
    "REGEXP_REPLACE": "REPLACE(code, 'x', 'y')",
    "IIF": "IF(copies > 1, 'many', 'one')",
}  # fmt: skip
_OF_NODES: dict[type[exp.Expr], str] = {
    exp.Cast: "CAST", exp.TryCast: "TRY_CAST", exp.Extract: "EXTRACT", exp.StrPosition: "POSITION",
    exp.Substring: "SUBSTRING", exp.Trim: "TRIM", exp.If: "IF",
}  # fmt: skip


def function_of(node: exp.Expr) -> str | None:
    """The function that a part of an expression calls, in capitals; None where it is no function."""
    if isinstance(node, exp.If) and isinstance(node.parent, exp.Case):
        return None
    return node.name.upper() if isinstance(node, exp.Anonymous) else _OF_NODES.get(type(node))


def known(name: str) -> bool:
    """Whether contracts may use the function."""
    return name in _BY_NAME


def is_of_many_rows(name: str) -> bool:
    """Whether the function reads many rows: it adds them up, or looks from one to another."""
    return name in _OF_MANY_ROWS or (name in _BY_NAME and _BY_NAME[name].total)


def instead_of(name: str) -> str | None:
    """What to write for a function that contracts may not use; None where there is nothing like it."""
    return _INSTEAD.get(name)


def names() -> Iterator[str]:
    """Every name that may be called."""
    yield from _BY_NAME
