"""The JSON Schema for editors: made of what lint checks by, up to date in the repository, and as strict as lint is."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from editor import faults_in_editor
from pages import DOCS, ROOT, blocks, held_to

from probation_etl.cli import run_cli
from probation_etl.contracts.odcs import read_contracts
from probation_etl.contracts.odcs.editor_schema import FILE_NAME, editor_schema
from probation_etl.contracts.odcs.properties import language
from probation_etl.contracts.odcs.rules import IMPLEMENTATION

HOME = DOCS / "reference" / "contract-language"
SHIPPED = sorted((ROOT / "contracts").rglob("*.odcs.yaml"))
#: The complete contract of the pages.
LOANS = next(block.text for block in blocks(HOME / "README.md") if block.mark == "file: library-loans.odcs.yaml")


def test_the_schema_beside_the_shipped_contracts_is_up_to_date() -> None:
    held_to(ROOT / "contracts" / FILE_NAME, editor_schema())


def test_the_command_writes_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["contract", "schema"]) == 0
    printed = capsys.readouterr().out
    assert run_cli(["contract", "schema", "-o", str(tmp_path / FILE_NAME)]) == 0
    assert printed == (tmp_path / FILE_NAME).read_text("utf-8") == editor_schema()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_contract_names_the_schema_and_keeps_to_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(f"# yaml-language-server: $schema=../{FILE_NAME}\n")
    assert (path.parent / ".." / FILE_NAME).is_file()
    assert faults_in_editor(yaml.safe_load(text)) == []


#: A change of the complete contract, and where an editor shows it. Lint refuses each of them too.
SLIPS: dict[str, tuple[str, str, str]] = {
    "a misspelt key of the document": ("status: active", "stauts: active", ""),
    "a misspelt key of the table": ("    quality:", "    qualty:", "schema[0]"),
    "a misspelt key of a column": ("primaryKey: true", "primaryKy: true", "schema[0].properties[0]"),
    "a misspelt option": ("{minimum: 0,", "{minimun: 0,", "schema[0].properties[5].logicalTypeOptions"),
    "an option of another type": ("{format: dd/MM/yyyy}", "{maxLength: 9}", "schema[0].properties[3].logicalTypeOptions"),
    "a format of text": (
        "physicalName: Branch\n        logicalType: string",
        "physicalName: Branch\n        logicalType: string\n        logicalTypeOptions: {format: email}",
        "schema[0].properties[1].logicalTypeOptions",
    ),
    "a type that is not ours": ("logicalType: number", "logicalType: array", "schema[0].properties[5].logicalType"),
    "text for true": ("required: true", "required: 'yes'", "schema[0].properties[0].required"),
    "a version that is a number": ("version: 1.0.0", "version: 1.0", "version"),
    "a misspelt key of a rule": ("severity: error", "severty: error", "schema[0].quality[0]"),
    "a severity that is none": ("severity: error", "severity: fatal", "schema[0].quality[0].severity"),
    "a rule without an id": ("id: returned_after_lent", "name: returned_after_lent", "schema[0].quality[0]"),
    "a misspelt key of an implementation": ("column: returned", "colum: returned", "schema[0].quality[0].implementation"),
    "a metric that is not computed": (
        "    quality:\n",
        "    quality:\n      - {id: twice, metric: missingValues, mustBe: 0}\n",
        "schema[0].quality[0].metric",
    ),
    "a metric of a column that is of the table": (
        "        physicalName: Kind\n",
        "        physicalName: Kind\n        quality: [{id: few, metric: rowCount, mustBe: 0}]\n",
        "schema[0].properties[2].quality[0].metric",
    ),
    "a property that is not ours": ("property: layer", "property: layr", "customProperties[0].property"),
    "a value that is none of the list": ("value: return", "value: retrun", "customProperties[0].value"),
    "a misspelt key in a property": ("fileName:", "filName:", "customProperties[1].value"),
    "a value of another type": (
        "  - property: identification", "  - {property: reportingPeriod, value: {days: many}}\n  - property: identification",
        "customProperties[1].value.days",
    ),
    "a key that is missing in a property": (
        "  - property: identification", "  - {property: acceptance, value: {}}\n  - property: identification",
        "customProperties[1].value",
    ),
    "a value that is out of range": (
        "  - property: identification",
        "  - {property: acceptance, value: {quarantinedShare: 2}}\n  - property: identification",
        "customProperties[1].value.quarantinedShare",
    ),
    "a mapping that names no expression": (
        "  - property: identification",
        "  - {property: mapping, value: {table: loan, columns: {fine: {codes: {A: B}}}}}\n  - property: identification",
        "customProperties[1].value.columns.fine",
    ),
    "a code that no finding has": (
        "        physicalName: Kind\n",
        "        physicalName: Kind\n        customProperties: [{property: hints, value: {not-in-lists: Look.}}]\n",
        "schema[0].properties[2].customProperties[0].value",
    ),
    "a property of a contract in a column": (
        "        physicalName: Kind\n",
        "        physicalName: Kind\n        customProperties: [{property: acceptance, value: {quarantinedShare: 1}}]\n",
        "schema[0].properties[2].customProperties[0].property",
    ),
    "a unit that is not known": (
        "customProperties:\n", "slaProperties: [{property: latency, value: 5, unit: fortnight}]\ncustomProperties:\n",
        "slaProperties[0].unit",
    ),
    "two tables": ("customProperties:\n", "  - {name: other, properties: [{name: a}]}\ncustomProperties:\n", "schema"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_shown_where_it_is_and_lint_refuses_it_too(slip: str, tmp_path: Path) -> None:
    old, new, place = SLIPS[slip]
    assert faults_in_editor(yaml.safe_load(LOANS)) == []
    assert old in LOANS
    text = LOANS.replace(old, new, 1)
    assert place in [each.removeprefix("$") for each, _ in faults_in_editor(yaml.safe_load(text))]
    path = tmp_path / "library-loans.odcs.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_contracts([path]).faults


def test_properties_of_another_program_are_left_to_it() -> None:
    theirs = {"property": "colour", "value": {"any": ["thing"]}, "vendor": "other"}
    document = yaml.safe_load(LOANS)
    document["customProperties"].append(theirs)
    assert faults_in_editor(document) == []
    document["customProperties"][-1] = {**theirs, "vendor": "probation-etl"}
    assert [place for place, _ in faults_in_editor(document)] == ["customProperties[2].property"]


def test_a_rule_of_another_engine_is_left_to_it() -> None:
    document = deepcopy(yaml.safe_load(LOANS))
    document["schema"][0]["quality"].append({"type": "custom", "engine": "soda", "implementation": "checks: []"})
    assert faults_in_editor(document) == []


def test_every_key_of_a_rule_is_described() -> None:
    assert set(language()["implementation"]) == set(IMPLEMENTATION)


#: What several keys of the language share, by the reference to it.
SHARED = {
    f"#/$defs/{name}": inner
    for known in language().values() for schema in known.values() for name, inner in schema.get("$defs", {}).items()
}  # fmt: skip


def keys_of(schema: Any, prefix: str, definitions: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each key of the language with its schema, inner ones after the one that holds them; what several share is shown once."""
    if "$ref" in schema:
        yield from keys_of(definitions.pop(schema["$ref"].rpartition("/")[2], {}), prefix, definitions)
    for name, inner in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        yield path, SHARED[inner["$ref"]] if "$ref" in inner else inner
        yield from keys_of(inner, path, definitions)
    rest = schema.get("additionalProperties")
    for inner in (*([rest] if isinstance(rest, dict) else []), *([schema["items"]] if "items" in schema else [])):
        yield from keys_of(inner, prefix + ("[]" if inner is schema.get("items") else ".NAME"), definitions)
    for inner in schema.get("anyOf", ()):
        yield from keys_of(inner, prefix, definitions)


