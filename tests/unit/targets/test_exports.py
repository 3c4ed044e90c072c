"""What an export holds, what it says it does not hold, and that the two together are the whole contract."""

from __future__ import annotations

import ast
import json
import re
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from click.testing import CliRunner

from probation_etl.cli.hand_over import _TARGETS
from probation_etl.cli.hand_over import export as command
from probation_etl.contracts.checks import Schema
from probation_etl.contracts.lint.rules import compile_contract
from probation_etl.contracts.model import Contract, CrossRule, Mapping, ReturnContract, TableContract, TableRule
from probation_etl.contracts.patterns import plain_pattern, polars_pattern, python_pattern, whole_pattern
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.errors import EnvironmentFailure, UsageError
from probation_etl.targets import _WRITERS, TARGETS, export
from probation_etl.targets.expressed import handed_over

if TYPE_CHECKING:
    from conftest import Library

RETURNS = (
    "crc-breaches", "crc-caseload", "crc-suspended-breaches", "nps-breaches", "nps-caseload", "nps-suspended-breaches",
)  # fmt: skip
TABLES = ("breach", "caseload", "suspended_breach", "national_tracker", "weekly_breaches")


@cache
def the_rulebook() -> Rulebook:
    return load_rulebook()


@cache
def exported(contract_id: str, target: str) -> str:
    return export(the_rulebook().contracts[contract_id], target, rulebook=the_rulebook())


def every_rule(contract: Contract) -> set[str]:
    schema = the_rulebook().schema_of(contract) if isinstance(contract, ReturnContract) else compile_contract(contract)
    return {
        *schema.rules,
        *(f"table|{each.name}" for each in contract.table_rules),
        *(f"across|{each.name}" for each in (contract.cross_rules if isinstance(contract, ReturnContract) else ())),
        *(f"{each.column}|{each.name}" for each in contract.references),
    }


def counted(contract: Contract) -> set[str]:
    """Release checks that count in the store."""
    return {f"table|{each.name}" for each in (contract.release_queries if isinstance(contract, TableContract) else ())}


def held(text: str, target: str) -> set[str]:
    """Rules that the export really holds, read from its own parts."""
    if target == "pandera":
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
        return {ast.literal_eval(call.args[0]) for call in calls if getattr(call.func, "id", "") == "rule"}
    document = json.loads(text)
    if target == "great-expectations":
        return {each["meta"]["rule"] for each in document["expectations"] if "rule" in each["meta"]}
    return in_properties(document) if target == "json-schema" else in_fields(document)


def in_properties(document: dict[str, Any]) -> set[str]:
    kinds = {
        "pattern": "pattern", "minLength": "length", "maxLength": "length", "minimum": "range", "maximum": "range",
        "exclusiveMinimum": "range", "exclusiveMaximum": "range", "enum": "enum", "multipleOf": "decimals",
    }  # fmt: skip
    found = {f"{name}|{kinds[key]}" for name, each in document["properties"].items() for key in each if key in kinds}
    return found | {f"{name}|required" for name in document["required"]}


def in_fields(document: dict[str, Any]) -> set[str]:
    kinds = {"minLength": "length", "maxLength": "length", "minimum": "range", "maximum": "range"}
    found = {"key|unique"} if "primaryKey" in document else set()
    for field in document["fields"]:
        name = field["title"]
        found |= {f"{name}|{kinds.get(key, key)}" for key in field.get("constraints", ())}
        found |= {f"{name}|type"} if field["type"] != "string" else set()
        found |= {f"{name}|integer"} if field["type"] == "integer" else set()
    return found


def lost(text: str, target: str) -> dict[str, str]:
    if target == "pandera":
        return constant(text, "NOT_EXPRESSED")
    document = json.loads(text)
    entries = document.get("meta", document)["_probation_etl"]["not_expressed"]
    return {each["rule"]: each["why"] for each in entries}


def also(text: str, target: str) -> dict[str, str]:
    if target == "pandera":
        return constant(text, "ALSO")
    document = json.loads(text)
    return {each["part"]: each["why"] for each in document.get("meta", document)["_probation_etl"]["also"]}


def constant(text: str, name: str) -> dict[str, str]:
    (given,) = [
        node.value for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name
    ]  # fmt: skip
    found: dict[str, str] = ast.literal_eval(given)
    return found


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("contract_id", [*RETURNS, *TABLES])
def test_every_rule_is_either_exported_or_reported_as_lost(contract_id: str, target: str) -> None:
    text, contract = exported(contract_id, target), the_rulebook().contracts[contract_id]
    rules, there, gone = every_rule(contract), held(text, target), lost(text, target)
    assert there | set(gone) == rules | counted(contract)
    assert there & set(gone) == set()
    assert all(gone.values())
    assert {each.name for each in handed_over(schema_of(contract))} == rules


