"""From a document of the ODCS to a contract. Faults go into the document; what cannot be read is left out.

What the standard has a word for is read from that word; the rest stands in ``customProperties`` and is described in
``docs/contract-language.md``.
"""

from __future__ import annotations

from typing import Any, get_args

from probation_etl.contract import Contract, Cover, Identification, Layer
from probation_etl.odcs.columns import read_columns, read_key
from probation_etl.odcs.document import Document, Steps
from probation_etl.odcs.mapping import read_mapping
from probation_etl.odcs.parts import custom_properties, did_you_mean, read_date, read_pattern
from probation_etl.odcs.rules import implementations, read_derived, read_references, read_rules

_PROPERTIES = (
    "layer", "suppliers", "effectiveFrom", "effectiveTo", "reportingPeriod", "acceptance", "derived",
    "identification", "mapping", "measures", "query",
)  # fmt: skip
_COVER_LABELS = {
    "supplierName": "supplier_name",
    "supplierCode": "supplier_code",
    "periodStart": "period_start",
    "periodEnd": "period_end",
    "controlRows": "control_rows",
}


def convert(document: Document) -> Contract:
    """The contract that a document describes.

    The document must have passed the standard's own schema. Faults of our own keys are added to the document;
    the contract is only good for use when there are none.
    """
    data = document.data
    custom = custom_properties(document, data, (), _PROPERTIES)
    table, steps = _table(document)
    identification = custom.get("identification", {})
    return Contract(
        id=data["id"],
        version=data["version"],
        title=data.get("name", data["id"]),
        description=" ".join((data.get("description") or {}).get("purpose", "").split()),
        layer=_one_of(document, "layer", custom.get("layer", "return"), get_args(Layer)),
        table=table.get("name", data["id"]),
        columns=read_columns(document, table, steps),
        key=read_key(table),
        rules=tuple(read_rules(document, table, steps)),
        references=tuple(read_references(document, table, steps)),
        derived={name: read_derived(document, name, what) for name, what in custom.get("derived", {}).items()},
        mapping=read_mapping(document, custom.get("mapping")),
        identification=_identification(document, identification),
        supplier_kind=custom.get("suppliers", {}).get("kind"),
        effective_from=read_date(document, custom.get("effectiveFrom"), "effectiveFrom"),
        effective_to=read_date(document, custom.get("effectiveTo"), "effectiveTo"),
        period_days=custom.get("reportingPeriod", {}).get("days"),
        quarantined_share=float(custom.get("acceptance", {}).get("quarantinedShare", 1)),
        measures=tuple(custom.get("measures", ())),
        query=custom.get("query"),
        expectations=tuple(implementations(table, "great-expectations")),
        path=document.path,
        **_server(data),
    )


def _one_of(document: Document, key: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        suggestion = did_you_mean(str(value), map(str, allowed))
        document.fault(("customProperties",), f"{key} is ‘{value}’, expected one of {', '.join(allowed)}{suggestion}")
    return value


def _table(document: Document) -> tuple[dict[str, Any], Steps]:
    schema = document.data.get("schema") or []
    if len(schema) != 1:
        document.fault(("schema",), f"a contract describes one table; {len(schema)} were found")
    return (schema[0] if schema else {}), ("schema", 0)


def _identification(document: Document, data: dict[str, Any]) -> Identification:
    cover = data.get("cover")
    steps = ("customProperties",)
    return Identification(
        file_name=read_pattern(document, data.get("fileName"), steps),
        sheet=data.get("sheet"),
        cover=None
        if cover is None
        else Cover(
            sheet=cover.get("sheet", "Cover"),
            labels={ours: cover[theirs] for theirs, ours in _COVER_LABELS.items() if theirs in cover},
            date_format=cover.get("dateFormat", "dd/MM/yyyy"),
        ),
    )


def _server(data: dict[str, Any]) -> dict[str, str]:
    server: dict[str, Any] = next(iter(data.get("servers") or ()), {})
    custom = {each["property"]: each["value"] for each in server.get("customProperties") or ()}
    return {"delimiter": custom.get("delimiter", ","), "encoding": server.get("encoding", "UTF-8")}
