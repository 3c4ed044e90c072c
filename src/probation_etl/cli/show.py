"""``probation-etl contract show``: what a contract requires, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probation_etl.cli.options import chosen
from probation_etl.cli.output import emit
from probation_etl.errors import UsageError

if TYPE_CHECKING:
    from probation_etl.contracts.model import Column, Contract, Reference, ReturnContract, TableContract
    from probation_etl.contracts.odcs import Contracts


@click.command()
@click.argument("contract_id", metavar="ID")
@click.option("--version", help="Version to show (default: the newest).")
@click.option(
    "--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: the shipped ones)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the contract as JSON.")
def show(contract_id: str, version: str | None, contracts: Path | None, as_json: bool) -> None:
    """Shows what the contract ID requires.

    That is: its columns with their types, headers and synonyms, its rules, who sends it for which periods, its versions and
    its limits.
    """
    from probation_etl.contracts.odcs import load_contracts

    found = load_contracts(contracts)
    described = _described(_version(contract_id, version, found), found)
    emit(json.dumps(described, ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(described)), None)


def _version(contract_id: str, version: str | None, contracts: Contracts) -> Contract:
    newest = chosen(contract_id, contracts)
    versions = {each.version: each for each in contracts.versions.get(contract_id, [newest])}
    if version is not None and version not in versions:
        raise UsageError(f"‘{contract_id}’ has no version {version}; expected one of {', '.join(versions)}.")
    return versions[version] if version else newest


def _described(contract: Contract, contracts: Contracts) -> dict[str, Any]:
    """The contract as plain data, without what it leaves open."""
    from probation_etl.contracts.model import ReturnContract, TableContract

    versions = contracts.versions.get(contract.id, [contract])
    return _said(
        {
            "id": contract.id, "version": contract.version, "title": contract.title,
            "description": contract.description, "layer": contract.layer, "table": contract.table,
            **(_sending(contract) if isinstance(contract, ReturnContract) else {}),
            **(_complete(contract) if isinstance(contract, TableContract) else {}),
            "versions": [
                _said({"version": each.version, "from": _text(each.effective_from), "to": _text(each.effective_to)})
                for each in versions
            ],
            "key": list(contract.key),
            "columns": [_column(each) for each in contract.columns],
            "rules": list(_rules(contract)),
        }
    )  # fmt: skip


def _sending(contract: ReturnContract) -> dict[str, Any]:
    """Who sends a return, in which files and when, and what becomes of it."""
    named, limit = contract.identification, contract.quarantined_share
    return {
        "sent_by": contract.supplier_kind, "file_name": named.file_name, "folder": named.folder, "sheet": named.sheet,
        "sheets": named.sheet_pattern, "by_row": {key.removesuffix("_code"): name for key, name in named.row_columns.items()},
        "cover": named.cover and {"sheet": named.cover.sheet, **named.cover.labels},
        "beside": _said(
            {"done marker": contract.delivery.done_marker, "control totals": contract.delivery.control_file, "together with": ", ".join(contract.delivery.together)}
        ),
        "in_the_file": _layout(contract),
        "csv": {"encoding": contract.encoding, "delimiter": contract.delimiter},
        "period_days": contract.period_days, "due": _due(contract), "mapped_to": contract.mapping.table,
        "rejected_above": f"{limit:.0%} of rows in quarantine" if limit < 1 else None,
    }  # fmt: skip


def _layout(contract: ReturnContract) -> dict[str, Any]:
    """How the rows stand in a file, where they do not simply stand below one header."""
    layout = contract.layout
    return _said(
        {
            "lines of the header": str(layout.header_rows) if layout.header_rows != 1 else None,
            "left out": ", ".join(each.name for each in layout.left_out),
            "not read": ", ".join((*layout.not_read.columns, *layout.not_read.sheets)),
        }
    )


def _complete(contract: TableContract) -> dict[str, Any]:
    """The returns that a unified table must have of every sender and period."""
    return {"complete": list(contract.completeness.returns) if contract.completeness else None}


def _due(contract: ReturnContract) -> str | None:
    """How often the return is sent and when it is due, in words."""
    level = contract.service_level
    often = str(level.frequency) if level.frequency else None
    latency = None if level.latency is None else f"{level.latency} working day(s) after the period end"
    return ", ".join(filter(None, (often, latency))) or None


def _column(column: Column) -> dict[str, Any]:
    from probation_etl.contracts.numbers import json_value

    words = {"required": column.required, "unique": column.unique, "restricted": column.restricted}
    bounds = {
        **{each.word: each.bound for each in column.interval.limits},
        "at least characters": column.length.least, "at most characters": column.length.most,
        "at most decimals": column.decimals,
    }  # fmt: skip
    return _said(
        {
            "name": column.name, "type": column.type, "header": column.header, "synonyms": list(column.synonyms),
            **{word: True for word, so in words.items() if so},
            "form": column.pattern, "formats": list(column.formats),
            "limits": {word: json_value(bound) for word, bound in bounds.items() if bound is not None},
            "decimals after": column.decimal_separator.strip("."),
            "year of two digits, at most": column.year_pivot,
            "synonyms of values": dict(column.value_synonyms), "of no matter": list(column.ignored),
            "values of a cell set apart by": column.separator, "unit": list(column.unit_texts),
            "white space": "kept" if column.keeps_blanks else None,
            "true": [] if column.true_values == ("true",) else [*column.true_values],
            "false": [] if column.false_values == ("false",) else [*column.false_values],
            "values": dict(column.labels), "empty": list(column.null_tokens),
            "left_out": [f"[{each}]" for each in column.shorthand], "marks": [f"[{each}]" for each in column.markers],
            "warnings": [code for code, severity in column.severities.items() if severity == "warning"],
            "description": column.description,
        }
    )  # fmt: skip


def _rules(contract: Contract) -> Iterator[dict[str, str]]:
    from probation_etl.contracts.model import ReturnContract

    for row in contract.rules:
        looked_up = "".join(f"; {name}: {lookup}" for name, lookup in row.lookups.items())
        yield _rule("row", row, f"{row.expression}{looked_up}")
    for table in contract.table_rules:
        yield _rule("table", table, table.expression)
    for across in contract.cross_rules if isinstance(contract, ReturnContract) else ():
        yield _rule("across", across, f"{across.this} {across.operator} {across.other} of {across.table}")
    for query in contract.query_rules if isinstance(contract, ReturnContract) else ():
        yield _rule("query", query, " ".join(query.query.split()))
    for each, named in _references(contract):
        there = ", ".join(f"{here} = {named}.{other}" for here, other in each.columns.items())
        yield {"name": f"{each.column}|{each.name}", "severity": each.severity, "condition": there, "message": ""}


def _references(contract: Contract) -> Iterator[tuple[Reference, str]]:
    """What rows refer to, and how the contract names its table."""
    from probation_etl.contracts.model import ReturnContract
    from probation_etl.contracts.model.rules import REFERENCED

    yield from ((each, each.table) for each in contract.references)
    if isinstance(contract, ReturnContract):
        yield from ((each, f"{REFERENCED}{each.table}") for each in contract.memberships)
        yield from ((each, each.table) for each in contract.own_references)


def _rule(kind: str, rule: Any, condition: str) -> dict[str, str]:
    return {"name": f"{kind}|{rule.name}", "severity": rule.severity, "condition": condition, "message": rule.message}


def _said(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value not in (None, "", [], {})}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _lines(described: Mapping[str, Any]) -> Iterator[str]:
    yield f"{described['id']} {described['version']}: {described['title']}"
    for name, value in described.items():
        if name not in ("id", "version", "title", "columns", "rules", "versions"):
            yield f"  {name.replace('_', ' ')}: {_in_words(value)}"
    for each in described["versions"]:
        yield f"  version {each['version']}: from {each.get('from', 'the first')} to {each.get('to', 'now on')}"
    yield "\nColumns"
    for column in described["columns"]:
        yield from _part(
            f"{column['name']} ({column['type']}): ‘{column['header']}’", column, ("name", "type", "header")
        )
    yield "\nRules over several columns, the table and other returns" if "rules" in described else ""
    for rule in described.get("rules", ()):
        yield from _part(f"{rule['name']} ({rule['severity']})", rule, ("name", "severity"))


def _part(title: str, part: Mapping[str, Any], shown: Iterable[str]) -> Iterator[str]:
    yield f"  {title}"
    words = ", ".join(name for name, value in part.items() if value is True)
    if words:
        yield f"    {words}"
    for name, value in part.items():
        if name not in shown and value is not True and value:
            yield f"    {name.replace('_', ' ')}: {_in_words(value)}"


def _in_words(value: Any) -> str:
    """A value on one line. A label that equals its code is written once."""
    if isinstance(value, dict):
        pairs = (key if key == each else f"{key.replace('_', ' ')}: {each}" for key, each in value.items())
        return "; ".join(pairs)
    return ", ".join(map(str, value)) if isinstance(value, list) else " ".join(str(value).split())
