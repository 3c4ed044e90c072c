"""A draft as a document in the contract language, with what speaks for each thing beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probation_etl.contracts.odcs.editor_schema import FILE_NAME
from probation_etl.drafting.covers import DraftCover
from probation_etl.drafting.draft_table import DraftTable
from probation_etl.drafting.drafted import DraftColumn
from probation_etl.drafting.evidence import plural
from probation_etl.drafting.left_out import LeftOutRows
from probation_etl.drafting.yaml_text import Said, written

_ABOVE = """\
# yaml-language-server: $schema={schema}
# Drafted from {files} with {rows}. A comment says what speaks for a line; of columns that may tell people apart it shows shapes alone.
# What could not be told is a question: answer it in the contract, and take the comment away.
"""


def document(table: DraftTable) -> str:
    """The contract of a table, in YAML."""
    above = _ABOVE.format(schema=FILE_NAME, files=plural(table.files[0], "file"), rows=plural(table.rows, "row"))
    content = {
        "apiVersion": "v3.2.0", "kind": "DataContract", "id": table.id, "name": table.id.replace("-", " ").capitalize(),
        "version": "1.0.0", "status": "draft",
        "description": {"purpose": Said("What this return is about.", above=("Question: What is it about, and what is a row of it?",))},
    }  # fmt: skip
    parts = {
        **content,
        **_servers(table),
        **_service(table),
        "schema": [_schema(table)],
        "customProperties": list(_custom(table)),
    }
    return above + written(parts)


def _servers(table: DraftTable) -> dict[str, Any]:
    if table.format is None:
        return {}
    server: dict[str, Any] = {"server": "return", "type": "local", "path": f"*.{table.format}", "format": table.format}
    if table.format == "csv":
        told = "" if table.encoding == "UTF-8" else "as the files are encoded"
        server["encoding"] = Said(table.encoding, told)
        if table.delimiter != ",":
            server["customProperties"] = [{"property": "delimiter", "value": table.delimiter}]
    return {"servers": [server]}


def _service(table: DraftTable) -> dict[str, Any]:
    if table.spacing is None:
        return {}
    number, unit = table.spacing
    asked = ("Question: How many working days after the period end is it due? That is the property latency, in days.",)
    told = "so far apart are the ends of periods in the names of the files"
    return {"slaProperties": Said([{"property": "frequency", "value": Said(number, told), "unit": unit}], above=asked)}


def _schema(table: DraftTable) -> Said:
    rows = sorted(set(table.header_rows))
    where = f"row {rows[0]}" if len(rows) == 1 else f"rows {rows[0]} to {rows[-1]}"
    header = f"the header is in {where}; a header is found wherever it is among the first rows"
    entry = {
        "name": Said(table.table, header),
        "logicalType": "object",
        "properties": [_column(each) for each in table.columns],
    }
    named = table.names.pattern or table.sheet is not None
    asked = (*table.questions, *(() if named else table.names.questions))
    return Said(entry, above=tuple(f"Question: {each}" for each in asked))


def _column(column: DraftColumn) -> Said:
    why, typed = column.why, column.typed
    entry: dict[str, Any] = {"name": column.name, "physicalName": column.header}
    if column.synonyms:
        entry["synonyms"] = [
            {"synonym": Said(text, f"the header in {plural(files, 'file')}; is it the same?")}
            for text, files in column.synonyms.items()
        ]
    entry["logicalType"] = Said("string" if typed.type == "duration" else typed.type, why.get("logicalType", ""))
    if options := dict(_options(column)):
        entry["logicalTypeOptions"] = options
    if column.required:
        entry["required"] = Said(value=True, why=why["required"])
    if column.unique:
        entry["unique"] = Said(value=True, why=why["unique"])
    if column.key:
        entry |= {"primaryKey": Said(value=True, why=why["primaryKey"]), "primaryKeyPosition": column.key}
    if column.restricted:
        entry["classification"] = Said("restricted", why["classification"])
    if column.values:
        listed = [{"value": Said(value, plural(number, "cell"))} for value, number in column.values.items()]
        entry["enum"] = Said(listed, why["enum"])
    if properties := list(_properties(column)):
        entry["customProperties"] = properties
    empty = () if column.required or not why.get("required") else (why["required"],)
    return Said(entry, above=(*empty, *(f"Question: {each}" for each in column.questions)))


def _options(column: DraftColumn) -> Iterator[tuple[str, Said]]:
    why, typed = column.why, column.typed
    if typed.formats and typed.type != "duration":
        yield "format", Said(typed.formats[0])
    if column.pattern:
        yield "pattern", Said(column.pattern, why["pattern"])
    if column.longest:
        yield "maxLength", Said(column.longest, why["maxLength"])
    if column.least is not None:
        yield "minimum", Said(column.least, why["minimum"])
    if typed.type == "number" and typed.places:
        yield "multipleOf", Said(float(f"1e-{typed.places}"))


def _properties(column: DraftColumn) -> Iterator[dict[str, Any]]:
    typed = column.typed
    said: Mapping[str, Any] = {
        "duration": typed.formats[0] if typed.type == "duration" else None, "formats": typed.formats[1:], "nullTokens": typed.tokens, "shorthand": typed.shorthand, "markers": typed.markers,
        "thousandsSeparator": typed.thousands, "decimalSeparator": None if typed.decimal == "." else typed.decimal,
        "unit": {"texts": typed.units} if typed.units else None,
    }  # fmt: skip
    yield from ({"property": name, "value": value} for name, value in said.items() if value)
    if column.window:
        value = Said(dict.fromkeys(column.window, "any"), column.why.get("dateWindow", ""))
        yield {"property": "dateWindow", "value": value}


def _custom(table: DraftTable) -> Iterator[Any]:
    yield {"property": "layer", "value": "return"}
    if table.spacing:
        number, unit = table.spacing
        days = number if unit == "d" else 31 * number
        yield {"property": "reportingPeriod", "value": {"days": Said(days, "as far apart are the ends of periods")}}
    if table.left_out:
        yield {"property": "leftOut", "value": [_left_out(each) for each in table.left_out]}
    if table.others:
        yield {
            "property": "notRead",
            "value": {"sheets": Said(table.others, "no table was found there, or they are hidden")},
        }
    identification: dict[str, Any] = {}
    if table.sheet is not None:
        identification["sheet"] = Said(table.sheet, f"in {table.files[0]:,} of {plural(table.files[1], 'file')}")
        if table.files[0] < table.files[1]:
            identification["optional"] = True
    if table.names.pattern:
        identification["fileName"] = Said(table.names.pattern, table.names.told)
    if table.cover:
        identification["cover"] = _cover(table.cover)
    if identification:
        asked = tuple(f"Question: {each}" for each in table.names.questions)
        yield Said({"property": "identification", "value": identification}, above=asked)


def _left_out(rows: LeftOutRows) -> dict[str, Any]:
    which = {"belowHeader": rows.rule.below_header} if rows.rule.below_header else {"matches": rows.rule.matches}
    return {"name": Said(rows.rule.name, rows.why), **which}


def _cover(cover: DraftCover) -> Said:
    entry: dict[str, Any] = {"sheet": cover.sheet}
    if cover.date_format:
        entry["dateFormat"] = cover.date_format
    entry |= {meaning: Said(label, told) for meaning, (label, told) in cover.labels.items()}
    return Said(entry, above=tuple(f"Question: {each}" for each in cover.questions))
