"""From a document of the ODCS to a contract. Faults go into the document; what cannot be read is left out.

What the standard has a word for is read from that word; the rest stands in ``customProperties`` and is described in
``docs/reference/contract-language/``.
"""

from __future__ import annotations

import codecs
from datetime import date
from pathlib import Path
from typing import Any, TypedDict

from probation_etl.contracts.date_formats import format_faults
from probation_etl.contracts.model import (
    LINEAGE_COLUMNS,
    RESERVED_NAMES,
    Column,
    Contract,
    Cover,
    Identification,
    Layer,
    Mapping,
    Reference,
    ReferenceContract,
    ReturnContract,
    Rule,
    TableContract,
    TableRule,
)
from probation_etl.contracts.odcs.columns import read_columns, read_key
from probation_etl.contracts.odcs.document import Document
from probation_etl.contracts.odcs.mapping import read_mapping
from probation_etl.contracts.odcs.possible import derived_faults, group_faults
from probation_etl.contracts.odcs.properties import custom_properties, read_date, read_pattern
from probation_etl.contracts.odcs.rules import (
    read_derived,
    read_expectations,
    read_references,
    read_release_queries,
    read_rules,
)
from probation_etl.contracts.odcs.schema_errors import Steps
from probation_etl.contracts.odcs.service_levels import read_service_level
from probation_etl.contracts.odcs.totals import read_activity, read_measures, read_reconciles, read_replaced
from probation_etl.contracts.service_levels import ServiceLevel

_COVER_LABELS = {
    "supplierName": "supplier_name",
    "supplierCode": "supplier_code",
    "periodStart": "period_start",
    "periodEnd": "period_end",
    "controlRows": "control_rows",
}


class _Common(TypedDict):
    """What every contract says, by the names of its fields."""

    id: str
    version: str
    title: str
    description: str
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...]
    table_rules: tuple[TableRule, ...]
    references: tuple[Reference, ...]
    expectations: tuple[dict[str, Any], ...]
    derived: dict[str, tuple[str, tuple[str, ...]]]
    effective_from: date | None
    effective_to: date | None
    path: Path
    lines: dict[str, int]


class _Sent(TypedDict):
    """What the contract of a return says of its file and its sender, by the names of its fields."""

    identification: Identification
    supplier_kind: str | None
    expected_level: str | None
    service_level: ServiceLevel
    period_days: int | None
    layout_of: str | None
    quarantined_share: float
    delimiter: str
    encoding: str


def convert(document: Document) -> Contract:
    """The contract that a document describes.

    The document must have passed the standard's own schema. Faults of our own keys are added to the document;
    the contract is only good for use when there are none.
    """
    data = document.data
    custom = custom_properties(document, data, (), "contract")
    table, steps = _table(document)
    layer: Layer = custom.get("layer", "return")
    rules = read_rules(document, table, steps, released=layer in ("unified", "view"))
    for rule in rules.cross if layer != "return" else ():
        document.fault((*steps, "quality"), f"the rule ‘{rule.name}’ compares returns: only the contract of one has it")
    columns = read_columns(document, table, steps, reserved=RESERVED_NAMES if layer == "return" else LINEAGE_COLUMNS)
    derived = _derived(document, custom, columns)
    begins, ends = _in_force(document, custom)
    common = _Common(
        id=data["id"],
        version=data["version"],
        title=data.get("name", data["id"]),
        description=" ".join((data.get("description") or {}).get("purpose", "").split()),
        table=table.get("name", data["id"]),
        columns=columns,
        key=read_key(table),
        rules=tuple(rules.row),
        table_rules=tuple(rules.table),
        references=tuple(read_references(document, table, steps)),
        expectations=tuple(read_expectations(document, table, steps)),
        derived=derived,
        effective_from=begins,
        effective_to=ends,
        path=document.path,
        lines=_lines(document),
    )
    sent = _sent(document, custom)
    if layer == "return":
        return ReturnContract(
            **common, **sent, mapping=_mapping(custom, common), cross_rules=tuple(rules.cross),
        )  # fmt: skip
    if layer == "reference":
        return ReferenceContract(**common, delimiter=sent["delimiter"], encoding=sent["encoding"])
    return TableContract(
        **common,
        is_view=layer == "view",
        query=custom.get("query"),
        measures=read_measures(custom.get("measures", ())),
        replaced=read_replaced(custom.get("replaced")),
        reconciles=read_reconciles(custom.get("reconciles", ())),
        activity=read_activity(custom.get("activity")),
        release_queries=tuple(read_release_queries(document, table, steps)),
    )