def schema_of(contract: Contract) -> Schema:
    return the_rulebook().schema_of(contract) if isinstance(contract, ReturnContract) else compile_contract(contract)


@pytest.mark.parametrize("target", [each for each in TARGETS if each != "pandera"])
@pytest.mark.parametrize("contract_id", [*RETURNS, *TABLES])
def test_what_an_export_says_of_itself_is_so(contract_id: str, target: str) -> None:
    text = exported(contract_id, target)
    document = json.loads(text)
    said = document.get("meta", document)["_probation_etl"]
    assert (said["contract"], said["version"]) == (contract_id, the_rulebook().contracts[contract_id].version)
    assert set(said["expressed"]) == held(text, target)


@pytest.mark.parametrize("target", TARGETS)
def test_rules_over_tables_and_other_returns_are_reported_as_lost(target: str) -> None:
    contract = replace(
        the_rulebook().contracts["nps-suspended-breaches"],
        table_rules=(TableRule(name="some_rows", expression="COUNT(*) > 0", severity="error", message="Send rows."),),
        cross_rules=(
            CrossRule(
                name="no_more",
                this="COUNT(*)",
                operator="<=",
                table="breach",
                other="COUNT(*)",
                severity="error",
                message="Too many.",
            ),
        ),
        mapping=Mapping("breach", ()),
    )
    gone = lost(_WRITERS[target](compile_contract(contract)), target)
    (reference,) = contract.references
    expected = {"table|some_rows", "across|no_more", f"{reference.column}|{reference.name}"}
    assert expected <= set(gone)
    assert all("returns" in gone[name] or "table" in gone[name] for name in expected)


def test_a_row_rule_that_counts_working_days_is_lost_everywhere() -> None:
    for target in TARGETS:
        assert "row|logged_in_time" in lost(exported("nps-breaches", target), target)


def test_synonyms_of_headers_are_reported_as_lost() -> None:
    for target in TARGETS:
        assert also(exported("crc-caseload", target), target)["ldu|synonyms"].endswith("LDU, LDU cluster")


@pytest.mark.parametrize(("target", "told"), [("great-expectations", False), ("pandera", True)])
def test_a_warning_is_exported_as_one_or_reported_as_lost(target: str, told: bool, library: Library) -> None:
    rule = library.rule("returned_on > lent_on", name="late", column="returned_on", severity="warning")
    rulebook = library.rulebook(library.contract(rules=[rule]))
    text = export(rulebook.contracts["loans"], target, rulebook=rulebook)
    assert ("row|late|severity" in also(text, target)) is told
    if not told:
        severities = {each["meta"]["rule"]: each["severity"] for each in json.loads(text)["expectations"]}
        assert (severities["row|late"], severities["key|unique"]) == ("warning", "critical")


def test_what_a_contract_allows_beyond_a_field_takes_its_type_away(library: Library) -> None:
    columns = library.columns(
        copy_number={"customProperties": [{"property": "thousandsSeparator", "value": ","}]},
        fine={"required": True, "customProperties": [
            {"property": "shorthand", "value": ["c"]}, {"property": "nullTokens", "value": ["n/a"]},
        ]},
    )  # fmt: skip
    rulebook = library.rulebook(library.contract(columns=columns))
    text = export(rulebook.contracts["loans"], "frictionless", rulebook=rulebook)
    fields = {each["title"]: each for each in json.loads(text)["fields"]}
    assert fields["copy_number"]["type"] == "string"
    assert {"copy_number|type", "copy_number|integer", "copy_number|range"} <= set(lost(text, "frictionless"))
    assert fields["fine"]["missingValues"] == ["", "n/a", "[c]"]
    assert "required" not in fields["fine"]["constraints"]
    for target in TARGETS:
        assert "[c]" in lost(export(rulebook.contracts["loans"], target, rulebook=rulebook), target)["fine|required"]


HOSTILE = "\"\"\" ''' \" ' \\ \n \r \t \u2028 {x} %s \\N{BEL} #"


