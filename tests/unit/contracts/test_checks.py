"""A compiled contract: the names of its rules, what they hold, and what cannot be compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.errors import ContractError

if TYPE_CHECKING:
    from conftest import Library


def codes(library: Library, rulebook: Rulebook, **cells: str) -> list[tuple[str | None, str]]:
    """Column and code of each finding in a return of one row."""
    result = library.assess(library.csv(library.row(**cells)), rulebook)
    return [(column, code) for _, column, code in library.faults(result)]


def message(library: Library, rulebook: Rulebook, **cells: str) -> str:
    result = library.assess(library.csv(library.row(**cells)), rulebook)
    return str(result.findings["message"].item())


def faults_of(library: Library, *contracts: dict[str, Any], tables: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ContractError) as caught:
        load_rulebook(library.directory(*contracts, tables=tables))
    return caught.value.faults


# Names


def test_every_rule_is_named_column_and_check(loans: Rulebook) -> None:
    columns = loans.contracts["loans"].column_names
    assert set(loans.schemas["loans", "1.0.0"].rules) == {
            *(f"{name}|{check}" for name in columns for check in ("control", "error")),
        "loan_reference|required", "loan_reference|pattern",
        "copy_number|type", "copy_number|integer", "copy_number|required", "copy_number|range",
        "branch|required", "branch|enum",
        "lent_on|type", "lent_on|required", "returned_on|type", "lent_on|window", "returned_on|window",
        "fine|type", "fine|decimals", "fine|range",
        "renewed|type", "notes|length",
        "key|unique", "row|returned_not_before_lent",
    }  # fmt: skip


def test_the_pandera_schema_has_the_rules_by_the_same_names(loans: Rulebook) -> None:
    schema = loans.schemas["loans", "1.0.0"]
    pandera = schema.to_pandera()
    checks = [*pandera.checks, *(check for column in pandera.columns.values() for check in column.checks)]
    assert {check.name for check in checks} == {name for name, rule in schema.rules.items() if rule.holds is not None}
    assert {check.name for check in pandera.checks} == {"key|unique", "row|returned_not_before_lent"}


# What the rules hold


@pytest.mark.parametrize("digits", ["٠١٢٣", "\uff10\uff11\uff12\uff13", "०१२३", "012²"])
def test_digits_of_a_pattern_are_ascii_digits(library: Library, loans: Rulebook, digits: str) -> None:
    assert codes(library, loans, Loan_reference=f"L{digits}") == [("Loan reference", "wrong-pattern")]
    assert codes(library, loans, Loan_reference="L0123") == []


@pytest.mark.parametrize("reference", ["L00001", "xL0001", "l0001", "L0001\nL0002"])
def test_a_pattern_with_both_anchors_holds_for_the_whole_cell(
    library: Library, loans: Rulebook, reference: str
) -> None:
    assert codes(library, loans, Loan_reference=reference) == [("Loan reference", "wrong-pattern")]


@pytest.mark.parametrize(
    ("copy_number", "good"), [("0", False), ("1", True), ("99", True), ("100", False), ("-1", False)]
)
def test_bounds_belong_to_the_range(library: Library, loans: Rulebook, copy_number: str, good: bool) -> None:
    assert codes(library, loans, Copy=copy_number) == ([] if good else [("Copy", "out-of-range")])


@pytest.mark.parametrize(
    ("fine", "good"), [("0", True), ("49.99", True), ("50", False), ("50.00", False), ("-0.01", False)]
)
def test_exclusive_bounds_do_not_belong_to_the_range(library: Library, loans: Rulebook, fine: str, good: bool) -> None:
    assert codes(library, loans, Fine=fine) == ([] if good else [("Fine", "out-of-range")])


@pytest.mark.parametrize(("fine", "good"), [("0", False), ("0.00", False), ("0.01", True)])
def test_an_exclusive_least_value_does_not_belong_to_the_range(library: Library, fine: str, good: bool) -> None:
    options = {"exclusiveMinimum": 0}
    rulebook = library.rulebook(library.contract(columns=library.columns(fine={"logicalTypeOptions": options})))
    assert codes(library, rulebook, Fine=fine) == ([] if good else [("Fine", "out-of-range")])


def test_a_range_is_put_in_words(library: Library, loans: Rulebook) -> None:
    assert message(library, loans, Copy="100") == "‘100’ is out of range: it must be at least 1 and at most 99."
    assert message(library, loans, Fine="50") == "‘50’ is out of range: it must be at least 0 and less than 50."


def test_a_range_of_days_is_put_in_words_for_days(library: Library) -> None:
    options = {"format": "dd/MM/yyyy", "minimum": "2024-01-01", "exclusiveMaximum": "2025-01-01"}
    rulebook = library.rulebook(
        library.contract(columns=library.columns(lent_on={"logicalTypeOptions": options}), rules=[])
    )
    expected = "must be on or after 1 January 2024 and before 1 January 2025."
    assert message(library, rulebook, Lent_on="31/12/2023").endswith(expected)
    assert message(library, rulebook, Lent_on="01/01/2025").endswith(expected)
    assert codes(library, rulebook, Lent_on="01/01/2024") == []
    assert codes(library, rulebook, Lent_on="31/12/2024") == []


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        ({"maxLength": 3}, "four", "at most 3"),
        ({"minLength": 3}, "ab", "at least 3"),
        ({"minLength": 3, "maxLength": 4}, "five5", "between 3 and 4"),
        ({"minLength": 3, "maxLength": 3}, "éé", "between 3 and 3"),
    ],
)
def test_a_length_is_counted_in_characters_and_said(
    library: Library, options: dict[str, int], text: str, expected: str
) -> None:
    rulebook = library.rulebook(library.contract(columns=library.columns(notes={"logicalTypeOptions": options})))
    assert message(library, rulebook, Notes=text) == f"The text must have {expected} characters."
    assert codes(library, rulebook, Notes="ééé") == []


def test_a_list_is_given_with_its_labels(library: Library, loans: Rulebook) -> None:
    assert message(library, loans, Branch="South") == "‘South’ is not one of: Central, N (North)."
    assert codes(library, loans, Branch="North") == [("Branch", "not-in-list")]
    assert codes(library, loans, Branch="central") == [("Branch", "not-in-list")]
    assert codes(library, loans, Branch="N") == []


def test_the_hint_is_the_contract_s_own_where_it_gives_one(library: Library, loans: Rulebook) -> None:
    result = library.assess(library.csv(library.row(Loan_reference="?", Copy="0")), loans)
    assert result.findings["hint"].to_list() == ["Copy it from the card.", "Check the value."]


def test_a_rule_that_is_null_for_a_row_does_not_fail_there(library: Library, loans: Rulebook) -> None:
    assert codes(library, loans, Returned_on="") == []
    assert codes(library, loans, Returned_on="29/02/2024") == [("Returned on", "row-rule")]


def test_a_rule_may_use_who_sends_the_return_and_for_which_period(library: Library) -> None:
    rules = [
        library.rule("lent_on BETWEEN period_start AND period_end", name="in_period"),
        library.rule("supplier_code = 'B1' OR renewed", name="of_one_library"),
    ]
    rulebook = library.rulebook(library.contract(rules=rules))
    assert codes(library, rulebook, Renewed="false") == []
    assert codes(library, rulebook, Lent_on="29/02/2024") == [("Lent on", "row-rule")]


@pytest.mark.parametrize("expression", ["period_end >= period_start", "1 = 1"])
def test_a_rule_that_reads_no_column_is_refused_or_needs_a_column_to_point_at(
    library: Library, expression: str
) -> None:
    (fault,) = faults_of(library, library.contract(rules=[library.rule(expression, name="of_nothing")]))
    assert "of_nothing" in fault


def test_a_rule_over_the_sum_of_all_rows_is_not_a_row_rule(library: Library) -> None:
    rule = library.rule("SUM(copy_number) > 5", name="over_all", column="copy_number")
    (fault,) = faults_of(library, library.contract(rules=[rule]))
    assert "over_all" in fault


# Working days


HOLIDAYS = {"bank_holidays": "date,name\n2024-03-29,Good Friday\n2024-04-01,Easter Monday\n"}


@pytest.mark.parametrize(
    ("lent", "returned", "days"),
    [
        ("04/03/2024", "04/03/2024", 0),
        ("04/03/2024", "05/03/2024", 1),
        ("01/03/2024", "04/03/2024", 1),
        ("28/03/2024", "02/04/2024", 1),
        ("25/03/2024", "05/04/2024", 7),
    ],
    ids=["same day", "next day", "over a weekend", "over Easter", "two weeks with two bank holidays"],
)
def test_working_days_leave_out_weekends_and_bank_holidays(
    library: Library, lent: str, returned: str, days: int
) -> None:
    derived = {"days_out": {"workingDaysBetween": ["lent_on", "returned_on"]}}
    rule = library.rule(f"days_out = {days}", name="days", column="returned_on")
    rulebook = library.rulebook(
        library.contract(rules=[rule], custom={"derived": derived, "dateWindow": {"daysAfter": 60}}), tables=HOLIDAYS
    )
    assert codes(library, rulebook, Lent_on=lent, Returned_on=returned) == []
    assert codes(library, rulebook, Lent_on=lent, Returned_on="13/05/2024") == [("Returned on", "row-rule")]


def test_a_rule_over_working_days_is_not_computed_where_a_day_is_unknown(library: Library) -> None:
    derived = {"days_out": {"workingDaysBetween": ["lent_on", "returned_on"]}}
    rule = library.rule("days_out IS NOT NULL", name="days", column="returned_on")
    rulebook = library.rulebook(library.contract(rules=[rule], custom={"derived": derived}))
    assert codes(library, rulebook, Returned_on="soon") == [("Returned on", "not-a-date")]
    assert codes(library, rulebook, Returned_on="") == [("Returned on", "row-rule")]


# What cannot be compiled


def test_every_rule_that_cannot_be_computed_is_listed_at_once(library: Library) -> None:
    rules = [
        library.rule("retruned_on >= lent_on", name="misspelt"),
        library.rule("returned_on >= >= lent_on", name="no_sql"),
        library.rule("returned_on > notes", name="incomparable"),
        library.rule("copy_number + 1", name="no_condition"),
        library.rule("fine > 1", name="points_nowhere", column="fines"),
        library.rule("fine >= 0", name="good"),
    ]
    faults = faults_of(library, library.contract(rules=rules))
    assert len(faults) == 5
    assert all("contract0.odcs.yaml" in fault for fault in faults)
    said = "\n".join(faults)
    assert "misspelt’: no such column: ‘retruned_on’; did you mean ‘returned_on’?" in said
    assert "no_sql’: this is not a SQL expression: returned_on >= >= lent_on" in said
    assert "incomparable’: it compares ‘returned_on’ (a date) with ‘notes’ (a text): things of different kinds" in said
    assert "no_condition’: it compares things of different kinds, or is neither true nor false" in said
    assert "points_nowhere’: there is no column ‘fines’ to point at" in said


@pytest.mark.parametrize(
    ("column", "why"), [("retruned_on", "not a column of the return"), ("notes", "of type string, not a date")]
)
def test_working_days_need_two_days(library: Library, column: str, why: str) -> None:
    contract = library.contract(custom={"derived": {"days_out": {"workingDaysBetween": ["lent_on", column]}}})
    (fault,) = faults_of(library, contract)
    assert f"‘days_out’ is made of ‘{column}’, which is {why}" in fault


def unified_loan(library: Library) -> dict[str, Any]:
    columns = [
        {"name": "reference", "logicalType": "string"}, {"name": "branch", "logicalType": "string"},
        {"name": "basis", "logicalType": "string"}, {"name": "lent_on", "logicalType": "date"},
        {"name": "fine", "logicalType": "number"},
    ]  # fmt: skip
    properties = {"layer": "unified", "identification": None, "reportingPeriod": None}
    return library.contract(name="unified-loan", table="loan", columns=columns, rules=[], custom=properties)


BRANCHES = {"branches": "code,area\nCentral,A1\nN,A2\n"}


def lookup(**changes: Any) -> dict[str, Any]:
    return {"table": "branches", "match": {"code": "branch"}, "value": "area", **changes}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("branch", "brunch"),
        ("branch", "branch ((("),
        ("lent_on", "branch"),
        ("fine", "SUM(fine)"),
        ("branch", {"expression": "brunch", "codes": {"N": "north"}}),
        ("branch", {"expression": "branch (((", "codes": {"N": "north"}}),
        ("branch", {"lookups": [lookup(table="brunches")]}),
        ("branch", {"lookups": [lookup(value="aria")]}),
        ("branch", {"lookups": [lookup(match={"cod": "branch"})]}),
        ("branch", {"lookups": [lookup(match={"code": "brunch"})]}),
        ("branch", {"lookups": [lookup(match={"code": "((("})]}),
        ("branch", {"lookups": [lookup(match={"code": "brunch"}, basis="b")], "basis": {"column": "basis"}}),
    ],
    ids=[
        "misspelt column", "no SQL", "text to a date", "a sum of all rows", "misspelt column with codes",
        "no SQL with codes", "no such table", "no such value", "no such key", "misspelt column in a lookup",
        "no SQL in a lookup", "misspelt column in a lookup with a basis",
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_computed_is_a_fault_of_the_contract(library: Library, name: str, how: Any) -> None:
    mapping = {"table": "loan", "columns": {"reference": "loan_reference", name: how}}
    loans = library.contract(custom={"mapping": mapping})
    faults = faults_of(library, loans, unified_loan(library), tables=BRANCHES)
    assert any(f"‘{name}" in fault for fault in faults)


@pytest.mark.parametrize(
    "how",
    [
        {"expression": "supplier_kind", "codes": {"supplier": "library"}},
        {"lookups": [lookup(match={"code": "supplier_code"})]},
    ],
    ids=["codes", "lookup"],
)
def test_a_mapping_may_use_the_sender_alone(library: Library, how: dict[str, Any]) -> None:
    mapping = {"table": "loan", "columns": {"reference": "loan_reference", "branch": how}}
    tables = {"branches": "code,area\nB1,A1\n"}
    rulebook = library.rulebook(library.contract(custom={"mapping": mapping}), unified_loan(library), tables=tables)
    assert codes(library, rulebook) == []


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("fine > 'x'", "it compares ‘fine’ (a number) with the text ‘x’: things of different kinds"),
        ("fine > '3'", "‘fine’ (a number) with the text ‘3’"),
        ("'x' <> copy_number", "the text ‘x’ with ‘copy_number’ (a number)"),
        ("fine NOT BETWEEN 'a' AND 'a'", "‘fine’ (a number) with the text ‘a’"),
        ("lent_on >= 20240301", "‘lent_on’ (a date) with a number"),
        ("lent_on >= '2024-03-01'", "‘lent_on’ (a date) with the text ‘2024-03-01’"),
        ("renewed = 'true'", "‘renewed’ (true or false) with the text ‘true’"),
        ("renewed = 1", "‘renewed’ (true or false) with a number"),
        ("notes = 7", "‘notes’ (a text) with a number"),
        ("fine = 'none' OR fine > 0", "‘fine’ (a number) with the text ‘none’"),
        ("CASE fine WHEN 'x' THEN 1 ELSE 2 END = 1", "‘fine’ (a number) with the text ‘x’"),
        ("COALESCE(NULLIF(fine, '-'), 0) >= 0", "‘fine’ (a number) with the text ‘-’"),
        ("LENGTH(notes) > 'x'", "a number with the text ‘x’"),
        ("period_end > 5", "‘period_end’ (a date) with a number"),
        ("returned_on - lent_on > 14", "a length of time with a number"),
    ],
)
def test_a_comparison_of_unlike_things_is_a_fault(library: Library, expression: str, told: str) -> None:
    """The engine would compare some of them, and the rule would say nothing, or the wrong thing, of every row."""
    (fault,) = faults_of(library, library.contract(rules=[library.rule(expression, column="notes")]))
    assert "rule ‘some_rule’" in fault
    assert told in fault


@pytest.mark.parametrize(
    "expression",
    [
        "fine > 3", "fine > copy_number", "copy_number >= 0.5", "lent_on > DATE '2024-01-01'", "renewed = TRUE",
        "notes = '7'", "CAST(notes AS INT) > 3", "fine IS NULL", "lent_on BETWEEN period_start AND period_end",
        "copy_number IN (1, 2)", "lent_on + INTERVAL '14 days' >= returned_on", "(fine > 1) = renewed",
    ],
)  # fmt: skip
def test_a_comparison_of_like_things_is_none(library: Library, expression: str) -> None:
    library.rulebook(library.contract(rules=[library.rule(expression, column="notes")]))


def test_totals_and_mappings_compare_like_things_too(library: Library) -> None:
    table = library.rule("", name="total", implementation={"aggregate": "SUM(fine) > 'x'"})
    mapping = {"table": "loan", "columns": {"branch": {"expression": "CASE WHEN fine > 'x' THEN branch END"}}}
    said = "\n".join(
        faults_of(library, library.contract(rules=[table], custom={"mapping": mapping}), unified_loan(library))
    )
    assert "total’: it compares a number with the text ‘x’" in said
    assert "mapping of ‘branch’: it compares ‘fine’ (a number) with the text ‘x’" in said
