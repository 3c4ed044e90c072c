"""The page of SQL functions, made from the list in the code, with what each example gives."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import polars as pl

from probation_etl.contracts.checks import NUMBER, safe_sql
from probation_etl.contracts.checks.functions import FUNCTIONS, QUERY_FUNCTIONS, SQLFunction

#: What the examples are computed over. Totals are those of all rows.
ROWS = pl.DataFrame(
    {
        "code": ["AB12", "AB13", "CD01"], "name": ["Zoë", "Ann", "Bo"], "written": ["31/01/2020"] * 3,
        "lent_on": [date(2020, 3, 1)] * 3, "copies": [7, 4, 4], "fine": [Decimal("2.25")] * 3, "missing": [None] * 3,
    },
    schema={
        "code": pl.String, "name": pl.String, "written": pl.String, "lent_on": pl.Date, "copies": pl.Int64, "fine": NUMBER,
        "missing": pl.Int64,
    },
)  # fmt: skip

_HEAD = """# SQL functions

Rules, mappings, conditions and measures may use the functions on this page, and no other: what is not here is a fault of the
contract, with what to write instead. Each is computed as SQL means it; a test compares them with DuckDB. Totals belong to
[rules over the whole table](rules.md#rules-over-the-whole-table) and [across returns](other-returns.md).

The examples are computed over a row with `code` {code}, `name` {name}, `written` {written}, `lent_on` {lent_on}, `copies`
{copies}, `fine` {fine} and nothing in `missing`; totals over this row and two with {others} copies.
"""
_TAIL = """
## Operators

| | |
|---|---|
| `+` `-` `*` | exact for whole numbers and decimals; null where the result has too many digits |
| `/` | always with its fraction: `5 / 2` is 2.5. Divided by 0 it is null |
| `//` `%` | the whole number of times, and the remainder, both towards 0: `-7 // 2` is -3, `-7 % 2` is -1. Null for 0 |
| `=` `<>` `<` `<=` `>` `>=` | of things of one kind; null where a side is null, so a comparison with `NULL` is a fault |
| `IS NULL`, `IS NOT NULL`, `IS TRUE`, `IS NOT DISTINCT FROM` and so on | never null |
| `BETWEEN`, `IN (…)` | with values of the column's kind |
| `AND` `OR` `NOT` | as in SQL: `NULL OR TRUE` is true, `NULL OR FALSE` is null |
| `LIKE` `ILIKE` | `%` is any text, `_` one character; the pattern is written in the contract |
| `~` `!~` `~*` | a regular expression matches a part of the text, does not, or does in any case; without look-around |
| `\\|\\|` | texts joined; null where one is null |
| `CASE WHEN … THEN … ELSE … END` | the first that is met |
| `lent_on + INTERVAL '1 month'` | a day later or earlier; the last day of a shorter month where there is no such day |
| `returned_on - lent_on` | a length of time: compare it with `INTERVAL '5 days'` |

Totals, windows (`LAG(…) OVER (…)`, `SUM(…) OVER (…)`) and queries in brackets read other rows, so that a fault of one row would be
found in another. They are a fault in [rules about one row](rules.md#what-a-rule-may-read), in mappings and in measures. A part
of a text is null where its length is below 0, and so is `REPLACE` where there is nothing to put in.

## Casts

A text can be cast to a number: it is null where the text is none. `CAST(fine AS INTEGER)` rounds, a half away from 0. Texts
are not cast to days, times, or true and false, because Polars gives null for every row: write `STRPTIME(text, '%d/%m/%Y')`,
`DATE(text, '%d/%m/%Y')` or `LOWER(text) IN ('true', 'yes')`. Numbers are not cast to days, nor days to numbers.
"""
_IN_QUERIES = """
## In queries

[Queries](unified-tables.md#what-queries-may-say) are computed by the store. They may call all of these functions as far as the
store has them, and these too:

| | |
|---|---|
"""


def functions() -> Iterator[SQLFunction]:
    """Every function of the list."""
    for group in FUNCTIONS.values():
        yield from group


def value_of(function: SQLFunction) -> Any:
    """What the example gives, as contracts compute it."""
    rows = ROWS if function.total else ROWS.head(1)
    return rows.select(safe_sql(function.example, rows.schema)).item()


def page() -> str:
    """The whole page."""
    first = {name: _shown(value) for name, value in ROWS.row(0, named=True).items()}
    parts = [_HEAD.format(**first, others=ROWS["copies"][1])]
    for heading, group in FUNCTIONS.items():
        parts.append(f"\n## {heading}\n\n| function | gives | example | is |\n|---|---|---|---|\n")
        for each in group:
            others = "".join(f", `{name}`" for name in each.others)
            parts.append(f"| `{each.name}`{others} | {each.words} | `{each.example}` | {_shown(value_of(each))} |\n")
    listed = "".join(
        f"| {heading} | {', '.join(f'`{name}`' for name in names)} |\n" for heading, names in QUERY_FUNCTIONS.items()
    )
    return "".join([*parts, _TAIL, _IN_QUERIES, listed])


def _shown(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f"‘{value}’"
        case Decimal():
            return f"{value.normalize():f}"
        case float():
            return f"{value:.10g}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date() | time() | int():
            return str(value)
    raise TypeError(type(value))
