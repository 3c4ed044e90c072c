"""Rules drawn at random over random contracts: what lint accepts gives something, and what is right is not accused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probation_etl.contracts.checks import TYPES, column_types, safe_sql
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.errors import ContractError
from probation_etl.proof import clean_return
from probation_etl.runs.lint import lint
from random_contracts import contracts

if TYPE_CHECKING:
    from conftest import Library

#: Parts of one kind, with ``{}`` for a column or a part of that kind. Each gives something for most values.
_DAYS = ["{}", "{} + INTERVAL '2 days'", "{} - INTERVAL '1 month'", "COALESCE({}, DATE '2020-01-31')"]
_NUMBERS = [
    "{}",
    "{} * 2",
    "ABS({})",
    "{} / 4",
    "ROUND({})",
    "{} - 3",
    "{} % 7",
    "CAST({} AS INTEGER)",
    "GREATEST({}, 1)",
]
_TEXTS = ["{}", "UPPER({})", "TRIM({})", "{} || 'x'", "CONCAT({}, '-')", "LEFT({}, 3)", "REPLACE({}, 'a', 'b')"]
_CONDITIONS = {
    "date": ["{} > DATE '2020-01-31'", "EXTRACT(month FROM {}) <= 6", "{} IS NOT NULL", "YEAR({}) = 2020"],
    "number": ["{} > 1", "{} IS NULL", "{} BETWEEN 0 AND 7", "SIGN({}) = 1", "CAST({} AS VARCHAR) <> ''"],
    "string": ["{} <> 'a'", "LENGTH({}) > 2", "{} LIKE 'a%'", "{} IN ('a', 'b')", "REGEXP_LIKE({}, '^[a-z]+$')"],
    "boolean": ["{}", "NOT {}", "{} IS TRUE", "{} = FALSE"],
}  # fmt: skip
#: Parts that are null whatever the values, or judge a row by others: nothing with one of them is accepted.
_BAD = {
    "date": ["{} = CAST('x' || CAST({} AS VARCHAR) AS DATE)", "{} >= LAG({}) OVER (ORDER BY {})", "{} > {} - INTERVAL '9500 years'",
             "CAST({} AS INTEGER) > 7", "{} <= MAX({})", "{} = NULL", "{} >= CURRENT_DATE"],
    "number": ["{} / 0 > 1", "{} % 0 = 0", "LN(-1 - ABS({})) > 0", "{} > AVG({})", "SUM({}) OVER (PARTITION BY {}) > 3", "CAST({} AS DATE) > period_end",
               "ROW_NUMBER() OVER (ORDER BY {}) < 9", "{} <> NULL", "{} IN (1, NULL)"],
    "string": ["CAST({} AS DATE) < period_end", "{}::timestamp < period_end", "TRY_CAST({} AS BOOLEAN)", "DATE({}, 'dd/MM/yyyy') < period_end",
               "STRPTIME({}, '%Y %q') < period_end", "FIRST_VALUE({}) OVER (ORDER BY {}) = {}", "POSITION('a' IN {}) > 1", "{} ~ '('", "{} = NULL"],
    "boolean": ["{} = NULL", "{} <> (LAG({}) OVER (ORDER BY {}))", "MAX({})"],
}  # fmt: skip
_INNER = {"date": _DAYS, "number": _NUMBERS, "string": _TEXTS, "boolean": ["{}"]}


def kind_of(column: Mapping[str, Any]) -> str:
    return "number" if column["logicalType"] == "integer" else str(column["logicalType"])


def condition(draw: st.DrawFn, columns: list[dict[str, Any]]) -> str:
    """A condition over one column, or two joined."""
    column = draw(st.sampled_from(columns))
    kind, part = kind_of(column), column["name"]
    for _ in range(draw(st.integers(0, 2))):
        part = draw(st.sampled_from(_INNER[kind])).replace("{}", part)
    made = draw(st.sampled_from(_CONDITIONS[kind])).replace("{}", part)
    if not draw(st.booleans()):
        return made
    return f"{made} {draw(st.sampled_from(['AND', 'OR']))} ({condition(draw, columns)})"


@st.composite
def ruled(draw: st.DrawFn) -> tuple[list[dict[str, Any]], str]:
    columns = draw(contracts())
    return columns, condition(draw, columns)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[list[dict[str, Any]], str]:
    """The same with a part that is not accepted, somewhere."""
    columns, good = draw(ruled())
    column = draw(st.sampled_from(columns))
    bad = draw(st.sampled_from(_BAD[kind_of(column)])).replace("{}", column["name"])
    joined = [f"({bad}) AND {good}", f"{good} OR ({bad})", f"NOT ({bad})", f"CASE WHEN {good} THEN {bad} END", bad]
    return columns, draw(st.sampled_from(joined))


def value(kind: str, rng: Random) -> Any:
    if kind == "date":
        return date(2020, 1, 31) + timedelta(rng.randint(-900, 900))
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "string":
        return rng.choice(["a", "ab", "North", "12", "31/01/2020", "x-y"])
    return rng.randint(-20, 20) if kind == "integer" else Decimal(rng.randint(-2000, 2000)) / 100


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(given_=ruled())
def test_a_rule_that_lint_accepts_gives_something_and_right_ones_are_accepted(
    library: Library, given_: tuple[list[dict[str, Any]], str]
) -> None:
    columns, expression = given_
    rule = library.rule(expression, column=columns[0]["name"])
    directory = library.directory(library.contract(columns=columns, rules=[rule]))
    assert lint([directory]).faults == (), expression
    contract = load_rulebook(directory).contracts["loans"]
    rng = Random(expression)  # noqa: S311
    rows = pl.DataFrame(
        {each.name: [value(each.type, rng) for _ in range(50)] for each in contract.columns},
        schema={each.name: TYPES[each.type] for each in contract.columns},
    )
    assert rows.select(safe_sql(expression, column_types(contract))).to_series().drop_nulls().len(), expression


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(given_=spoilt())
def test_a_rule_with_a_part_that_gives_nothing_or_reads_other_rows_is_refused(
    library: Library, given_: tuple[list[dict[str, Any]], str]
) -> None:
    columns, expression = given_
    rule = library.rule(expression, column=columns[0]["name"])
    assert lint([library.directory(library.contract(columns=columns, rules=[rule]))]).faults != (), expression


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(given_=ruled(), data=st.data())
def test_a_column_that_is_left_out_has_the_findings_of_an_empty_one(
    library: Library, given_: tuple[list[dict[str, Any]], str], data: st.DataObject
) -> None:
    columns, expression = given_
    free = [each["name"] for each in columns if not each.get("required")]
    try:
        rule = library.rule(expression, column=columns[0]["name"])
        book = library.rulebook(library.contract(columns=columns, rules=[rule]))
    except ContractError:
        return
    clean = clean_return(book.contracts["loans"], book)
    if not free or len(columns) < 3 or clean is None:
        return
    dropped = data.draw(st.sampled_from(free))
    names = clean.contract.column_names
    kept = [each for each in names if each != dropped]
    rows = [dict(zip(names, row, strict=True)) for row in clean.rows]
    header = {each.name: each.header for each in clean.contract.columns}
    without = library.text([header[each] for each in kept], *([row[each] or "" for each in kept] for row in rows))
    empty = library.text(
        header.values(), *(["" if each == dropped else row[each] or "" for each in names] for row in rows)
    )
    found = [library.faults(library.assess(each, book)) for each in (without, empty)]
    assert [each for each in found[0] if each[2] != "missing-column"] == found[1]
