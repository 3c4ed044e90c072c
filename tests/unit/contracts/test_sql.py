"""What SQL in a contract computes: exactly what it says, and nothing where it cannot be computed. No verdict is false."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.checks import NUMBER, safe_sql
from probation_etl.contracts.checks.dialect import AmbiguousSQLError
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import ContractError
from probation_etl.proof import prove
from probation_etl.unified.harmonise import harmonise

if TYPE_CHECKING:
    from conftest import Library

SOURCE = Path(__file__).parents[3] / "src" / "probation_etl"
#: The largest whole number and the largest decimals that a cell may hold.
MOST, MOST_EXACT = 10**18 - 1, Decimal("999999999999999999.999999")
ROW = pl.DataFrame(
    {"i": [7], "nought": [0], "most": [MOST], "n": [Decimal("1.5")], "zero": [Decimal(0)], "large": [MOST_EXACT],
     "text": ["abc"], "digits": ["12"], "day": [date(2020, 2, 29)], "none": [None]},
    schema={"i": pl.Int64, "nought": pl.Int64, "most": pl.Int64, "n": NUMBER, "zero": NUMBER, "large": NUMBER,
            "text": pl.String, "digits": pl.String, "day": pl.Date, "none": pl.Int64},
)  # fmt: skip


def value(expression: str, **more: Any) -> Any:
    return ROW.select(safe_sql(expression, ROW.schema, **more)).item()


@pytest.mark.parametrize(
    ("expression", "exact"),
    [
        ("i * 2 + 1", 15), ("n * 2", Decimal(3)), ("i / 2", 3.5), ("i % 4", 3), ("DIV(i, 2)", 3), ("POWER(i, 2)", 49),
        ("most * most", MOST**2), ("most * 10 + most * 10", 20 * MOST), ("SUM(most * most)", MOST**2), ("most * n", Decimal(MOST) * Decimal("1.5")),
        ("LENGTH(text) - 5", -2), ("POSITION('x' IN text) - 1", -1), ("LENGTH(text) * LENGTH(text)", 9), ("COUNT(*) - 3", -2),
        ("CAST(digits AS INTEGER) + 1", 13), ("CAST(i AS VARCHAR) || text", "7abc"), ("ABS(n - i) > 5.4", True),
        ("day + INTERVAL '1 day'", date(2020, 3, 1)), ("EXTRACT(YEAR FROM day) * 1000000", 2_020_000_000),
        ("DATE('2020-03-01')", date(2020, 3, 1)),
        ("MAX(DATE(digits || '20-01-31'))", date(1220, 1, 31)), ("DATE(MAX(digits) || '20-01-31') < day", True),
        ("EXTRACT(DAY FROM STRPTIME('31/01/' || digits || '20', '%d/%m/%Y'))", 31),
        ("ROUND(i / 2)", 4), ("ROUND(0 - i / 2)", -4), ("ROUND(i / 4, 1)", 1.8), ("ROUND(n)", 2), ("CAST(n AS INTEGER)", 2), ("CAST(i / 2 AS BIGINT)", 4),
        ("(none > 1) IS TRUE", False), ("(none > 1) IS NOT TRUE", True), ("NOT (none > 1) IS FALSE", True), ("POWER(2, 0 - i + 6)", 0.5),
        ("DATE(digits || '20-01-31')", date(1220, 1, 31)), ("5 / 2", 2.5), ("-7 // 2", -3), ("-7 % 2", -1),
        ("CASE WHEN zero = 0 THEN i ELSE i / zero END", 7), ("COALESCE(i / zero, -1)", -1), ("i BETWEEN 7 AND 8", True),
    ],
)  # fmt: skip
def test_what_can_be_computed_is_computed_exactly(expression: str, exact: Any) -> None:
    assert value(expression) == exact


@pytest.mark.parametrize(
    "expression",
    [
        "i / nought", "nought / nought", "i / zero", "n / nought", "n / zero", "i % nought", "n % zero", "DIV(i, nought)", "i / 0",
        "large * large", "most * most * most", "POWER(most, 3)", "most * large", "n / (n - 1.5)", "LN(nought)", "SQRT(nought - i)",
        "CAST(text AS INTEGER)", "CAST(most AS INTEGER)", "CAST(large AS INTEGER)", "most * most * n", "SUM(large * large)",
        "n % 0", "i // 0", "i % 0", "MOD(i, 0)", "POWER(most, most)",
        "EXTRACT(YEAR FROM DATE(text))", "EXTRACT(DAY FROM STRPTIME(text, '%Y-%m-%d'))",
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_null_and_known_to_be_for_that_reason(expression: str) -> None:
    assert value(expression) is None
    assert value(f"({expression}) > 1") is None
    assert value(expression, default=1) is not None


def test_a_sum_that_does_not_fit_is_null_and_not_a_wrong_one() -> None:
    rows = pl.concat([ROW] * 300)
    assert rows.select(safe_sql("SUM(most * most)", ROW.schema)).item() is None
    assert rows.select(safe_sql("SUM(most * most) IS NULL", ROW.schema)).item() is True
    assert rows.select(safe_sql("SUM(most * i)", ROW.schema)).item() == 300 * MOST * 7


@pytest.mark.parametrize("expression", ["day + most * INTERVAL '1 day'", "day + INTERVAL '9000 years'"])
def test_a_day_in_no_year_of_four_digits_is_null(expression: str) -> None:
    assert value(expression) is None


def test_a_day_is_read_in_the_same_form_in_every_row() -> None:
    texts = pl.DataFrame({"text": ["31/01/2020", "2020-01-31", "2020-02-31"]})
    read = texts.select(safe_sql("DATE(text)", texts.schema)).to_series().to_list()
    assert read == [None, date(2020, 1, 31), None]


@pytest.mark.parametrize(
    "expression",
    ["none * i", "i / none", "CAST(none AS INTEGER)", "NULL", "NULLIF(i, 7)", "CASE WHEN zero = 0 THEN NULL ELSE i / zero END"],
)  # fmt: skip
def test_what_is_null_of_itself_is_null_with_a_default_too(expression: str) -> None:
    assert value(expression) is None
    assert value(expression, default=1) is None


@pytest.mark.parametrize(
    "expression",
    [
        "i IN (7, 8)", "i NOT IN (7, 8)", "NOT i IN (7, 8)", "NOT (i IN (7, 8))", "i NOT IN (1) AND NOT i IN (7)", "none IS NOT NULL",
        "NOT none IS NULL", "i NOT BETWEEN 1 AND 2", "NOT i BETWEEN 1 AND 2", "text NOT LIKE 'a%'", "NOT text LIKE 'a%'", "text !~ 'b'",
        "text ~* 'B'", "(i > 1) IS TRUE", "(i > 1) IS NOT FALSE", "i IS DISTINCT FROM none", "(text = 'abc') = (none IS NOT NULL)",
        "i = 7 AND text = 'x' OR day < period", "POSITION('b' IN text)", "SUBSTRING(text FROM 2 FOR 1)", "TRIM(BOTH 'a' FROM text)",
        "NULLIF(text, 'abc')", "COUNT(i) FILTER (WHERE i > 1)", "COUNT(*) OVER (PARTITION BY text)", "COUNT(DISTINCT text)", "`i`", '"i"',
        "+i", "i XOR 2", "CASE text WHEN 'abc' THEN day END", "i -- the number", "'it''s' || text", "i::VARCHAR", "day - INTERVAL '1 month'",
    ],
)  # fmt: skip
def test_sql_that_needs_no_guard_is_computed_as_polars_computes_it(expression: str) -> None:
    frame = ROW.with_columns(period=pl.lit(date(2020, 3, 31)))
    assert frame.select(safe_sql(expression, frame.schema)).item() == frame.select(pl.sql_expr(expression)).item()


@pytest.mark.parametrize("expression", ["i ISNULL", "NOW() > day", "EXISTS (SELECT 1)", "'a' 'b'"])
def test_sql_that_polars_alone_reads_in_some_way_is_refused(expression: str) -> None:
    with pytest.raises(AmbiguousSQLError):
        safe_sql(expression, ROW.schema)


def test_a_rule_that_can_be_read_in_more_than_one_way_is_a_fault_of_its_contract(library: Library) -> None:
    with pytest.raises(ContractError) as caught:
        library.rulebook(library.contract(rules=[library.rule("notes ISNULL", name="unclear")]))
    (fault,) = caught.value.faults
    assert fault.endswith("rule ‘unclear’: this SQL can be read in more than one way: notes ISNULL")


def test_nothing_reads_or_writes_the_plans_of_polars() -> None:
    private = {"serialize", "deserialize"}
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}
    used = [
        (path.name, node.lineno)
        for path, tree in trees.items() for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in private
    ]  # fmt: skip
    assert trees
    assert used == []


# Rules of the row


def assessed(library: Library, expression: str, *fines: str, copy: str = "1") -> list[int]:
    """Rows in which a rule over fines is broken."""
    columns = library.columns(copy_number={"logicalTypeOptions": {}}, fine={"logicalTypeOptions": {}})
    rulebook = library.rulebook(library.contract(columns=columns, rules=[library.rule(expression, column="fine")]))
    rows = [library.row(Loan_reference=f"L{at:04}", Copy=copy, Fine=fine, Notes="abc") for at, fine in enumerate(fines)]
    result = library.assess(library.csv(*rows), rulebook)
    assert set(result.findings["code"]) <= {"row-rule"}
    return list(result.findings["row"])


@pytest.mark.parametrize(
    ("expression", "copy", "broken"),
    [
        ("copy_number * copy_number >= 0", "4000000000", []), ("copy_number * copy_number <= 100", "4000000000", [2]),
        ("copy_number * copy_number * copy_number * copy_number > 0", "999999999999", []), ("LENGTH(notes) - 5 < 0", "1", []),
        ("LENGTH(notes) - 5 >= 0", "1", [2]), ("fine / copy_number < 9", "0", []), ("copy_number / (copy_number - 1) < 9", "1", []),
    ],
)  # fmt: skip
def test_figures_that_grow_or_fall_beyond_a_type_give_no_false_verdict(
    library: Library, expression: str, copy: str, broken: list[int]
) -> None:
    assert assessed(library, expression, "2", copy=copy) == broken


def test_a_row_that_cannot_be_computed_hides_no_fault_of_another(library: Library) -> None:
    fines = ["0", "0.1", "", "5", "999999999999999999", "0"] * 500
    broken = [row for row, fine in enumerate(fines, start=2) if fine == "0.1"]
    assert assessed(library, "copy_number / fine < 9 AND fine * fine < 1000", *fines) == broken


def test_a_condition_that_is_decided_without_the_part_that_fails_is_checked(library: Library) -> None:
    expression = "CASE WHEN fine = 0 THEN copy_number < 5 ELSE copy_number / fine < 5 END"
    assert assessed(library, expression, "0", "1", copy="9") == [2, 3]
    assert assessed(library, expression, "0", "3", copy="4") == []


# Mappings


def mapped(library: Library, kind: str, expression: Any, **changes: Any) -> Rulebook:
    """Loans in a table with one figure of that kind."""
    figures = library.contract(
        name="figures", rules=[], custom={"layer": "unified", "identification": None, "reportingPeriod": None},
        columns=[{"name": "loan_reference", "logicalType": "string"}, {"name": "figure", "logicalType": kind}],
    )  # fmt: skip
    mapping = {"table": "figures", "columns": {"loan_reference": "loan_reference", "figure": expression}}
    columns = library.columns(**changes)
    return library.rulebook(library.contract(columns=columns, rules=[], custom={"mapping": mapping}), figures)


FREE = {"copy_number": {"logicalTypeOptions": {}}, "fine": {"logicalTypeOptions": {}}}


@pytest.mark.parametrize(
    ("kind", "expression", "cells"),
    [
        ("number", "copy_number / copy_number", {"Copy": "0"}), ("number", "10 / copy_number", {"Copy": "0"}),
        ("number", "copy_number % copy_number", {"Copy": "0"}), ("number", "fine / fine", {"Fine": "0"}),
        ("number", "fine * fine", {"Fine": "999999999999.5"}), ("number", "fine * fine", {"Fine": "999999999999999999"}),
        ("integer", "copy_number * copy_number", {"Copy": "4000000000"}), ("number", "LN(copy_number)", {"Copy": "0"}),
        ("integer", "CAST(notes AS INTEGER)", {"Notes": "x"}), ("integer", "LENGTH(branch) * LENGTH(branch) * copy_number", {"Copy": "999999999999999999"}),
        ("string", {"expression": "CAST(copy_number / copy_number AS VARCHAR)", "codes": {"1.0": "one"}}, {"Copy": "0"}),
    ],
)  # fmt: skip
def test_a_figure_that_is_lost_in_mapping_is_a_finding_of_its_row(
    library: Library, kind: str, expression: Any, cells: dict[str, str]
) -> None:
    rulebook = mapped(library, kind, expression, **FREE)
    good = library.row(Loan_reference="L0002", Copy="1", Fine="1", Notes="12")
    bad = {"Loan_reference": "L0003", "Copy": "1", "Fine": "1", "Notes": "12", **cells}
    nothing = library.row(Loan_reference="L0004", Copy="1")
    result = library.assess(library.csv(good, library.row(**bad), nothing), rulebook)
    found = result.findings.select("row", "code", "rule").rows()
    assert [each for each in found if each[0] != 4] == [(3, "unmapped-value", "figure|mapped")]
    assert harmonise(result, rulebook)["figures"].height == 3 - len(found)


def test_a_text_that_is_not_a_date_is_a_finding_where_a_mapping_reads_it_as_one(library: Library) -> None:
    rulebook = mapped(library, "date", "DATE(notes)")
    rows = [library.row(Loan_reference=f"L000{at}", Notes=text) for at, text in enumerate(("2020-02-29", "soon", ""))]
    result = library.assess(library.csv(*rows), rulebook)
    assert result.findings.select("row", "rule").rows() == [(3, "figure|mapped")]
    assert harmonise(result, rulebook)["figures"]["figure"].to_list() == [date(2020, 2, 29), None]


def test_a_condition_that_no_engine_can_compute_is_refused_before_the_first_return(library: Library) -> None:
    with pytest.raises(ContractError):
        library.rulebook(library.contract(rules=[library.rule("REGEXP_LIKE(notes, '[')")]))


@pytest.mark.parametrize(
    "expression",
    ["CASE WHEN fine = 0 THEN NULL ELSE copy_number / fine END", "copy_number / NULLIF(fine, 0)", "fine * copy_number",
     "CASE WHEN fine = 0 THEN 0 ELSE copy_number / fine END"],
)  # fmt: skip
def test_a_figure_that_the_mapping_leaves_out_itself_is_not_a_finding(library: Library, expression: str) -> None:
    rulebook = mapped(library, "number", expression)
    rows = [library.row(Loan_reference=f"L000{at}", Fine=fine) for at, fine in enumerate(("0", "", "2"))]
    result = library.assess(library.csv(*rows), rulebook)
    assert result.verdict == "accepted"
    assert harmonise(result, rulebook)["figures"].height == 3


@pytest.mark.parametrize(
    ("kind", "expression", "changes"),
    [
        ("number", "fine * 2", {}), ("integer", "copy_number * 2 + 1", {}), ("number", "10 / copy_number", {}),
        ("string", "CAST(copy_number AS VARCHAR)", {}), ("string", "'*/%'", {}), ("string", "supplier_code || '/' || branch", {}),
        ("number", "fine / copy_number", {"copy_number": {"logicalTypeOptions": {}}}),
    ],
)  # fmt: skip
def test_a_mapping_that_computes_need_not_be_proved(library: Library, kind: str, expression: str, changes: Any) -> None:
    rulebook = mapped(library, kind, expression, **changes)
    assert [(each.rule, each.how) for each in prove(rulebook.contracts["loans"], rulebook) if not each.proved] == []
