"""SQL that would be null in every row, or judge one row by another, is a fault of the contract with the spelling that works."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.errors import ContractError

if TYPE_CHECKING:
    from conftest import Library

UNIFIED = {"layer": "unified", "identification": None, "reportingPeriod": None}


def faults_of(library: Library, *contracts: Any) -> str:
    with pytest.raises(ContractError) as caught:
        library.rulebook(*contracts)
    return "\n".join(caught.value.faults)


def of_rule(library: Library, expression: str) -> str:
    rule = library.rule(expression, column="notes")
    return faults_of(library, library.contract(rules=[rule]))


def figures(library: Library, expression: Any, kind: str = "number", **more: Any) -> tuple[Any, Any]:
    """Loans that are mapped to a table with one figure."""
    unified = library.contract(
        name="figures", rules=[], custom={**UNIFIED, **more},
        columns=[{"name": "loan_reference", "logicalType": "string"}, {"name": "figure", "logicalType": kind}],
    )  # fmt: skip
    mapping = {"table": "figures", "columns": {"loan_reference": "loan_reference", "figure": expression}}
    return library.contract(rules=[], custom={"mapping": mapping}), unified


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("CAST(notes AS DATE) <= lent_on", "‘CAST(notes AS DATE)’ makes a date of a text, which is null or wrong in every row: write "),
        ("CAST(notes AS DATE) <= lent_on", "write STRPTIME(notes, '%d/%m/%Y') or DATE(notes, '%Y-%m-%d')"),
        ("notes::date <= lent_on", "write STRPTIME(notes, '%d/%m/%Y')"),
        ("TRY_CAST(notes AS DATE) <= lent_on", "write STRPTIME(notes, '%d/%m/%Y')"),
        ("notes::timestamp <= lent_on", "write STRPTIME(notes, '%d/%m/%Y')"),
        ("CAST(notes AS DATETIME) <= lent_on", "write STRPTIME(notes, '%d/%m/%Y')"),
        ("CAST(TRIM(notes) AS DATE) <= lent_on", "write STRPTIME(TRIM(notes), '%d/%m/%Y')"),
        ("lent_on - CAST(notes AS DATE) > INTERVAL '5 days'", "write STRPTIME(notes, '%d/%m/%Y')"),
        ("EXTRACT(year FROM CAST(notes AS DATE)) > 2000", "write STRPTIME(notes, '%d/%m/%Y')"),
        ("COALESCE(CAST(notes AS DATE), lent_on) <= lent_on", "write STRPTIME(notes, '%d/%m/%Y')"),
        ("CAST(notes AS TIME) > TIME('10:00', '%H:%M')", "write TIME(notes, '%H:%M')"),
        ("CAST(notes AS BOOLEAN)", "write LOWER(notes) IN ('true', 'yes')"),
        ("TRY_CAST(notes AS BOOLEAN) IS NOT NULL", "write LOWER(notes) IN ('true', 'yes')"),
        ("CAST(copy_number AS DATE) <= lent_on", "write DATE(CAST(copy_number AS VARCHAR), '%Y%m%d')"),
        ("CAST(fine AS DATE) <= lent_on", "makes a date of a number"),
        ("CAST(lent_on AS INTEGER) > 7", "write EXTRACT(year FROM lent_on)"),
        ("CAST(returned_on - lent_on AS BIGINT) > 7", "write returned_on - lent_on > INTERVAL '5 days'"),
        ("returned_on <= lent_on + CAST(copy_number AS INTERVAL)", "write copy_number * INTERVAL '1 day'"),
        ("STRPTIME(notes, 'dd/MM/yyyy') <= lent_on", "the form has no year; write it as '%d/%m/%Y'"),
        ("STRPTIME(notes, '%d/%m') <= lent_on", "the form has no year"), ("DATE(notes, 'yyyy') <= lent_on", "the form has no year"),
        ("TIME(notes, '%d/%m/%Y') > TIME('10:00', '%H:%M')", "the form has no hour; write it as '%H:%M'"),
        ("lent_on + INTERVAL '36 hours' > period_end", "a day has no hours: add whole days"),
        ("lent_on - copy_number * INTERVAL '30 minutes' > period_end", "a day has no hours"),
        ("notes = NULL", "‘notes = NULL’ is null whatever the values: write IS NULL or IS NOT NULL"),
        ("NOT (fine <> NULL)", "write IS NULL or IS NOT NULL"),
        ("branch IN ('Central', NULL)", "leave NULL out of the list"),
        ("lent_on IN ('2024-03-01')", "it compares ‘lent_on’ (a date) with the text ‘2024-03-01’"),
        ("notes ~ '('", "it cannot be computed from any value"),
        ("notes ~ '(?=a)'", "it cannot be computed from any value"),
        ("DATE(lent_on) > lent_on", "it cannot be computed from any value"),
    ],
)  # fmt: skip
def test_what_would_be_null_in_every_row_is_refused_with_what_works(
    library: Library, expression: str, told: str
) -> None:
    assert told in of_rule(library, expression)


@pytest.mark.parametrize(
    ("expression", "bad"),
    [
        ("STRPTIME(notes, '%d/%m/%Y') <= lent_on", "02/03/2024"), ("DATE(notes, '%Y-%m-%d') <= lent_on", "2024-03-02"),
        ("DATE(notes) <= lent_on", "2024-03-02"), ("TIME(notes, '%H:%M') > TIME('10:00', '%H:%M')", "09:30"),
        ("LOWER(notes) IN ('true', 'yes')", "No"), ("DATE(CAST(copy_number AS VARCHAR), '%Y%m%d') <= lent_on", ""),
        ("CAST(notes AS INTEGER) > 7", "7"), ("lent_on + copy_number * INTERVAL '1 day' < lent_on", "x"),
        ("EXTRACT(year FROM lent_on) > 2024", "x"), ("returned_on - lent_on < INTERVAL '5 days'", "x"),
        ("lent_on = DATE '2024-03-02'", "x"), ("(renewed IS TRUE) = FALSE", "x"),
    ],
)  # fmt: skip
def test_what_works_is_accepted_and_computed(library: Library, expression: str, bad: str) -> None:
    columns = library.columns(copy_number={"logicalTypeOptions": {}})
    rules = [library.rule(expression, column="notes")]
    rulebook = library.rulebook(library.contract(columns=columns, rules=rules))
    copy = "20240302" if "VARCHAR" in expression else "1"
    result = library.assess(library.csv(library.row(Notes=bad, Copy=copy)), rulebook)
    assert library.faults(result) == [(2, "Notes", "row-rule")]


#: What reads other rows than its own, in every spelling that sqlglot or Polars takes, with what is told of.
OTHER_ROWS = {
    "LAG(lent_on) OVER (ORDER BY loan_reference) <= lent_on": "LAG(…) OVER", "LEAD(fine, 1) OVER (ORDER BY lent_on) > fine": "LEAD(…) OVER",
    "ROW_NUMBER() OVER (ORDER BY lent_on) < 9": "ROW_NUMBER(…) OVER", "RANK() OVER (ORDER BY fine) = 1": "RANK(…) OVER",
    "FIRST_VALUE(branch) OVER (ORDER BY loan_reference) = branch": "FIRST_VALUE(…) OVER",
    "SUM(fine) OVER (PARTITION BY branch) < 100": "SUM(…) OVER", "fine <= 2 * AVG(fine) OVER (PARTITION BY branch)": "AVG(…) OVER",
    "COUNT(*) OVER () < 100": "COUNT(…) OVER", "SUM(fine) OVER w > 1": "SUM(…) OVER",
    "CASE WHEN fine > 1 THEN MAX(fine) OVER (PARTITION BY branch) < 9 END": "MAX(…) OVER",
    "LAG(fine) IGNORE NULLS OVER (ORDER BY lent_on) > 1": "LAG(…) OVER", "LAG(fine IGNORE NULLS) OVER (ORDER BY lent_on) > 1": "LAG(…) OVER",
    "SUM(fine) FILTER (WHERE renewed) OVER () > 1": "SUM(…) OVER",
    "fine <= 2 * AVG(fine)": "AVG(…)", "fine = MAX(fine)": "MAX(…)", "copy_number <= COUNT(*)": "COUNT(…)", "SUM(fine) > 3": "SUM(…)",
    "lent_on = FIRST(lent_on)": "FIRST(…)", '"avg"(fine) >= fine': "AVG(…)", "`Avg`(fine) >= fine": "AVG(…)",
    "avg/* of all */(fine) >= fine": "AVG(…)", "pg_catalog.avg(fine) >= fine": "AVG(…)", "{fn AVG(fine)} > 1": "AVG(…)",
    "fine BETWEEN 0 AND MAX(DISTINCT fine)": "MAX(…)", "fine IN (MAX(fine), 3)": "MAX(…)", "fine IS DISTINCT FROM MAX(fine)": "MAX(…)",
    "IF(AVG(fine) > 1, renewed, TRUE)": "AVG(…)", "LENGTH(MAX(branch)) = 1": "MAX(…)", "MAX(copy_number)::VARCHAR = '1'": "MAX(…)",
    "EXTRACT(year FROM MAX(lent_on)) > 2000": "MAX(…)", "TRIM(BOTH 'x' FROM MIN(branch)) = 'a'": "MIN(…)",
    "lent_on + INTERVAL '1 day' > MAX(lent_on)": "MAX(…)", "MAX(period_end) > lent_on": "MAX(…)", "SUM(1) > 1 OR renewed": "SUM(…)",
    "COUNT(*) FILTER (WHERE copy_number > 1) > 0": "COUNT(…)", "fine >= PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY fine)": "PERCENTILE_CONT(…)",
    "MODE() WITHIN GROUP (ORDER BY fine) > fine": "MODE(…)", "LAG(fine) > 1": "LAG(…)", "RANK() > 1": "RANK(…)", "BOOL_AND(renewed)": "BOOL_AND(…)",
    "STRING_AGG(branch, ',') = 'a'": "STRING_AGG(…)", "APPROX_COUNT_DISTINCT(copy_number) > 1": "APPROX_COUNT_DISTINCT(…)",
    "fine <= (SELECT AVG(fine) FROM loans)": "SELECT", "copy_number IN (SELECT copy_number FROM loans)": "SELECT",
    "EXISTS (SELECT 1 FROM loans)": "SELECT", "copy_number = ANY(SELECT 1)": "SELECT", "copy_number <= ALL(SELECT copy_number)": "SELECT",
    "(WITH a AS (SELECT 1) SELECT 1) = 1": "SELECT", "SELECT fine > 1": "SELECT", "fine > 1; SELECT 1": "SELECT",
}  # fmt: skip


def test_rules_about_one_row_that_read_others_are_refused_each_with_its_line_and_where_it_belongs(
    library: Library,
) -> None:
    rules = [library.rule(each, name=f"rule_{at}", column="notes") for at, each in enumerate(OTHER_ROWS)]
    faults = faults_of(library, library.contract(rules=rules)).splitlines()
    for at, (expression, found) in enumerate(OTHER_ROWS.items()):
        told = next(each for each in faults if f"rule ‘rule_{at}’: " in each)
        assert re.search(r"contract0\.odcs\.yaml:\d+: ", told)
        assert told.endswith(
            f"‘{found}’ reads other rows, but a rule is about one row: compare rows in a rule over the whole table (aggregate), "
            "or in a release check of the unified table (query)"
        ), expression


@pytest.mark.parametrize("expression", ["copy_number = ANY(ARRAY[1, 2])", "DISTINCT fine", "fine > 1 ORDER BY 1", "*", "VAR(fine) > 1"])  # fmt: skip
def test_other_sql_that_is_no_condition_on_a_row_is_refused_too(library: Library, expression: str) -> None:
    assert "contract0.odcs.yaml:" in of_rule(library, expression)


def test_a_column_that_is_called_as_a_total_is_a_column(library: Library) -> None:
    columns = [*library.columns(), {"name": "count", "logicalType": "integer"}]
    rules = [library.rule('copy_number <= count AND "count" > 0', column="copy_number")]
    library.rulebook(library.contract(columns=columns, rules=rules))


def test_another_table_is_not_read_in_a_total_either(library: Library) -> None:
    rule = library.rule(
        "", name="few", implementation={"aggregate": "COUNT(*) <= (SELECT COUNT(*) FROM unified.loans)"}
    )
    (fault,) = faults_of(library, library.contract(rules=[rule])).splitlines()
    assert (
        "‘SELECT’ reads other rows, but a rule adds up the rows of one table: read others in a release check" in fault
    )


@pytest.mark.parametrize("expression", ["LAG(fine) OVER (ORDER BY lent_on)", "SUM(fine) OVER (PARTITION BY branch)"])
def test_a_window_in_a_mapping_or_a_measure_is_refused(library: Library, expression: str) -> None:
    (fault,) = faults_of(library, *figures(library, expression)).splitlines()
    assert "mapping of ‘figure’: ‘" in fault
    assert "reads other rows" in fault
    inside = expression.replace("fine", "figure").replace("lent_on", "figure").replace("branch", "figure")
    (fault,) = faults_of(library, *figures(library, "fine", measures={"m": inside})).splitlines()
    assert "measures: ‘m’: ‘" in fault
    assert "reads other rows" in fault


def test_a_total_in_a_mapping_or_a_condition_of_one_is_refused(library: Library) -> None:
    told = (
        "‘AVG(…)’ reads other rows, but a mapping is about one row: compute it in a view of the unified table (query)"
    )
    assert told in faults_of(library, *figures(library, "fine - AVG(fine)"))
    returned, unified = figures(library, "fine")
    wide = {"table": "figures", "columns": {"loan_reference": "loan_reference"},
            "unpivot": {"fined": {"when": "fine > LAG(fine) OVER (ORDER BY fine)", "columns": {"figure": "fine"}}}}  # fmt: skip
    returned = library.contract(rules=[], custom={"mapping": wide})
    assert "LAG(…) OVER’ reads other rows" in faults_of(library, returned, unified)


@pytest.mark.parametrize("expression", ["figure / figure", "figure % figure", "figure // 0", "100 / (figure - 1)"])
def test_a_measure_does_not_divide_by_what_may_be_nought(library: Library, expression: str) -> None:
    (fault,) = faults_of(library, *figures(library, "fine", measures={"m": expression})).splitlines()
    assert "a measure divides by what may be 0: write NULLIF(" in fault


def test_a_measure_divides_by_a_number_or_by_what_is_never_nought(library: Library) -> None:
    library.rulebook(*figures(library, "fine", measures={"m": "figure % 7", "n": "figure % NULLIF(figure, 0)"}))


def test_a_window_may_stand_in_a_total(library: Library) -> None:
    rule = library.rule("", name="few", implementation={"aggregate": "MAX(COUNT(*) OVER (PARTITION BY branch)) <= 1"})
    rulebook = library.rulebook(library.contract(rules=[rule]))
    rows = [library.row(Copy=str(copy), Branch=branch) for copy, branch in enumerate(("N", "Central", "N"), start=1)]
    assert library.faults(library.assess(library.csv(*rows[:2]), rulebook)) == []
    assert library.faults(library.assess(library.csv(*rows), rulebook)) == [(None, None, "table-rule")]


def test_a_window_that_gives_many_values_is_no_total(library: Library) -> None:
    rule = library.rule("", name="few", implementation={"aggregate": "COUNT(*) OVER (PARTITION BY branch) <= 1"})
    assert "it must give one value for the whole table" in faults_of(library, library.contract(rules=[rule]))


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("LENGHT(notes) > 3", "‘LENGHT’ is not a function that contracts can use; did you mean ‘LENGTH’?"),
        ("POSITION('x' IN notes) = 0", "‘POSITION’ is not a function that contracts can use; write code LIKE '%x%'"),
        ("STRPOS(notes, 'x') = 0", "write code LIKE '%x%'"), ("TO_DATE(notes) > lent_on", "write STRPTIME("),
        ("DATEDIFF(returned_on, lent_on) > 3", "INTERVAL '5 days'"), ("lent_on <= CURRENT_DATE", "write period_end"),
        ("lent_on <= NOW()", "write period_end"), ("DATE_TRUNC('month', lent_on) = lent_on", "write EXTRACT("),
        ("LOG(2, copy_number) > 1", "write LN("), ("COALESCE() = 1", "‘COALESCE’ is called with nothing in its parentheses"),
        ("SOUNDEX(notes) = 'A'", "‘SOUNDEX’ is not a function that contracts can use"),
    ],
)  # fmt: skip
def test_a_function_that_is_not_listed_is_refused_with_a_suggestion(
    library: Library, expression: str, told: str
) -> None:
    (fault,) = of_rule(library, expression).splitlines()
    assert told in fault


def test_functions_are_refused_wherever_a_contract_has_sql(library: Library) -> None:
    told = "‘STRPOS’ is not a function that contracts can use"
    table = library.rule("", name="t", implementation={"aggregate": "MAX(STRPOS(notes, 'x')) > 1"})
    assert told in faults_of(library, library.contract(rules=[table]))
    assert told in faults_of(library, *figures(library, "STRPOS(notes, 'x')"))
    assert told in faults_of(library, *figures(library, "fine", measures={"m": "STRPOS(loan_reference, 'x')"}))
