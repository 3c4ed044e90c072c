"""From a document of the ODCS to a contract. Faults go into the document; what cannot be read is left out.

What the standard has a word for is read from that word; the rest stands in ``customProperties`` and is described in
``docs/reference/contract-language/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypedDict, get_args

from probation_etl.contracts.lint.columns import derived_faults
from probation_etl.contracts.model import (
    LARGEST_LOSS,
    LINEAGE_COLUMNS,
    RESERVED_NAMES,
    Column,
    Contract,
    Delivery,
    GivenExpectation,
    Identification,
    Layer,
    Layout,
    Mapping,
    Reference,
    ReferenceContract,
    ReturnContract,
    Rule,
    Severity,
    TableContract,
    TableRule,
)
from probation_etl.contracts.model.marks import marked_in
from probation_etl.contracts.model.windows import NOTHING_SAID, DateWindow
from probation_etl.contracts.odcs.columns import read_columns, read_key, read_window
from probation_etl.contracts.odcs.document import Document
from probation_etl.contracts.odcs.identification import read_identification
from probation_etl.contracts.odcs.layouts import of_files, read_layout, read_severities, with_severities
from probation_etl.contracts.odcs.lines import lines_of
from probation_etl.contracts.odcs.part import Part
from probation_etl.contracts.odcs.properties import Properties, custom_properties
from probation_etl.contracts.odcs.returns import (
    read_csv_format,
    read_delivery,
    read_mapping,
    read_service_level,
)
from probation_etl.contracts.odcs.rules import (
    Rules,
    read_expectations,
    read_relations,
    read_release_queries,
    read_rules,
)
from probation_etl.contracts.odcs.tables import (
    read_activity,
    read_completeness,
    read_measures,
    read_reconciles,
    read_replaced,
)
from probation_etl.contracts.service_levels import ServiceLevel
from probation_etl.contracts.suggestions import did_you_mean

_LAYERS: tuple[Layer, ...] = get_args(Layer)
#: What only the contract of a return says of its file.
_OF_FILES = ("describedBy", "headerRows", "leftOut", "notRead", "severities", "nullTokens")


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
    expectations: tuple[GivenExpectation, ...]
    layout: Layout
    severities: dict[str, Severity]
    derived: dict[str, tuple[str, tuple[str, ...]]]
    effective_from: date | None
    effective_to: date | None
    path: Path
    lines: dict[str, int]


class _Sent(TypedDict):
    """What the contract of a return says of its file and its sender, by the names of its fields."""

    identification: Identification
    delivery: Delivery
    supplier_kind: str | None
    expected_level: str | None
    service_level: ServiceLevel
    period_days: int | None
    period_holds_dates: bool
    layout_of: str | None
    quarantined_share: float
    largest_loss: float
    delimiter: str
    encoding: str
    window: DateWindow


def convert(document: Document) -> Contract:
    """The contract that a document describes.

    The document must have passed the standard's own schema. Faults of our own keys are added to the document;
    the contract can be used only when there are none.
    """
    root = Part(document, (), document.data)
    custom = custom_properties(root, "contract")
    table = _table(root)
    layer: Layer = next((each for each in _LAYERS if each == custom["layer"].text), "return")
    rules = read_rules(table, released=layer in ("unified", "view"))
    columns = read_columns(table, custom, reserved=RESERVED_NAMES if layer == "return" else LINEAGE_COLUMNS)
    _say_what_is_misplaced(root, table["quality"], custom, rules, columns, layer)
    begins, ends = _in_force(root, custom)
    severities = read_severities(custom["severities"])
    relations = read_relations(table, layer)
    name = root["id"].text_or("")
    common = _Common(
        id=name,
        version=root["version"].text_or(""),
        title=root["name"].text_or(name),
        description=root["description"]["purpose"].one_line,
        table=table["name"].text_or(name),
        columns=with_severities(columns, severities),
        key=read_key(table),
        rules=tuple(rules.row),
        table_rules=tuple(rules.table),
        references=tuple(relations.unified),
        expectations=tuple(read_expectations(table)),
        layout=read_layout(custom, columns, _server(root)),
        severities=of_files(severities),
        derived=_derived(custom["derived"], columns),
        effective_from=begins,
        effective_to=ends,
        path=document.path,
        lines=lines_of(document),
    )
    sent = _sent(root, custom, columns)
    if layer == "return":
        cross_rules, mapping = tuple(rules.cross), _mapping(custom["mapping"], common)
        return ReturnContract(
            **common, **sent, mapping=mapping, cross_rules=cross_rules, query_rules=tuple(rules.query), memberships=tuple(relations.members),
            own_references=tuple(relations.own),
        )  # fmt: skip
    if layer == "reference":
        return ReferenceContract(**common, delimiter=sent["delimiter"], encoding=sent["encoding"])
    return TableContract(
        **common,
        is_view=layer == "view",
        query=custom["query"].text,
        measures=read_measures(custom["measures"]),
        replaced=read_replaced(custom["replaced"]),
        reconciles=read_reconciles(custom["reconciles"]),
        completeness=read_completeness(custom["completeness"]),
        activity=read_activity(custom["activity"]),
        release_queries=tuple(read_release_queries(table)),
    )


def _say_what_is_misplaced(
    root: Part, quality: Part, custom: Properties, rules: Rules, columns: tuple[Column, ...], layer: Layer
) -> None:
    """What the contract of another layer has, and this one cannot have, is a fault."""
    if layer not in ("unified", "view") and "completeness" in custom:
        custom["completeness"].fault(f"only a unified table has completeness; this is of layer {layer}")
    if layer == "return":
        return
    for fault in _rules_of_returns(rules):
        quality.fault(fault)
    if custom["delivery"].value is not None:
        custom["delivery"].fault(f"only a return is delivered; this is of layer {layer}")
    for name in _OF_FILES:
        if custom[name].value is not None:
            custom[name].fault(f"only a return has {name}: nobody sends a file of layer {layer}")
    if custom["dateWindow"].value or any(each.window != NOTHING_SAID for each in columns):
        root["customProperties"].fault(f"only a return has a dateWindow, and its columns; this is of layer {layer}")
    for name in [each.name for each in columns if each.separator is not None]:
        root["schema"].fault(f"‘{name}’: only a return has cells that are a list; this is of layer {layer}")


def _rules_of_returns(rules: Rules) -> Iterator[str]:
    """Rules that only the contract of a return has."""
    looking = [each.name for each in rules.row if each.lookups]
    yield from (f"the rule ‘{name}’ looks values up: only the contract of a return does" for name in looking)
    yield from (f"the rule ‘{each.name}’ compares returns: only the contract of one has it" for each in rules.cross)
    yield from (
        f"the rule ‘{each.name}’ is a query over a return: only the contract of one has it" for each in rules.query
    )


def _sent(root: Part, custom: Properties, columns: tuple[Column, ...]) -> _Sent:
    """Who sends a return, when and how. It is read for every layer, so that faults in it are always reported."""
    suppliers, period = custom["suppliers"], custom["reportingPeriod"]
    delimiter, encoding = read_csv_format(_server(root))
    return _Sent(
        identification=read_identification(custom["identification"], columns),
        delivery=read_delivery(custom["delivery"], custom["identification"]),
        supplier_kind=suppliers["kind"].text,
        expected_level=suppliers["expectedLevel"].text,
        service_level=read_service_level(root["slaProperties"], period),
        period_days=period["days"].whole,
        period_holds_dates=period["holdsDates"].value is not False,
        layout_of=custom["layoutOf"].text,
        quarantined_share=custom["acceptance"]["quarantinedShare"].number_or(1.0),
        largest_loss=custom["correction"]["largestLoss"].number_or(LARGEST_LOSS),
        delimiter=delimiter,
        encoding=encoding,
        window=read_window(custom["dateWindow"]),
    )


def _server(root: Part) -> Part:
    """Where a file of the return lies, with its format."""
    servers = root["servers"]
    return next(iter(servers.items), Part(root.document, (*servers.steps, 0)))


def _mapping(part: Part, common: _Common) -> Mapping:
    if part.value is not None:
        mapping = read_mapping(part)
        marked = {each.name for each in common["columns"] if each.shorthand}
        for name in dict.fromkeys(name for text in mapping.texts for name in marked_in(text)):
            if name not in marked:
                part.fault(
                    f"MARK({name}): there is no column ‘{name}’ with shorthand marks{did_you_mean(name, marked)}"
                )
        return mapping
    return Mapping.to_own_table(common["table"], (each.name for each in common["columns"]))


def _derived(part: Part, columns: tuple[Column, ...]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Columns that are computed before the rules run: their kind, and the columns they are made of."""
    kind = "workingDaysBetween"
    derived = {name: (kind, what[kind].texts) for name, what in part.entries.items()}
    for name, (_, sources) in derived.items():
        faults = list(derived_faults(name, sources, columns))
        part.document.sound &= not faults
        for fault in faults:
            part.fault(fault)
    return derived


def _in_force(root: Part, custom: Properties) -> tuple[date | None, date | None]:
    place = root["customProperties"]
    begins, ends = (custom[name].day(name, place=place) for name in ("effectiveFrom", "effectiveTo"))
    if begins and ends and ends < begins:
        place.fault(f"effectiveTo is {ends}, before effectiveFrom, {begins}: it never applies")
    return begins, ends


def _table(root: Part) -> Part:
    schema = root["schema"]
    if len(schema.items) != 1:
        schema.fault(f"a contract describes one table; {len(schema.items)} were found")
    return next(iter(schema.items), Part(root.document, (*schema.steps, 0)))
