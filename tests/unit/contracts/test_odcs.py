"""Contracts from YAML: everything in them is read, and all faults are reported at once, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract_faults import custom, faults_of
from probation_etl.contracts.model import GivenExpectation
from probation_etl.contracts.odcs import load_contract, load_contracts, load_reference_contracts, read_contracts
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.errors import ContractError
from probation_etl.runs.lint import Linted, lint

if TYPE_CHECKING:
    from conftest import Library


# What a contract says


def test_a_column_says_what_the_contract_says(library: Library) -> None:
    contract = load_contracts(library.directory(library.contract()))["loans"]
    reference, copy_number, branch, lent_on, _, fine, _, notes = contract.columns
    assert (reference.header, reference.synonyms) == ("Loan reference", ("Loan ref",))
    assert (reference.pattern, reference.restricted, reference.required) == (r"^L\d{4}$", True, True)
    assert reference.hints == {"wrong-pattern": "Copy it from the card."}
    assert (copy_number.type, copy_number.minimum, copy_number.maximum) == ("integer", Decimal(1), Decimal(99))
    assert branch.labels == {"Central": "Central", "N": "North"}
    assert (lent_on.type, lent_on.formats) == ("date", ("dd/MM/yyyy",))
    assert (fine.decimals, fine.exclusive_maximum, fine.null_tokens) == (2, Decimal(50), ("n/a",))
    assert (notes.max_length, notes.required, notes.restricted) == (20, False, False)
    assert contract.key == ("loan_reference", "copy_number")
    assert contract.period_days == 31
    assert [rule.name for rule in contract.rules] == ["returned_not_before_lent"]


def test_the_key_follows_the_positions_and_not_the_columns(library: Library) -> None:
    columns = library.columns(loan_reference={"primaryKeyPosition": 2}, copy_number={"primaryKeyPosition": 1})
    contract = load_contracts(library.directory(library.contract(columns=columns)))["loans"]
    assert contract.key == ("copy_number", "loan_reference")


def test_dates_of_a_contract_are_read_as_iso_8601(library: Library) -> None:
    given = library.contract(custom={"effectiveFrom": "2024-01-01", "effectiveTo": "2024-12-31"})
    contract = load_contracts(library.directory(given))["loans"]
    assert (contract.effective_from, contract.effective_to) == (date(2024, 1, 1), date(2024, 12, 31))
    assert contract.in_force(date(2024, 12, 31))
    assert not contract.in_force(date(2025, 1, 1))


def test_a_date_without_quotation_marks_is_text_like_any_other(library: Library) -> None:
    directory = library.directory(library.contract(custom={"effectiveFrom": "2024-01-01"}))
    file = directory / "contract0.odcs.yaml"
    file.write_text(file.read_text().replace("'2024-01-01'", "2024-01-01"))
    assert load_contracts(directory)["loans"].effective_from == date(2024, 1, 1)


def test_a_return_without_a_mapping_gets_a_unified_table_of_its_own(library: Library) -> None:
    contracts = load_contracts(library.directory(library.contract()))
    table = contracts.unified_table("loans")
    assert (table.id, table.layer) == ("loans.unified", "unified")
    assert table.column_names == ("supplier_code", *contracts["loans"].column_names)
    assert table.key == ("supplier_code", "loan_reference", "copy_number")
    mapping = contracts["loans"].mapping
    assert mapping is not None
    assert {each.name: each.expression for each in mapping.columns} == {
        name: f'"{name}"' for name in table.column_names
    }


def test_the_digest_changes_with_a_contract_and_with_a_reference_table(library: Library) -> None:
    directory = library.directory(library.contract(), tables={"branches": "code\nN\n"})
    digests = {load_contracts(directory).digest, load_contracts(directory).digest}
    assert len(digests) == 1
    (directory / "reference" / "branches.csv").write_text("code\nS\n")
    digests.add(load_contracts(directory).digest)
    file = directory / "contract0.odcs.yaml"
    file.write_text(file.read_text() + "# changed\n")
    digests.add(load_contracts(directory).digest)
    assert len(digests) == 3


def test_a_contract_is_found_by_its_path(library: Library) -> None:
    assert load_contract(library.directory(library.contract()) / "contract0.odcs.yaml").id == "loans"


def test_a_misspelt_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(ContractError, match="‘crc-breeches’; did you mean ‘crc-breaches’"):
        load_contract("crc-breeches")


def test_a_directory_without_contracts_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=str(tmp_path)):
        load_contracts(tmp_path)


def test_the_contracts_that_ship_have_no_fault() -> None:
    contracts = load_contracts()
    of_tables = load_reference_contracts(contracts.directory)
    assert lint([contracts.directory]) == Linted(len(contracts) + len(of_tables))


# All faults at once, each with its place


def test_every_fault_of_every_file_is_reported_at_once(library: Library) -> None:
    first = library.contract(name="first", custom={"layer": "retrun", "effectiveFrom": "1 June"})
    second = library.contract(name="second", columns=library.columns(fine={"logicalType": "money"}))
    third = library.contract(name="third")
    del third["version"]
    faults = faults_of(library.directory(first, second, third, "no: [yaml"))
    told = [(Path(fault.split(":")[0]).name, fault) for fault in faults]
    assert [name for name, _ in told] == [f"contract{number}.odcs.yaml" for number in (0, 0, 1, 2, 3)]
    expected = ("effectiveFrom is ‘1 June’", "layer: this is ‘retrun’", "money", "‘version’", "this is not YAML")
    for words, (_, fault) in zip(expected, told, strict=True):
        assert words in fault


def test_a_fault_says_file_line_and_path(library: Library) -> None:
    columns = library.columns(fine={"logicalType": "array", "logicalTypeOptions": {}})
    directory = library.directory(library.contract(columns=columns))
    file = directory / "contract0.odcs.yaml"
    lines = file.read_text().splitlines()
    line = next(at for at, text in enumerate(lines, start=1) if text.strip() == "logicalType: array")
    (fault,) = faults_of(directory)
    assert fault.startswith(f"{file}:{line}: schema[0].properties[5].logicalType: ‘array’")
    assert "string, integer, number, date, timestamp, time, boolean" in fault


def test_lint_says_the_same_as_loading_without_raising(library: Library) -> None:
    directory = library.directory(library.contract(custom={"layer": "retrun"}))
    assert tuple(read_contracts(sorted(directory.glob("*.yaml")))[1]) == faults_of(directory)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("acceptence", "acceptance"), ("effectiveFor", "effectiveFrom"), ("suplliers", "suppliers")],
)
def test_a_misspelt_property_is_answered_with_the_nearest(library: Library, written: str, meant: str) -> None:
    (fault,) = custom(library, **{written: "x"})
    assert f"‘{written}’ is not a property we know; did you mean ‘{meant}’?" in fault


def test_properties_of_another_vendor_are_left_alone(library: Library) -> None:
    contract = library.contract()
    contract["customProperties"].append({"property": "colour", "value": "blue", "vendor": "somebody"})
    assert load_contracts(library.directory(contract))["loans"].id == "loans"


def test_a_misspelt_layer_is_answered_with_the_nearest(library: Library) -> None:
    (fault,) = custom(library, layer="retrun")
    assert "expected one of return, unified, view, reference; did you mean ‘return’?" in fault


def test_an_id_used_twice_names_the_other_file(library: Library) -> None:
    directory = library.directory(library.contract(), library.contract())
    (fault,) = faults_of(directory)
    assert fault.startswith(str(directory / "contract1.odcs.yaml"))
    assert str(directory / "contract0.odcs.yaml") in fault


def test_a_column_defined_twice_is_named(library: Library) -> None:
    columns = [*library.columns(), {"name": "fine", "physicalName": "Another", "logicalType": "string"}]
    (fault,) = faults_of(library.directory(library.contract(columns=columns)))
    assert "the column ‘fine’ appears more than once" in fault


def test_a_contract_describes_one_table(library: Library) -> None:
    contract = library.contract()
    contract["schema"].append(
        {"name": "more", "logicalType": "object", "properties": [{"name": "a", "logicalType": "string"}]}
    )
    assert any("one table; 2 were found" in fault for fault in faults_of(library.directory(contract)))


@pytest.mark.parametrize("text", ["key: 1\nother: 2\nkey: 3\n", "outer:\n  key: 1\n  key: 2\n  other: 3\n"])
def test_a_key_given_twice_is_refused_with_its_line(library: Library, text: str) -> None:
    (fault,) = faults_of(library.directory(text))
    assert "contract0.odcs.yaml:3: " in fault
    assert "the key ‘key’ appears twice" in fault


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1", 1),
        ("a: 1\n\t- b\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: \x07\n", 1),
        ("!!python/name:os.system x\n", 1),
    ],
)
def test_what_is_not_yaml_is_a_fault_with_its_line(library: Library, text: str, line: int) -> None:
    (fault,) = faults_of(library.directory(text))
    assert "this is not YAML" in fault
    assert f"contract0.odcs.yaml:{line}: " in fault or f"contract0.odcs.yaml:{line + 1}: " in fault


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text\n"])
def test_a_document_that_is_not_a_mapping_is_a_fault(library: Library, text: str) -> None:
    (fault,) = faults_of(library.directory(text))
    assert "a contract is a mapping of keys to values" in fault


def test_a_file_that_is_not_text_is_a_fault(library: Library) -> None:
    directory = library.directory(library.contract())
    (directory / "bad.odcs.yaml").write_bytes(b"id: caf\xe9\n")
    (fault,) = faults_of(directory)
    assert "bad.odcs.yaml:1: the file cannot be read: it is not UTF-8 text" in fault


@pytest.mark.parametrize("text", ["? [a, b]\n: c\n", "a: &a [*a]\n"], ids=["a list as a key", "a list inside itself"])
def test_yaml_that_no_contract_needs_is_a_fault_and_no_crash(library: Library, text: str) -> None:
    assert len(faults_of(library.directory(text))) >= 1


# Values of the wrong kind


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("suppliers", "crc"),
        ("acceptance", {"quarantinedShare": "lots"}),
        ("acceptance", {"quarantinedShare": 20}),
        ("acceptance", {"quarantinedShare": -0.1}),
        ("acceptance", "none"),
        ("derived", ["days"]),
        ("derived", {"days": ["lent_on", "returned_on"]}),
        ("derived", {"days": {"workingDaysBetween": ["lent_on"]}}),
        ("identification", "loans.csv"),
        ("identification", {"fileName": 5}),
        ("identification", {"fileName": "(loans"}),
        ("identification", {"sheet": "Loans", "cover": "Cover"}),
        ("identification", {"sheet": "Loans", "cover": {"dateFormat": "dd MMM yyyy"}}),
        ("reportingPeriod", 14),
        ("reportingPeriod", {"days": "two weeks"}),
        ("measures", "fine"),
        ("mapping", "loan"),
        ("mapping", {"table": "loan"}),
        ("mapping", {"table": "loan", "columns": {"branch": {"expression": "branch", "codes": ["N"]}}}),
        ("mapping", {"table": "loan", "columns": {"branch": {"lookups": [], "basis": "branch"}}}),
        ("mapping", {"table": "loan", "columns": {"branch": {"lookups": [{"table": "branches"}]}}}),
        ("mapping", {"table": "loan", "columns": {"branch": 5}}),
        ("effectiveFrom", "1 June"),
        ("effectiveTo", 5),
        ("query", ["SELECT 1"]),
    ],
)
def test_a_property_of_the_wrong_kind_is_a_fault_that_names_it(library: Library, name: str, value: Any) -> None:
    faults = custom(library, **{name: value})
    assert any("contract0.odcs.yaml:" in fault for fault in faults)


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("acceptance", {"quarantineShare": 0.1}, "quarantineShare"),
        ("identification", {"filename": "x"}, "filename"),
        ("identification", {"sheet": "Loans", "cover": {"controlRow": "Rows"}}, "controlRow"),
        ("reportingPeriod", {"day": 14}, "day"),
        ("suppliers", {"kinds": "crc"}, "kinds"),
    ],
)
def test_a_misspelt_key_inside_a_property_is_not_passed_over(
    library: Library, name: str, value: Any, written: str
) -> None:
    assert any(f"‘{written}’" in fault for fault in custom(library, **{name: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"copy_number": {"customProperties": [{"property": "hints", "value": "text"}]}},
        {"copy_number": {"customProperties": [{"property": "hints", "value": {"not-a-nmber": "text"}}]}},
        {"copy_number": {"customProperties": [{"property": "nullTokens", "value": "n/a"}]}},
        {"lent_on": {"logicalTypeOptions": {"format": "dd MMMMM yyyy"}}},
        {"lent_on": {"logicalTypeOptions": {"format": "dd/MM/yyyy", "minimum": "1 May"}}},
        {"loan_reference": {"logicalTypeOptions": {"pattern": "^(L"}}},
        {"loan_reference": {"logicalTypeOptions": {"pattern": "^(?!X)L"}}},
        {"copy_number": {"logicalTypeOptions": {"multipleOf": 5}}},
        {"fine": {"logicalTypeOptions": {"multipleOf": 0.25}}},
        {"branch": {"enum": [{"value": True}]}},
    ],
    ids=[
        "hints that are text", "hint for a code there is not", "null tokens that are text",
        "date format with unknown letters", "bound that is no date", "pattern that is no regular expression",
        "pattern that the engine cannot run", "multiples of five", "multiples of a quarter", "yes or no in a list of text",
    ],
)  # fmt: skip
def test_a_column_with_impossible_options_is_a_fault(library: Library, changes: Mapping[str, Any]) -> None:
    directory = library.directory(library.contract(columns=library.columns(**changes)))
    assert any("contract0.odcs.yaml" in fault for fault in faults_of(directory))


@pytest.mark.parametrize(
    "name", ["supplier_code", "supplier_kind", "period_start", "period_end", "source_row", "return_id"]
)
def test_a_column_may_not_have_a_name_that_we_use_ourselves(library: Library, name: str) -> None:
    columns = [*library.columns(), {"name": name, "physicalName": "Other", "logicalType": "string"}]
    assert any(f"‘{name}’" in fault for fault in faults_of(library.directory(library.contract(columns=columns))))


def test_a_derived_column_may_not_have_the_name_of_a_column(library: Library) -> None:
    faults = custom(library, derived={"fine": {"workingDaysBetween": ["lent_on", "returned_on"]}})
    assert any("‘fine’" in fault for fault in faults)


@pytest.mark.parametrize("header", ["Copy", "COPY ", "Loan ref"])
def test_two_columns_may_not_have_one_header(library: Library, header: str) -> None:
    columns = [*library.columns(), {"name": "other", "physicalName": header, "logicalType": "string"}]
    assert any(header.strip() in fault for fault in faults_of(library.directory(library.contract(columns=columns))))


@pytest.mark.parametrize(
    "server", [{"encoding": "UTF-99"}, {"customProperties": [{"property": "delimiter", "value": ";;"}]}]
)
def test_an_encoding_or_delimiter_that_cannot_be_used_is_a_fault(library: Library, server: dict[str, Any]) -> None:
    servers = [{"server": "return", "type": "local", "path": "*.csv", "format": "csv", **server}]
    assert any("servers" in fault for fault in faults_of(library.directory(library.contract(servers=servers))))


# Rules, references


def test_a_rule_needs_an_expression(library: Library) -> None:
    rule = library.rule("fine > 1", implementation="fine > 1")
    directory = library.directory(library.contract(rules=[rule]))
    (fault,) = faults_of(directory)
    lines = (directory / "contract0.odcs.yaml").read_text().splitlines()
    assert f"contract0.odcs.yaml:{lines.index('  - id: some_rule') + 1}: " in fault
    assert "schema[0].quality[0]: a rule needs an id and, under implementation, an expression" in fault


def test_a_rule_without_an_id_is_a_fault(library: Library) -> None:
    rule = library.rule("fine > 1")
    del rule["id"]
    (fault,) = faults_of(library.directory(library.contract(rules=[rule])))
    assert "a rule needs an id" in fault


def test_an_expression_that_is_not_text_is_a_fault(library: Library) -> None:
    rule = library.rule("fine > 1", implementation={"expression": 5})
    assert len(faults_of(library.directory(library.contract(rules=[rule])))) == 1


def test_a_severity_is_error_or_warning(library: Library) -> None:
    rule = library.rule("fine > 1", severity="fatal")
    (fault,) = faults_of(library.directory(library.contract(rules=[rule])))
    assert "the severity is ‘fatal’, expected error or warning" in fault


def test_two_rules_of_one_id_are_a_fault_and_neither_is_lost(library: Library) -> None:
    rules = [library.rule("fine > 1", name="same"), library.rule("fine < 9", name="same")]
    assert any("same" in fault for fault in faults_of(library.directory(library.contract(rules=rules))))


def test_a_rule_of_one_column_is_run_or_refused_but_not_passed_over(library: Library) -> None:
    columns = library.columns(fine={"quality": [library.rule("fine > 1", name="at_column")]})
    directory = library.directory(library.contract(columns=columns))
    try:
        rules = load_rulebook(directory).schemas["loans"].rules
    except ContractError:
        return
    assert any("at_column" in name for name in rules)


def test_a_misspelt_engine_is_not_passed_over(library: Library) -> None:
    rule = library.rule("fine > 1", engine="probation_etl")
    assert any("probation_etl" in fault for fault in faults_of(library.directory(library.contract(rules=[rule]))))


def test_rules_for_great_expectations_are_handed_on_with_what_the_contract_says_of_them(library: Library) -> None:
    what = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}}
    rule = library.rule("x", engine="great-expectations", implementation=what)
    contract = load_contracts(library.directory(library.contract(rules=[rule])))["loans"]
    assert contract.rules == ()
    expected = GivenExpectation(
        "expect_table_row_count_to_be_between", {"min_value": 1}, name="some_rule", message="some_rule is broken."
    )
    assert contract.expectations == (expected,)


def relation(sources: list[str], targets: list[str], **custom: str) -> dict[str, Any]:
    return {
        "id": "loan_exists",
        "from": [f"loans.{name}" for name in sources],
        "to": targets,
        "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
    }


@pytest.mark.parametrize(
    "broken",
    [
        relation(["loan_reference", "copy_number"], ["loan.reference"]),
        relation(["loan_reference", "copy_number"], ["loan.reference", "copy.number"]),
        relation(["loan_reference"], ["lone.reference"]),
        relation(["loan_refrence"], ["loan.reference"]),
        relation(["loan_reference"], ["loan.refrence"]),
        relation(["loan_reference"], ["loan.reference"], column="lone_reference"),
        relation(["loan_reference"], ["loan.reference"], severity="fatal"),
        relation(["loan_reference"], ["loan.reference"], colum="loan_reference"),
        relation(["lent_on"], ["loan.reference"]),
    ],
    ids=[
        "more columns here than there", "columns of two tables", "no such table", "no such column here",
        "no such column there", "no such column to point at", "no such severity", "misspelt property", "different types",
    ],
)  # fmt: skip
def test_a_reference_that_cannot_be_followed_is_a_fault(library: Library, broken: dict[str, Any]) -> None:
    mapping = {"table": "loan", "columns": {"reference": "loan_reference"}}
    loans = library.contract(relationships=[broken], custom={"mapping": mapping})
    assert faults_of(library.directory(loans, unified_loan(library)))


@pytest.mark.parametrize("others", [[], ["fines"], ["fines", "payments"]], ids=len)
def test_returns_that_refer_to_each_other_in_a_circle_are_a_fault(library: Library, others: list[str]) -> None:
    names = ["loans", *others]
    contracts = [
        library.contract(
            name=name, relationships=[{"id": "known", "from": f"{name}.loan_reference", "to": f"{after}.reference"}],
            custom={
                "mapping": {"table": f"u_{name}", "columns": {"reference": "loan_reference"}},
                "identification": {"fileName": rf"(?P<supplier_code>[A-Z]\d)_{name}_(?P<period_end>.{{10}})\.csv"},
            },
        )
        for name, after in zip(names, [f"u_{each}" for each in (*names[1:], names[0])], strict=True)
    ]  # fmt: skip
    (fault,) = faults_of(library.directory(*contracts, *(unified_loan(library, f"u_{name}") for name in names)))
    assert "refer to each other's rows in a circle" in fault
    assert all(name in fault for name in names)


def test_a_reference_is_read_with_its_columns(library: Library) -> None:
    mapping = {"table": "loan", "columns": {"reference": "loan_reference"}}
    good = relation(["loan_reference"], ["card.reference"], severity="warning", hint="Look again.")
    loans = library.contract(relationships=[good], custom={"mapping": mapping})
    directory = library.directory(loans, unified_loan(library), unified_loan(library, "card"))
    (reference,) = load_rulebook(directory).contracts["loans"].references
    assert (reference.name, reference.table, reference.columns) == (
        "loan_exists",
        "card",
        {"loan_reference": "reference"},
    )
    assert (reference.column, reference.severity, reference.hint) == ("loan_reference", "warning", "Look again.")


# Unified tables


def unified_loan(library: Library, table: str = "loan") -> dict[str, Any]:
    columns = [
        {"name": "reference", "logicalType": "string", "required": True},
        {"name": "fine", "logicalType": "number"},
    ]
    properties = {"layer": "unified", "identification": None, "reportingPeriod": None}
    return library.contract(name=f"unified-{table}", table=table, columns=columns, rules=[], custom=properties)


def test_a_mapping_must_fill_what_its_table_needs_and_nothing_else(library: Library) -> None:
    mapping = {"table": "loan", "columns": {"fine": "fine", "branhc": "branch"}}
    faults = faults_of(library.directory(library.contract(custom={"mapping": mapping}), unified_loan(library)))
    assert any("‘branhc’ is not a column of loan" in fault for fault in faults)
    assert any("nothing fills ‘reference’, which loan needs" in fault for fault in faults)


def test_a_mapping_to_no_table_is_a_fault(library: Library) -> None:
    mapping = {"table": "lone", "columns": {"reference": "loan_reference"}}
    (fault,) = faults_of(library.directory(library.contract(custom={"mapping": mapping}), unified_loan(library)))
    assert "there is no unified table ‘lone’ to map to" in fault


def test_two_returns_may_not_derive_the_same_table(library: Library) -> None:
    first = library.contract(name="first", table="loans")
    second = library.contract(name="second", table="loans")
    assert any("loans" in fault for fault in faults_of(library.directory(first, second)))


# A key of which a column may be empty


def _keyed(library: Library, **said: Any) -> dict[str, Any]:
    columns = library.columns()
    for column in columns:
        column.pop("primaryKey", None)
        column.pop("primaryKeyPosition", None)
    entry = {"id": "key", "type": "library", "metric": "duplicateValues", "mustBe": 0, **said}
    return library.contract(columns=columns, rules=[entry])


@pytest.mark.parametrize("names", [["branch", "returned_on"], ["Branch", "Returned on"]])
def test_a_key_with_an_empty_column_is_said_by_the_metric_of_the_standard(library: Library, names: list[str]) -> None:
    directory = library.directory(_keyed(library, arguments={"properties": names}))
    (contract,) = load_contracts(directory).returns()
    assert (contract.key, contract.table_rules) == (("branch", "returned_on"), ())
    rows = [library.row(Returned_on=day) for day in ("", "", "15/03/2024")]
    result = library.assess(library.csv(*rows), load_rulebook(directory))
    assert library.faults(result) == [(2, "Branch", "duplicate-row"), (3, "Branch", "duplicate-row")]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"arguments": {"properties": ["brunch"]}}, "there is no column ‘brunch’; did you mean ‘branch’?"),
        ({}, "name its columns under arguments.properties"),
        ({"arguments": {"properties": ["branch"]}, "mustBe": 1}, "with mustBe: 0"),
        ({"arguments": {"properties": ["branch"]}, "severity": "warning"}, "no warning"),
    ],
)
def test_a_key_that_is_not_said_is_a_fault(library: Library, said: dict[str, Any], words: str) -> None:
    faults = lint([library.directory(_keyed(library, **said))]).faults
    assert any(words in fault for fault in faults), faults


def test_a_key_is_said_once(library: Library) -> None:
    entry = {
        "id": "key",
        "type": "library",
        "metric": "duplicateValues",
        "mustBe": 0,
        "arguments": {"properties": ["branch"]},
    }
    (fault,) = lint([library.directory(library.contract(rules=[entry]))]).faults
    assert "a table has one key" in fault
