"""``contract lint``: all faults at once, each reported once, with file, line and the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from contract_faults import custom, faults_of
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.runs.lint import lint

if TYPE_CHECKING:
    from conftest import Library


def unified_loan(library: Library) -> dict[str, Any]:
    columns = [
        {"name": "reference", "logicalType": "string", "required": True},
        {"name": "fine", "logicalType": "number"},
    ]
    properties = {"layer": "unified", "identification": None, "reportingPeriod": None}
    return library.contract(name="unified-loan", table="loan", columns=columns, rules=[], custom=properties)


# One slip, one fault; and no slip hides another


def of_text(library: Library, old: str, new: str) -> tuple[str, ...]:
    """Faults of the contract of loans with one word of its file changed."""
    text = yaml.safe_dump(library.contract(), sort_keys=False)
    assert old in text
    return faults_of(library.directory(text.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("meant", "written"),
    [
        ("version", "verison"), ("schema", "shema"), ("customProperties", "customPropertis"), ("property", "proprety"),
        ("implementation", "implementaion"), ("engine", "engin"), ("logicalType", "logicalTyp"), ("name", "nmae"),
        ("physicalName", "physicalname"), ("required", "require"), ("logicalTypeOptions", "logicalTypeOption"),
        ("expression", "expresion"), ("minimum", "minimun"), ("quality", "qualty"),
    ],
)  # fmt: skip
def test_a_misspelt_key_is_one_fault_with_its_line_and_the_fix(library: Library, meant: str, written: str) -> None:
    lines = yaml.safe_dump(library.contract(), sort_keys=False).splitlines()
    at = next(number for number, line in enumerate(lines, 1) if line.strip(" -").startswith(f"{meant}:"))
    (fault,) = of_text(library, f"{meant}:", f"{written}:")
    assert f"‘{written}’ is not a key we know; did you mean ‘{meant}’?" in fault
    # What stands under implementation is told of with the rule as a whole.
    assert f"contract0.odcs.yaml:{at}: " in fault or meant == "expression"


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"tabel": "loan", "columns": {"reference": "loan_reference"}}, "‘tabel’ is not a key we know; did you mean ‘table’?"),
        ({"table": "loan", "columns": {"reference": {"expresion": "loan_reference"}}}, "did you mean ‘expression’?"),
        ({"table": "loan", "columns": {"reference": {"lokups": [{"table": "t", "match": {"code": "branch"}, "value": "code"}]}}},
         "did you mean ‘lookups’?"),
        ({"table": "loan", "columns": {"reference": {"lookups": [{"tabel": "t", "match": {"code": "branch"}, "value": "code"}]}}},
         "did you mean ‘table’?"),
    ],
)  # fmt: skip
def test_a_misspelt_key_of_a_mapping_is_one_fault(library: Library, mapping: dict[str, Any], words: str) -> None:
    loans = library.contract(custom={"mapping": mapping})
    (fault,) = faults_of(library.directory(loans, unified_loan(library), tables={"t": "code\nN\n"}))
    assert words in fault


def test_faults_of_every_sort_in_one_file_are_reported_at_once_in_the_order_of_its_lines(library: Library) -> None:
    columns = library.columns(
        lent_on={"required": "yes"}, fine={"logicalTypeOptions": {"minimum": 9, "maximum": 1}},
        branch={"logicalTypeOptions": {"pattern": "^[A-Z]$"}},
    )  # fmt: skip
    rules = [
        library.rule("returned_onn >= lent_on", name="one", severity="eror"), library.rule("finne > 1", name="two"),
        library.rule("x", name="three", implementation={"expresion": "fine > 1"}),
    ]  # fmt: skip
    mapping = {"tabel": "loan", "columns": {"reference": "loan_refrence", "finne": "fine"}}
    custom = {"acceptance": {"quarantineShare": 0.1}, "mapping": mapping}
    text = yaml.safe_dump(library.contract(columns=columns, rules=rules, custom=custom), sort_keys=False)
    text = text.replace("version: 1.0.0", "version: 1.0").replace("\nschema:", "\nshema:")
    directory = library.directory(text, unified_loan(library))
    faults = list(lint([directory]).faults)
    for words in (
        "version: this is 1.0, expected text", "‘shema’ is not a key", "required: this is yes, expected true or false",
        "the listed value ‘Central’ does not have the form", "no value lies between", "the severity is ‘eror’",
        "‘expresion’", "‘quarantineShare’", "‘tabel’", "‘finne’ is not a column of loan", "no such column: ‘loan_refrence’",
        "rule ‘one’: no such column: ‘returned_onn’", "rule ‘two’: no such column: ‘finne’; did you mean ‘fine’?",
    ):  # fmt: skip
        assert [words in fault for fault in faults].count(True) == 1, words
    assert len(faults) == 13
    assert tuple(faults) == faults_of(directory)
    lines = [int(fault.removeprefix(str(directory / "contract0.odcs.yaml")).split(":")[1]) for fault in faults]
    of_file = lines[:9]
    assert of_file == sorted(of_file)
    assert lines.count(1) == 0


def test_where_a_contract_cannot_be_read_mappings_to_it_are_not_called_wrong(library: Library) -> None:
    mapping = {"table": "loan", "columns": {"reference": "loan_reference"}}
    loans = library.contract(custom={"mapping": mapping}, rules=[library.rule("finne > 1")])
    faults = faults_of(library.directory(loans, "id: [loan"))
    assert len(faults) == 2
    assert "this is not YAML" in faults[0]
    assert "no such column: ‘finne’" in faults[1]


# What is asked must be possible


@pytest.mark.parametrize(
    ("column", "changes", "words"),
    [
        ("copy_number", {"logicalTypeOptions": {"minimum": 10, "maximum": 1}}, "no value lies between these bounds: minimum 10, maximum 1"),
        ("copy_number", {"logicalTypeOptions": {"exclusiveMinimum": 5, "exclusiveMaximum": 6}}, "no value lies between"),
        ("copy_number", {"logicalTypeOptions": {"minimum": 1.5}}, "the bound 1.5 is not a whole number"),
        ("fine", {"logicalTypeOptions": {"minimum": 5, "exclusiveMaximum": 5}}, "no value lies between"),
        ("fine", {"logicalTypeOptions": {"multipleOf": 1, "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.9}}, "no value lies between"),
        ("lent_on", {"logicalTypeOptions": {"minimum": "2024-01-02", "maximum": "2024-01-01"}}, "minimum 2024-01-02, maximum 2024-01-01"),
        ("lent_on", {"logicalTypeOptions": {"exclusiveMinimum": "2024-01-01", "maximum": "2024-01-01"}}, "no value lies between"),
        ("notes", {"logicalTypeOptions": {"minLength": 9, "maxLength": 2}}, "minLength is 9, more than maxLength, 2"),
        ("notes", {"logicalTypeOptions": {"format": "dd/MM/yyyy"}}, "use such a logicalType, or a pattern"),
        ("branch", {"logicalTypeOptions": {"pattern": "^C"}}, "the listed value ‘N’ does not have the form ^C"),
        ("branch", {"logicalTypeOptions": {"maxLength": 3}}, "the listed value ‘Central’ has 7 characters"),
        ("branch", {"customProperties": [{"property": "nullTokens", "value": ["N"]}]}, "‘N’ is among the nullTokens"),
        ("copy_number", {"enum": [{"value": 5}]}, "a list of allowed values is for a string column; this one is of type integer"),
        ("copy_number", {"primaryKeyPosition": 1}, "primaryKeyPosition 1 is also that of ‘loan_reference’"),
        ("fine", {"primaryKeyPosition": 3}, "it has a primaryKeyPosition, but is not part of the key"),
        ("loan_reference", {"classification": "Restrictd"}, "did you mean ‘restricted’?"),
        ("fine", {"physicalName": " "}, "the header (physicalName) is empty"),
        ("copy_number", {"logicalTypeOptions": {"pattern": "^1$"}}, "‘pattern’ is not a key we know for a column of this logicalType"),
        ("fine", {"customProperties": [{"property": "nullTokens", "value": ["a"]}] * 2}, "‘nullTokens’ appears more than once"),
    ],
)  # fmt: skip
def test_a_column_that_nothing_could_meet_is_one_fault(
    library: Library, column: str, changes: dict[str, Any], words: str
) -> None:
    (fault,) = faults_of(library.directory(library.contract(columns=library.columns(**{column: changes}))))
    assert words in fault
    assert "contract0.odcs.yaml:" in fault


@pytest.mark.parametrize(
    ("pattern", "listed"), [(r"^[\d-]{3}$", "1-2"), (r"^[[\d]$", "["), (r"^[a&&b~~|]+$", "a&"), (r"^[^\d]$", "x")]
)
def test_a_listed_value_has_the_form_where_validation_says_so(library: Library, pattern: str, listed: str) -> None:
    changes = {"enum": [{"value": listed}], "logicalTypeOptions": {"pattern": pattern}}
    directory = library.directory(library.contract(columns=library.columns(branch=changes)))
    assert list(lint([directory]).faults) == []
    row = library.row(Branch=listed)
    assert library.assess(library.csv(row), load_rulebook(directory)).verdict == "accepted"


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("copy_number", {"minimum": 5, "maximum": 5}),
        ("copy_number", {"exclusiveMinimum": 5, "exclusiveMaximum": 7}),
        ("fine", {"exclusiveMinimum": 0, "exclusiveMaximum": 0.02, "multipleOf": 0.01}),
        ("fine", {"exclusiveMinimum": 0, "exclusiveMaximum": 0.00001}),
        ("lent_on", {"exclusiveMinimum": "2024-01-01", "exclusiveMaximum": "2024-01-03"}),
        ("notes", {"minLength": 3, "maxLength": 3}),
    ],
)  # fmt: skip
def test_bounds_that_allow_one_value_are_not_a_fault(library: Library, column: str, options: dict[str, Any]) -> None:
    columns = library.columns(**{column: {"logicalTypeOptions": options}})
    assert list(lint([library.directory(library.contract(columns=columns))]).faults) == []


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"derived": {"days": {"workingDaysBetween": ["lent_onn", "returned_on"]}}}, "‘lent_onn’, which is not a column of the return; did you mean ‘lent_on’?"),
        ({"derived": {"days": {"workingDaysBetween": ["fine", "returned_on"]}}}, "‘fine’, which is of type number, not a date"),
        ({"derived": {"period_end": {"workingDaysBetween": ["lent_on", "returned_on"]}}}, "‘period_end’ is a reserved name"),
        ({"identification": {"fileName": "(?P<suplier_code>B1).csv"}}, "‘suplier_code’ is read by nothing"),
    ],
)  # fmt: skip
def test_a_property_that_could_do_nothing_is_one_fault(
    library: Library, properties: dict[str, Any], words: str
) -> None:
    (fault,) = custom(library, **properties)
    assert words in fault


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"type": "sql", "query": "SELECT 1", "mustBe": 1}, "a rule of type sql is not run"),
        ({"id": "a", "type": "custom", "engine": "probation-etl", "implementation": {"expression": "1 = 1"}}, "it reads no column of the return"),
    ],
)  # fmt: skip
def test_a_rule_that_would_never_run_is_one_fault(library: Library, rule: dict[str, Any], words: str) -> None:
    (fault,) = faults_of(library.directory(library.contract(rules=[rule])))
    assert words in fault


def test_a_rule_of_ours_at_a_column_says_where_it_belongs(library: Library) -> None:
    columns = library.columns(fine={"quality": [library.rule("fine > 1")]})
    (fault,) = faults_of(library.directory(library.contract(columns=columns)))
    assert "belongs under quality of the table" in fault


# Contracts must agree


def listed_loan(library: Library, **properties: Any) -> dict[str, Any]:
    columns = [
        {"name": "reference", "logicalType": "string", "required": True},
        {"name": "branch", "logicalType": "string", "enum": [{"value": "C"}, {"value": "North"}]},
    ]
    given = {"layer": "unified", "identification": None, "reportingPeriod": None, **properties}
    return library.contract(name="unified-loan", table="loan", columns=columns, rules=[], custom=given)


@pytest.mark.parametrize(
    ("branch", "words"),
    [
        ({"expression": "branch", "codes": {"Centrall": "C", "N": "North"}}, "codes lacks ‘Central’, which ‘branch’ lists: such a row could never be loaded; did you mean ‘Centrall’?"),
        ({"expression": "branch", "codes": {"Central": "C", "N": "Nort"}}, "it gives ‘Nort’, which loan.branch does not list; did you mean ‘North’?"),
    ],
)  # fmt: skip
def test_a_code_list_must_fit_the_lists_on_both_sides(library: Library, branch: Any, words: str) -> None:
    mapping = {"table": "loan", "columns": {"reference": "loan_reference", "branch": branch}}
    (fault,) = faults_of(library.directory(library.contract(custom={"mapping": mapping}), listed_loan(library)))
    assert words in fault


def test_values_taken_over_as_they_are_must_be_listed_there_too(library: Library) -> None:
    mapping = {"table": "loan", "columns": {"reference": "loan_reference", "branch": "branch"}}
    faults = faults_of(library.directory(library.contract(custom={"mapping": mapping}), listed_loan(library)))
    assert [fault.partition("it gives ")[2] for fault in faults] == [
        "‘Central’, which loan.branch does not list",
        "‘N’, which loan.branch does not list",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [("refrence", "no such column: ‘refrence’; did you mean ‘reference’?"), ("reference", "expected a number to add up")],
)  # fmt: skip
def test_a_measure_is_a_column_of_numbers(library: Library, name: str, said: str) -> None:
    mapping = {"table": "loan", "columns": {"reference": "loan_reference"}}
    loans = library.contract(custom={"mapping": mapping})
    (fault,) = faults_of(library.directory(loans, listed_loan(library, measures=[name])))
    assert f"measures: ‘{name}’" in fault
    assert said in fault


def test_every_part_of_the_key_of_a_unified_table_is_filled(library: Library) -> None:
    table = listed_loan(library)
    table["schema"][0]["properties"].append({"name": "day", "logicalType": "date", "primaryKey": True})
    mapping = {"table": "loan", "columns": {"reference": "loan_reference"}}
    (fault,) = faults_of(library.directory(library.contract(custom={"mapping": mapping}), table))
    assert "nothing fills ‘day’, which loan needs" in fault


def test_a_view_without_a_query_is_a_fault(library: Library) -> None:
    view = listed_loan(library, layer="view")
    assert any(
        "a view needs a query" in fault for fault in list(lint([library.directory(library.contract(), view)]).faults)
    )


def test_a_kind_of_supplier_that_nobody_is_of_is_a_fault(library: Library) -> None:
    organisations = "code,name,kind,level,valid_from,valid_to\nB1,Town,library,branch,2000-01-01,\n"
    contract = library.contract(custom={"suppliers": {"kind": "libary"}})
    (fault,) = faults_of(library.directory(contract, tables={"organisations": organisations}))
    assert "no organisation is of the kind ‘libary’; did you mean ‘library’?" in fault


def test_returns_that_nothing_tells_apart_are_a_fault(library: Library) -> None:
    (fault,) = faults_of(library.directory(library.contract(), library.contract(name="other")))
    assert "returns of ‘other’ and of ‘loans’ have the same file names, sheets and headers" in fault


def test_a_rule_across_returns_belongs_to_the_contract_of_one(library: Library) -> None:
    what = {"this": "COUNT(*)", "operator": "<=", "table": "loans", "other": "COUNT(*)"}
    rule = {"id": "no_more", "type": "custom", "engine": "probation-etl", "implementation": what}
    table = library.contract(name="member", rules=[rule], custom={"layer": "unified", "identification": None})
    (fault,) = faults_of(library.directory(library.contract(), table))
    assert fault.endswith("quality: the rule ‘no_more’ compares returns: only the contract of one has it")


def test_an_older_version_without_a_mapping_is_named(library: Library) -> None:
    mapping = {"table": "loan", "columns": {"library": "branch"}}
    older = library.contract(version="1.0.0", custom={"effectiveTo": "2024-12-31"})
    newer = library.contract(version="2.0.0", custom={"effectiveFrom": "2025-01-01", "mapping": mapping})
    loan = library.contract(
        name="loan", columns=[{"name": "library", "logicalType": "string"}], rules=[],
        custom={"layer": "unified", "identification": None, "suppliers": None},
    )  # fmt: skip
    (fault,) = faults_of(library.directory(older, newer, loan))
    assert fault.endswith("schema: version 2.0.0 has a mapping, and version 1.0.0 has none")


def test_two_versions_of_one_contract_may_look_alike(library: Library) -> None:
    first = library.contract(custom={"effectiveTo": "2024-06-30"})
    second = library.contract(version="2.0.0", custom={"effectiveFrom": "2024-07-01"})
    assert list(lint([library.directory(first, second)]).faults) == []


def test_the_query_of_a_table_reads_only_what_can_be_computed_again(library: Library) -> None:
    query = (
        "SELECT l.* FROM current_rows.copies AS l JOIN ledger.current_returns AS c ON c.return_id = l.return_id "
        "WHERE c.period_end = (SELECT MAX(period_end) FROM ledger.current_returns)"
    )
    copies = library.contract(
        name="copies", table="copies", rules=[],
        custom={"layer": "unified", "identification": None, "reportingPeriod": None, "query": query},
    )  # fmt: skip
    (fault,) = lint([library.directory(copies)]).faults
    assert fault.endswith(
        "query: the query of a table or view reads rows, and not ledger.current_returns: have a mapping fill a column with "
        "period_end, and read that"
    )
