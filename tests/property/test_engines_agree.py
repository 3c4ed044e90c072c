"""Every engine that runs the rules of a contract finds the same rows: validation, each export in its own tool, release checks.

Contracts and rows are drawn at random, from values on both sides of every line that a rule can draw.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from export_tools import Assessed, Failing, assert_frictionless_agreement, assert_typed_agreement, judge, write_csv
from probation_etl.contracts.checks.columns import column_checks
from probation_etl.contracts.lint.columns import column_faults
from probation_etl.contracts.model import Column, TableContract
from probation_etl.targets.pandera_schema import typed_schema
from probation_etl.unified.release_checks import InFrames, check_releases
from probation_etl.unified.release_checks.checks import plan

if TYPE_CHECKING:
    from pathlib import Path

    import pandera.polars as pa

    from conftest import Library

#: Characters that patterns tell apart, or that an engine could take for something else.
SIGNS = "A1x-٣[&|~é_"
TEXTS = st.text(SIGNS, min_size=1, max_size=4)
INTEGERS, NUMBERS = st.integers(-3, 6), st.sampled_from(["-2", "0", "0.1", "0.25", "0.125", "1", "2.250", "2.26", "4"])
DAYS = st.dates(date(2024, 2, 27), date(2024, 3, 4))

_pieces = st.tuples(
    st.sampled_from([r"\d", "[A-Z]", r"[\d-]", r"[^\d]", "[a&&b~~A||1]", "[[x]", "x", ".", r"\w", "(?:A|1)"]),
    st.sampled_from(["", "{2}", "+", "?", "*"]),
).map("".join)
PATTERNS = st.tuples(
    st.sampled_from(["^", ""]), st.lists(_pieces, min_size=1, max_size=3).map("".join), st.sampled_from(["$", ""])
).map("".join)  # fmt: skip


def _options(**given: Any) -> dict[str, Any]:
    return {"logicalTypeOptions": {key: value for key, value in given.items() if value is not None}}


def _between(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Bounds of every kind, so far apart that a value is left between them."""
    return st.builds(
        lambda pair, low, high: {low: min(pair), high: max(pair)},
        st.lists(values, min_size=2, max_size=2, unique=True),
        st.sampled_from(["minimum", "exclusiveMinimum"]), st.sampled_from(["maximum", "exclusiveMaximum"]),
    )  # fmt: skip


_strings = st.one_of(
    PATTERNS.map(lambda pattern: _options(pattern=pattern)),
    st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda texts: {"enum": [{"value": each} for each in texts]}),
    st.tuples(st.integers(0, 2), st.integers(0, 2)).map(lambda size: _options(minLength=size[0], maxLength=sum(size) or None)),
)  # fmt: skip
_columns: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "string": _strings,
    "integer": _between(st.sampled_from([-2, 0, 3, 5])).map(lambda bounds: _options(**bounds)),
    "number": st.builds(
        lambda bounds, step: _options(**bounds, multipleOf=step),
        _between(st.sampled_from([-1.5, 0.1, 2.25, 4])), st.sampled_from([None, 0.1, 0.01, 1]),
    ),
    "date": _between(st.sampled_from(["2024-02-27", "2024-02-29", "2024-03-02"])).map(lambda bounds: _options(format="yyyy-MM-dd", **bounds)),
    "boolean": st.just({}),
}  # fmt: skip
_values: Mapping[str, st.SearchStrategy[str]] = {
    "string": TEXTS, "integer": INTEGERS.map(str), "number": NUMBERS, "date": DAYS.map(date.isoformat),
    "boolean": st.sampled_from(["true", "false"]),
}  # fmt: skip
_RULES = ("{} <= {}", "{} > {}", "{} = {}", "{} >= {} OR {} IS NULL")


class Drawn(NamedTuple):
    """Columns and row rules of a contract, and rows of a return as the texts of their cells."""

    columns: list[dict[str, Any]]
    rules: dict[str, str]
    rows: list[dict[str, str]]


