"""The exports of a contract, each run in its own tool, and whether it finds in a return what we find."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.model import Contract
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.identify import identify
from probation_etl.intake.parse import TypedTable, parse
from probation_etl.intake.readers import read_grids
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.intake.table import RawTable, extract
from probation_etl.intake.validate import validate_rows
from probation_etl.targets import _WRITERS
from probation_etl.targets.expressed import handed_over

#: Failing rows by name of rule.
Failing = dict[str, set[int]]


@dataclass(frozen=True)
class Assessed:
    """A return with its typed rows and our findings."""

    schema: Schema
    table: RawTable
    parsed: TypedTable
    found: Failing

    @property
    def contract(self) -> Contract:
        return self.schema.contract

    def export(self, target: str) -> str:
        return _WRITERS[target](self.schema)

    def certain(self, columns: Iterable[str]) -> set[int]:
        """Rows whose cells in these columns could be read."""
        sure = pl.Series([True] * self.table.frame.height, dtype=pl.Boolean)
        for name in columns:
            sure &= ~self.parsed.uncertain.get(name, ~sure & False)
        return set(self.table.frame["source_row"].filter(sure))


@cache
def the_rulebook() -> Rulebook:
    return load_rulebook()


def expressed(text: str, schema: Schema) -> set[str]:
    """Rules that an export says it expresses."""
    if text.startswith("{"):
        document = json.loads(text)
        return set(document.get("meta", document)["_probation_etl"]["expressed"])
    return {rule.name for rule in handed_over(schema)} - set(script(text)["NOT_EXPRESSED"])


def script(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec"), names)  # noqa: S102 -- what the export is for
    return names


def judge(name: str, data: bytes, given: Given = NOTHING_GIVEN, rulebook: Rulebook | None = None) -> list[Assessed]:
    rulebook = rulebook or the_rulebook()
    grids = read_grids(data)
    each = identify(name, grids, rulebook.returns(), rulebook.reference, given)
    return [assessed for found in each if (assessed := judge_one(found, rulebook)) is not None]


def judge_one(found: FoundReturn, rulebook: Rulebook) -> Assessed | None:
    if found.contract is None or found.grid is None:
        return None
    table, supplier = extract(found.grid, found.contract), found.sender.supplier
    assert table is not None
    context = {
        "supplier_code": supplier and supplier.code, "supplier_kind": supplier and supplier.kind,
        "period_start": found.sender.period_start, "period_end": found.sender.period_end,
    }  # fmt: skip
    schema = rulebook.schema_of(found.contract)
    parsed = parse(table, schema, context)
    findings = validate_rows(table, parsed, schema, lambda _table: None)
    rows: Failing = defaultdict(set)
    for rule, row in findings.select("rule", "row").drop_nulls().rows():
        rows[rule].add(row)
    return Assessed(schema, table, parsed, rows)


# The tools: each gives the failing rows by name of rule, from the export and the rows alone


def in_great_expectations(text: str, assessed: Assessed) -> Failing:
    from expectation_frames import batch_of
    from probation_etl.unified.release_checks.silence import quiet

    failing: Failing = defaultdict(set)
    with quiet():
        import great_expectations as gx

        suite = gx.ExpectationSuite(**json.loads(text))
        form = {"result_format": "COMPLETE", "unexpected_index_column_names": ["source_row"]}
        results = batch_of(assessed.parsed.frame).validate(suite, result_format=form).results
    for each in results:
        assert (each.exception_info or {}).get("raised_exception") is False, each.exception_info
        rows = each.result.get("unexpected_index_list") or []
        failing[each.expectation_config.meta["rule"]] |= {int(row["source_row"]) for row in rows}
    return failing


def in_pandera(text: str, assessed: Assessed) -> Failing:
    from pandera.errors import SchemaErrors

    problems, failing = [], defaultdict(set)
    try:
        script(text)["SCHEMA"].validate(assessed.parsed.frame, lazy=True)
    except SchemaErrors as error:
        problems = error.schema_errors
    for each in problems:
        assert isinstance(each.check_output, pl.DataFrame), each
        failing[each.check.name] |= set(assessed.parsed.frame["source_row"].filter(~each.check_output.to_series()))
    return failing


_KINDS = {
    "pattern": "pattern", "minLength": "length", "maxLength": "length", "minimum": "range", "maximum": "range",
    "exclusiveMinimum": "range", "exclusiveMaximum": "range", "enum": "enum", "multipleOf": "decimals",
}  # fmt: skip


def in_json_schema(text: str, assessed: Assessed, *, left_out: bool = False) -> Failing:
    from jsonschema import Draft202012Validator, FormatChecker

    schema = json.loads(text, parse_float=Decimal)
    Draft202012Validator.check_schema(json.loads(text))
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    failing: Failing = defaultdict(set)
    for row in assessed.parsed.frame.select("source_row", *assessed.contract.column_names).iter_rows(named=True):
        values = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        if left_out:
            values = {name: value for name, value in values.items() if value is not None}
        for error in validator.iter_errors(values):
            for name in named_by_json_schema(error, values):
                failing[name].add(row["source_row"])
    return failing


def named_by_json_schema(error: Any, row: Mapping[str, Any]) -> list[str]:
    if error.validator == "required":
        return [f"{name}|required" for name in error.validator_value if name not in row]
    column = error.absolute_path[0]
    return [f"{column}|required" if error.instance is None else f"{column}|{_KINDS[error.validator]}"]


def in_frictionless(text: str, path: Path, contract: Contract) -> Failing:
    pytest.importorskip("frictionless", reason="frictionless is a development dependency: it is not installed")
    from frictionless import Resource, Schema, system

    with system.use_context(trusted=True):
        report = Resource(path=str(path), schema=Schema.from_descriptor(json.loads(text))).validate(limit_errors=10**6)
    names = {column.header: column.name for column in contract.columns}
    failing: Failing = defaultdict(set)
    for error in report.task.errors:
        for rule, rows in named_by_frictionless(error, names):
            failing[rule] |= rows
    return failing


def named_by_frictionless(error: Any, names: Mapping[str, str]) -> list[tuple[str, set[int]]]:
    """A cell of no type breaks one rule or the other: frictionless does not say which.

    A key without any value is an error there beside the missing values, as the export says.
    """
    if error.type == "primary-key" and 'all "None"' in error.note:
        return []
    same = re.search(r"the same as in the row at position (\d+)", error.note)
    rows = {error.row_number} | ({int(same[1])} if same else set())
    if error.type == "primary-key":
        return [("key|unique", rows)]
    column = names[error.field_name]
    if error.type == "type-error":
        return [(f"{column}|type", rows), (f"{column}|integer", rows)]
    if error.type == "unique-error":
        return [(f"{column}|unique", rows)]
    assert error.type == "constraint-error", error
    given = re.match(r'constraint "(\w+)"', error.note)
    assert given is not None
    return [(f"{column}|{_KINDS.get(given[1], given[1])}", rows)]


# Agreement


TYPED: dict[str, Callable[[str, Assessed], Failing]] = {
    "great-expectations": in_great_expectations, "pandera": in_pandera, "json-schema": in_json_schema,
}  # fmt: skip


def assert_typed_agreement(target: str, assessed: Assessed) -> None:
    """Where a cell could not be read, a typed frame has no value, and the tools may call it missing: we do not."""
    text = assessed.export(target)
    failing, rules = TYPED[target](text, assessed), expressed(text, assessed.schema)
    assert set(failing) <= rules
    for rule in rules:
        certain = assessed.certain(assessed.schema.rules[rule].columns)
        assert failing.get(rule, set()) & certain == assessed.found.get(rule, set()), (assessed.contract.id, rule)


def assert_frictionless_agreement(assessed: Assessed, path: Path) -> None:
    text = assessed.export("frictionless")
    failing, rules = in_frictionless(text, path, assessed.contract), expressed(text, assessed.schema)
    assert set(failing) - {f"{column.name}|integer" for column in assessed.contract.columns} <= rules
    for rule in rules:
        ours = assessed.found.get(rule, set()) | assessed.found.get(other_name(rule), set())
        assert failing.get(rule, set()) == ours, (assessed.contract.id, rule)


def other_name(rule: str) -> str:
    """Frictionless reports one error of type for a cell that is not a number and for one that is not a whole number."""
    column, _, kind = rule.partition("|")
    return f"{column}|" + {"type": "integer", "integer": "type"}.get(kind, kind)


def write_csv(path: Path, contract: Contract, rows: Iterable[Mapping[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.header for column in contract.columns])
    writer.writerows([row[name] for name in contract.column_names] for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8")