def described(kind: str) -> dict[str, str]:
    """What is said of each key of a kind; of a key that several forms have, what the first says."""
    found: dict[str, str] = {}
    for name, schema in language()[kind].items():
        for path, each in ((name, schema), *keys_of(schema, name, dict(schema.get("$defs", {})))):
            found.setdefault(path, each.get("description", ""))
    return found


@pytest.mark.parametrize("kind", language())
def test_every_key_has_a_short_description(kind: str) -> None:
    lacking = [
        key for key, words in described(kind).items() if not words.endswith(".") or len(words) > 160 or "\n" in words
    ]
    assert lacking == [], (
        "give each of these keys a ‘description’ in language.schema.json: at most 160 characters, and a full stop"
    )


HEADINGS = {
    "contract": "Properties of a contract",
    "column": "Properties of a column",
    "relationship": "Properties of a relationship",
    "implementation": "Keys of the implementation of a rule",
}


def test_the_page_of_keys_is_up_to_date() -> None:
    held_to(HOME / "keys.md", page())


def page() -> str:
    lines = [
        "# All keys", "",
        "The keys that the standard has no word for, with what an editor shows of them: see",
        "[an editor that knows the language](../../how-to/write-a-contract.md#an-editor-that-knows-the-language). `NAME` stands for a",
        "name of your choice, `[]` for the entries of a list. The other pages have an example of each.",
    ]  # fmt: skip
    for kind in language():
        lines += ["", f"## {HEADINGS.get(kind, kind)}", "", "| key | meaning |", "|---|---|"]
        lines += [f"| `{key}` | {words.replace('|', chr(92) + '|')} |" for key, words in described(kind).items()]
    return "\n".join(lines) + "\n"


def test_the_schema_is_small_and_refers_to_nothing_else() -> None:
    text = editor_schema()
    assert len(text) < 250_000
    schema = json.loads(text)
    assert {each.removeprefix("#/$defs/").split("/")[0] for each in _references(schema)} == set(schema["$defs"])


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from [schema["$ref"]] if isinstance(schema.get("$ref"), str) else []
        for each in schema.values():
            yield from _references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _references(each)