@st.composite
def returns(draw: st.DrawFn) -> Drawn:
    """A contract with columns of two to five kinds, and five rows or more."""
    kinds = draw(st.lists(st.sampled_from(sorted(_columns)), min_size=2, max_size=5))
    columns = [{"name": "k", "logicalType": "integer", "required": True, "primaryKey": True}]
    for at, kind in enumerate(kinds):
        own = {"required": draw(st.booleans()), "unique": draw(st.integers(0, 4)) == 0}
        columns.append({"name": f"c{at}", "logicalType": kind, **own, **draw(_columns[kind])})
    pairs = [(one, other) for one in range(len(kinds)) for other in range(one) if kinds[one] == kinds[other]]
    rules = {
        f"rule{at}": draw(st.sampled_from(_RULES)).format(f"c{one}", f"c{other}", f"c{other}")
        for at, (one, other) in enumerate(pairs[:2])
    }
    cells = st.fixed_dictionaries({f"c{at}": st.just("") | _values[kind] for at, kind in enumerate(kinds)})
    keys = st.integers(1, 30).map(str)
    rows = draw(st.lists(st.builds(lambda key, rest: {"k": key, **rest}, keys, cells), min_size=5, max_size=25))
    return Drawn(columns, rules, rows)


def assessed_return(library: Library, drawn: Drawn, path: Path) -> Assessed:
    columns = [{**column, "physicalName": column["name"]} for column in drawn.columns]
    rules = [library.rule(expression, name=name) for name, expression in drawn.rules.items()]
    rulebook = library.rulebook(library.contract(columns=columns, rules=rules))
    write_csv(path, rulebook.contracts["loans"], drawn.rows)
    (assessed,) = judge(library.file, path.read_bytes(), rulebook=rulebook)
    return assessed


quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
#: Great Expectations takes up to a second for each return.
slow = settings(quick, max_examples=6)


@quick
@given(returns())
def test_pandera_and_json_schema_find_what_validation_finds(library: Library, tmp_path: Path, drawn: Drawn) -> None:
    assessed = assessed_return(library, drawn, tmp_path / "return.csv")
    assert_typed_agreement("pandera", assessed)
    with warnings.catch_warnings(action="ignore"):  # Python reserves two of a sign in brackets, ECMA-262 does not
        assert_typed_agreement("json-schema", assessed)
    schema = typed_schema(assessed.schema)
    known = {each.name for each in (*schema.checks, *(each for one in schema.columns.values() for each in one.checks))}
    ours = {rule: rows for rule, rows in assessed.found.items() if rows and rule in known}
    assert failing_in(schema, assessed) == ours


def failing_in(schema: pa.DataFrameSchema, assessed: Assessed) -> Failing:
    """Failing rows by rule, as the schema of ``to_pandera`` finds them in the typed rows."""
    try:
        schema.validate(assessed.parsed.frame, lazy=True)
    except SchemaErrors as error:
        rows = assessed.parsed.frame["source_row"]
        return {each.check.name: set(rows.filter(~each.check_output.to_series())) for each in error.schema_errors}
    return {}


@quick
@given(returns())
def test_frictionless_finds_what_validation_finds(library: Library, tmp_path: Path, drawn: Drawn) -> None:
    path = tmp_path / "return.csv"
    assert_frictionless_agreement(assessed_return(library, drawn, path), path)


@slow
@given(returns())
def test_great_expectations_finds_what_validation_finds(library: Library, tmp_path: Path, drawn: Drawn) -> None:
    assert_typed_agreement("great-expectations", assessed_return(library, drawn, tmp_path / "return.csv"))


@slow
@given(returns())
def test_release_checks_count_the_rows_that_validation_finds(library: Library, tmp_path: Path, drawn: Drawn) -> None:
    """As if every row were in a unified table with the same columns, the faulty ones too."""
    assessed = assessed_return(library, drawn, tmp_path / "return.csv")
    contract = assessed.contract
    table = TableContract(id="t", version="1.0.0", table="t", columns=contract.columns, key=contract.key)
    results = check_releases(InFrames({"t": assessed.parsed.frame.select(contract.column_names)}), [table])
    counted: Counter[str] = Counter()
    for check, result in zip(plan(table), results, strict=True):
        found = re.search(r"(\d+) of \d+ rows fail", result.detail)
        assert found or not check.rule
        counted[check.rule] += int(found[1]) if found else 0
    assert {rule: count for rule, count in counted.items() if rule} == {
        rule: len(assessed.found.get(rule, ())) for rule in counted if rule
    }


@given(PATTERNS, TEXTS)
def test_lint_refuses_a_listed_value_just_where_validation_would(pattern: str, value: str) -> None:
    column = Column("c", "string", "C", pattern=pattern, labels={value: value})
    refused = any("does not have the form" in fault for fault in column_faults(column, {}))
    (form,) = (each for each in column_checks(column) if each.kind == "pattern")
    assert refused is not holds(form.holds, value)


def holds(expression: pl.Expr | None, value: str) -> bool:
    assert expression is not None
    return bool(pl.select(pl.lit(value).alias("c")).select(expression).item())