def test_texts_of_a_contract_cannot_leave_their_literals_in_the_script(library: Library) -> None:
    contract = library.rulebook().contracts["loans"]
    branch = replace(contract.column("branch"), labels={HOSTILE: HOSTILE}, header=HOSTILE, synonyms=(HOSTILE,))
    rule = replace(contract.rules[0], message=HOSTILE, expression="branch <> 'it''s \"\"\" \\ \n'")
    columns = tuple(branch if each.name == "branch" else each for each in contract.columns)
    odd = replace(contract, id=HOSTILE, version=HOSTILE, columns=columns, rules=(rule,), mapping=Mapping("loan", ()))
    names: dict[str, Any] = {"__name__": "exported"}
    exec(_WRITERS["pandera"](compile_contract(odd)), names)  # noqa: S102 -- what the export is for
    assert (names["CONTRACT"], names["VERSION"], names["SCHEMA"].name) == (HOSTILE, HOSTILE, HOSTILE)
    assert {check.name: check.description for check in names["SCHEMA"].checks}[f"row|{rule.name}"] == HOSTILE
    assert HOSTILE in names["ALSO"]["branch|synonyms"]


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"^L\d{2}$", "L12", "L12\n"), (r"^L\d{2}$", "L12", "L١٢"), (r"^[\d-]+$", "1-2", "1-٢"), (r"^\\d$", r"\d", "1"),
        (r"^[$]$", "$", "x"), ("b", "abc", "ac"), ("^a|c$", "xc", "cx"), (r"a\$", "xa$x", "a"), (r"^[[\d]$", "[", "]"),
        (r"^[a&&b]$", "&", "|"), (r"^[^\d]$", "x", "1"), (r"^[a~~b||c]+$", "a~|", "[]"),
    ],
)  # fmt: skip
def test_patterns_mean_the_same_in_every_engine(pattern: str, good: str, bad: str) -> None:
    written, whole = python_pattern(pattern), whole_pattern(pattern)
    assert (bool(re.search(written, good)), bool(re.search(written, bad))) == (True, False)
    assert (bool(re.match(f"^{whole}$", good)), bool(re.match(f"^{whole}$", bad))) == (True, False)
    assert pl.Series([good, bad]).str.contains(polars_pattern(pattern)).to_list() == [True, False]
    with warnings.catch_warnings(action="ignore"):  # Python reserves two of a sign in brackets, ECMA-262 does not
        assert re.search(plain_pattern(pattern), good)


def test_a_pattern_that_python_does_not_know_is_lost() -> None:
    assert python_pattern(r"^\p{Lu}$") is None
    assert whole_pattern(r"^\p{Lu}$") is None


def test_the_bounds_of_a_field_are_inclusive_and_let_the_same_values_through(library: Library) -> None:
    columns = library.columns(
        copy_number={"logicalTypeOptions": {"exclusiveMinimum": 0, "exclusiveMaximum": 100, "maximum": 50}},
        lent_on={"logicalTypeOptions": {"format": "dd/MM/yyyy", "exclusiveMinimum": "2024-02-29"}},
    )
    rulebook = library.rulebook(library.contract(columns=columns))
    document = json.loads(export(rulebook.contracts["loans"], "frictionless", rulebook=rulebook))
    bounds = {each["title"]: each.get("constraints", {}) for each in document["fields"]}
    assert (bounds["copy_number"]["minimum"], bounds["copy_number"]["maximum"]) == (1, 50)
    assert bounds["lent_on"]["minimum"] == "01/03/2024"
    assert (bounds["fine"]["minimum"], bounds["fine"]["maximum"]) == (0, 49.999999)


def test_there_is_no_other_target() -> None:
    contract = the_rulebook().contracts["breach"]
    with pytest.raises(UsageError, match="did you mean ‘pandera’"):
        export(contract, "panderas", rulebook=the_rulebook())


# The command


def test_the_command_knows_the_targets() -> None:
    assert _TARGETS == TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_the_command_prints_the_export_or_writes_it(target: str, tmp_path: Path) -> None:
    path = tmp_path / "export"
    arguments = ["nps-caseload", "--to", target]
    printed = CliRunner().invoke(command, arguments, catch_exceptions=False)
    written = CliRunner().invoke(command, [*arguments, "-o", str(path)], catch_exceptions=False)
    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    assert printed.stdout == path.read_text(encoding="utf-8") == exported("nps-caseload", target).rstrip("\n") + "\n"


def test_an_unknown_contract_is_refused_with_the_nearest_one() -> None:
    result = CliRunner().invoke(command, ["crc-caselaod", "--to", "pandera"])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert str(result.exception) == "There is no contract ‘crc-caselaod’; did you mean ‘crc-caseload’?"


@pytest.mark.parametrize("arguments", [["crc-caseload"], ["crc-caseload", "--to", "excel"], ["--to", "pandera"]])
def test_a_target_and_a_contract_must_be_named(arguments: list[str]) -> None:
    assert CliRunner().invoke(command, arguments).exit_code == 2


def test_a_file_that_cannot_be_written_is_a_failure_of_the_environment(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["breach", "--to", "json-schema", "-o", str(tmp_path / "none" / "x.json")])
    assert isinstance(result.exception, EnvironmentFailure)
    assert "cannot be written: No such file or directory." in str(result.exception)


def test_the_command_takes_contracts_from_a_directory(library: Library) -> None:
    directory = library.directory(library.contract())
    done = CliRunner().invoke(
        command, ["loans", "--to", "json-schema", "--contracts", str(directory)], catch_exceptions=False
    )
    assert json.loads(done.stdout)["title"] == "loans"