def _sent(document: Document, custom: dict[str, Any]) -> _Sent:
    """Who sends a return, when and how. It is read whatever the layer: a slip in it is never passed over."""
    suppliers, period = custom.get("suppliers", {}), custom.get("reportingPeriod", {})
    delimiter, encoding = _server(document)
    return _Sent(
        identification=_identification(document, custom.get("identification", {})),
        supplier_kind=suppliers.get("kind"),
        expected_level=suppliers.get("expectedLevel"),
        service_level=read_service_level(document, period, _property(document, "reportingPeriod")),
        period_days=period.get("days"),
        layout_of=custom.get("layoutOf"),
        quarantined_share=float(custom.get("acceptance", {}).get("quarantinedShare", 1)),
        delimiter=delimiter,
        encoding=encoding,
    )


def _mapping(custom: dict[str, Any], common: _Common) -> Mapping:
    if "mapping" in custom:
        return read_mapping(custom["mapping"])
    return Mapping.to_own_table(common["table"], (each.name for each in common["columns"]))


def _derived(
    document: Document, custom: dict[str, Any], columns: tuple[Column, ...]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    derived = {name: read_derived(what) for name, what in custom.get("derived", {}).items()}
    for name, (_, sources) in derived.items():
        faults = list(derived_faults(name, sources, columns))
        document.sound &= not faults
        for fault in faults:
            document.fault(_property(document, "derived"), fault)
    return derived


def _in_force(document: Document, custom: dict[str, Any]) -> tuple[date | None, date | None]:
    begins, ends = (read_date(document, custom.get(key), key) for key in ("effectiveFrom", "effectiveTo"))
    if begins and ends and ends < begins:
        document.fault(
            ("customProperties",), f"effectiveTo is {ends}, before effectiveFrom, {begins}: it never applies"
        )
    return begins, ends


def _lines(document: Document) -> dict[str, int]:
    """Line of each named part, by what it is and its name."""
    lines: dict[str, int] = {}
    for steps, line in document.lines.items():
        value = _at(document.data, steps)
        if steps[:2] == ("schema", 0) and len(steps) == 4 and isinstance(value, dict):
            kind = {"properties": "column", "quality": "rule", "relationships": "reference"}.get(str(steps[2]), "")
            lines[f"{kind} ‘{value.get('name') if kind == 'column' else value.get('id')}’"] = line
        elif steps[:1] == ("customProperties",) and len(steps) > 2:
            name = (_at(document.data, steps[:2]) or {}).get("property", "")
            if name == "mapping" and len(steps) == 5 and steps[3] == "columns":
                lines[f"mapping of ‘{steps[4]}’"] = line
            elif name == "mapping" and len(steps) == 7 and steps[3] == "unpivot":
                lines[f"mapping of ‘{steps[6]}’ in ‘{steps[4]}’"] = line
            elif len(steps) == 3:
                lines.setdefault(name, line)
    return lines


def _at(data: Any, steps: Steps) -> Any:
    """What stands there; None where it has been taken out as faulty."""
    try:
        for step in steps:
            data = data[step]
    except (KeyError, IndexError, TypeError):
        return None
    return data


def _property(document: Document, name: str) -> Steps:
    """Where a custom property of the contract stands."""
    given = document.data.get("customProperties") or ()
    place = next((at for at, each in enumerate(given) if each.get("property") == name), None)
    return ("customProperties",) if place is None else ("customProperties", place)


def _table(document: Document) -> tuple[dict[str, Any], Steps]:
    schema = document.data.get("schema") or []
    if len(schema) != 1:
        document.fault(("schema",), f"a contract describes one table; {len(schema)} were found")
    return (schema[0] if schema else {}), ("schema", 0)


def _identification(document: Document, data: dict[str, Any]) -> Identification:
    cover = data.get("cover")
    steps = _property(document, "identification")
    for fault in format_faults((cover["dateFormat"],)) if cover and "dateFormat" in cover else ():
        document.fault(steps, f"cover: {fault}")
    pattern = read_pattern(document, data.get("fileName"), steps)
    for fault in group_faults(pattern):
        document.fault(steps, fault)
    return Identification(
        file_name=pattern,
        sheet=data.get("sheet"),
        cover=None
        if cover is None
        else Cover(
            sheet=cover.get("sheet", "Cover"),
            labels={ours: cover[theirs] for theirs, ours in _COVER_LABELS.items() if theirs in cover},
            date_format=cover.get("dateFormat", "dd/MM/yyyy"),
        ),
    )


def _server(document: Document) -> tuple[str, str]:
    """Delimiter and encoding of a CSV file of this contract."""
    server: dict[str, Any] = next(iter(document.data.get("servers") or ()), {})
    custom = {each["property"]: each["value"] for each in server.get("customProperties") or ()}
    delimiter, encoding = custom.get("delimiter", ","), server.get("encoding", "UTF-8")
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        document.fault(("servers", 0), f"the delimiter is ‘{delimiter}’, expected one character")
    try:
        codecs.lookup(encoding)
    except LookupError:
        document.fault(("servers", 0, "encoding"), f"‘{encoding}’ is no encoding we know, expected one such as UTF-8")
    return delimiter, encoding
