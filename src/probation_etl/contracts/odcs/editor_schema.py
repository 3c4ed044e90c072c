"""One JSON Schema of a whole contract, for editors: completion, hover, and faults as one types.

``lint`` checks a document in parts: by the schema of the standard, by ``language.schema.json``, and by lists in code. Here the same
are put together, so a new key needs its entry there and no more. Not every editor follows the newest drafts: the result
keeps to draft 7, and each object lists all its keys itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, get_args

from probation_etl.contracts.findings import CATALOGUE, COLUMN_CODES, FILE_CODES
from probation_etl.contracts.model import Severity
from probation_etl.contracts.odcs.columns import DUPLICATES, LOGICAL_TYPES
from probation_etl.contracts.odcs.document import standard
from probation_etl.contracts.odcs.properties import ENGINE, language
from probation_etl.contracts.odcs.returns import AGREED, MOST_AGREED
from probation_etl.contracts.odcs.rules import METRICS

#: A JSON Schema, or a part of one.
Schema = dict[str, Any]

#: Name of the file in a directory of contracts.
FILE_NAME = "contract.schema.json"
#: The part of a document that has the properties of a kind.
_HOLDERS = {"contract": "root", "column": "SchemaProperty", "relationship": "RelationshipSchemaLevel"}
#: Parts whose keys come from several others.
_JOINED = ("SchemaObject", "SchemaProperty", "DataQuality", "RelationshipSchemaLevel", "Server")
#: Properties whose keys are codes of findings.
_CODES: Mapping[str, Iterable[str]] = {
    "contract.severities": (*COLUMN_CODES, *FILE_CODES), "column.hints": CATALOGUE, "column.severities": COLUMN_CODES,
}  # fmt: skip
#: Options of the standard that lint refuses for a type, because nothing would check them.
_NOT_CHECKED = {("string", "format"), ("integer", "multipleOf")}
_SEVERITY: Schema = {"enum": list(get_args(Severity))}
_PARTS = "#/$defs/"
_TITLE = {
    "title": "Contract of probation-etl",
    "description": "A contract in the Open Data Contract Standard, with the properties of probation-etl.",
}


def editor_schema() -> str:
    """The schema as the text of a file."""
    return json.dumps(_composed(), ensure_ascii=False, indent=1) + "\n"


def _composed() -> Schema:
    root: Schema = standard()
    parts: dict[str, Schema] = root.pop("$defs")
    options = dict(_options(parts["SchemaBaseProperty"]))
    parts |= {name: _joined(parts[name], parts) for name in _JOINED}
    root.pop("unevaluatedProperties")
    root |= {"$schema": "http://json-schema.org/draft-07/schema#", **_TITLE}
    parts["root"] = root
    for part, key, ours in _words():
        known = options if part == "logicalTypeOptions" else {"": parts[part]["properties"]}
        for each in known.values():
            if part != "logicalTypeOptions" or "enum" not in each.get(key, {"enum": ()}):
                each[key] = each.get(key, {}) | ours
    _narrow_columns(parts["SchemaProperty"], options)
    parts["DataQuality"]["allOf"] += _of_rules()
    parts["ServiceLevelAgreementProperty"]["allOf"] = list(_of_service_levels())
    for kind, holder in _HOLDERS.items():
        for name, value in language()[kind].items():
            parts |= _lifted(f"{kind}.{name}", value)
        entries = {"type": "array", "items": _property(kind, parts["CustomProperty"])}
        words = {"description": parts[holder]["properties"]["customProperties"]["description"]}
        parts[holder]["properties"]["customProperties"] = words | entries
    del parts["root"]
    reached = _reached(root, parts)
    kept: Schema = _plain({**root, "$defs": {name: parts[name] for name in parts if name in reached}})
    return kept


def _words() -> Iterator[tuple[str, str, Schema]]:
    """What we say of keys of the standard that we read: the part that has it, the key, and what it says."""
    text = files("probation_etl.contracts.odcs").joinpath("standard.words.json").read_text(encoding="utf-8")
    for part, keys in json.loads(text).items():
        for key, words in keys.items():
            yield part, key, words


def _joined(part: Schema, parts: Mapping[str, Schema]) -> Schema:
    """A part with the keys of all those that it is made of, and no others."""
    conditions = [each for each in part.get("allOf", ()) if "$ref" not in each and "ServerSource" not in str(each)]
    known: dict[str, Schema] = {}
    for key, value in _keys_of(part, parts):
        known.setdefault(key, value)
    closed = {"type": "object", "properties": known, "additionalProperties": False, "allOf": conditions}
    return closed | {key: part[key] for key in ("description", "required") if key in part}


def _keys_of(part: Schema, parts: Mapping[str, Schema], *, always: bool = True) -> Iterator[tuple[str, Schema]]:
    """The keys that a part may have; of those that it has under a condition, what they are and not what they hold."""
    for key, value in part.get("properties", {}).items():
        yield key, dict(value) if always else {"description": value.get("description", "")}
    if "$ref" in part:
        yield from _keys_of(_at(part["$ref"], parts), parts, always=always)
    for each in part.get("allOf", ()):
        yield from _keys_of(each, parts, always=always)
    for each in (*part.get("oneOf", ()), *(part[key] for key in ("then", "else") if key in part)):
        yield from _keys_of(each, parts, always=False)


def _at(reference: str, parts: Mapping[str, Schema]) -> Schema:
    found: Any = parts
    for step in reference.removeprefix(_PARTS).split("/"):
        found = found[step]
    return dict(found)


def _options(column: Schema) -> Iterator[tuple[str, dict[str, Schema]]]:
    """The options that the standard has for each of our types, without those that would not be checked."""
    for branch in (each for each in column["allOf"] if "if" in each):
        for name in LOGICAL_TYPES:
            if f"{{'const': '{name}'}}" in str(branch["if"]):
                known = branch["then"]["properties"]["logicalTypeOptions"]["properties"]
                yield name, {key: value for key, value in known.items() if (name, key) not in _NOT_CHECKED}


def _narrow_columns(column: Schema, options: Mapping[str, dict[str, Schema]]) -> None:
    known = column["properties"]
    known["logicalType"]["enum"] = list(LOGICAL_TYPES)
    known["quality"] = {
        "description": known["quality"]["description"], "type": "array",
        "items": {
            "allOf": [{"$ref": f"{_PARTS}DataQuality"}],
            "required": ["metric"], "properties": {"metric": {"const": "nullValues"}},
        },
    }  # fmt: skip
    for name in ("items", "map", "properties"):
        known.pop(name, None)
    column["allOf"] = [
        _when("logicalType", name, {"logicalTypeOptions": {"properties": each, "additionalProperties": False}})
        for name, each in options.items()
    ]


def _when(key: str, value: str, holds: Schema, *needed: str) -> Schema:
    """What the keys of a part hold where one key has a certain value."""
    then: Schema = {"properties": holds} | ({"required": list(needed)} if needed else {})
    return {"if": {"properties": {key: {"const": value}}, "required": [key]}, "then": then}


def _of_rules() -> Iterator[Schema]:
    """What lint asks of the rules that we run."""
    known = language()["implementation"]
    rule = {"type": "object", "additionalProperties": False, "properties": known}
    yield _when("engine", ENGINE, {"implementation": rule, "severity": _SEVERITY}, "id", "implementation")
    yield {
        "if": {"not": {"required": ["engine"]}},
        "then": {
            "properties": {
                "metric": {"enum": [*METRICS, DUPLICATES]}, "severity": _SEVERITY,
                "mustBeBetween": False, "mustNotBeBetween": False,
            }
        },
    }  # fmt: skip


def _of_service_levels() -> Iterator[Schema]:
    for name, (units, least) in AGREED.items():
        value = {"type": "integer", "minimum": least, "maximum": MOST_AGREED}
        yield _when("property", name, {"value": value, "unit": {"enum": list(units)}}, "unit")


def _property(kind: str, entry: Schema) -> Schema:
    """An entry of customProperties: one of ours, or of another program."""
    known = language()[kind]
    names = {"enum": list(known), "enumDescriptions": [each["description"] for each in known.values()]}
    ours = [
        _when("property", name, {"value": {"$ref": f"{_PARTS}{kind}.{name}"}, "property": {"description": each["description"]}})
        for name, each in known.items()
    ]  # fmt: skip
    theirs = {"properties": {"vendor": {"not": {"const": ENGINE}}}, "required": ["vendor"]}
    # What the standard says of name and value would be shown in place of what the property says of them.
    keys = {**entry["properties"], "property": {"type": "string"}, "value": {}}
    return {**entry, "properties": keys, "if": theirs, "else": {"properties": {"property": names}, "allOf": ours}}


def _lifted(name: str, value: Schema) -> dict[str, Schema]:
    """The schema of a property as a part of the whole, with those that it refers to; keys that are codes are named."""
    inner = value.get("$defs", {})
    text = json.dumps({key: each for key, each in value.items() if key != "$defs"})
    moved: Schema = json.loads(text.replace(f'"{_PARTS}', f'"{_PARTS}{name}.'))
    if codes := _CODES.get(name):
        each = moved.pop("additionalProperties")
        known = {code: {**each, "description": CATALOGUE[code].title} for code in codes}
        moved |= {"properties": known, "additionalProperties": False}
    texts = {key: json.dumps(each).replace(f'"{_PARTS}', f'"{_PARTS}{name}.') for key, each in inner.items()}
    return {name: moved, **{f"{name}.{key}": json.loads(each) for key, each in texts.items()}}


def _reached(root: Schema, parts: Mapping[str, Schema]) -> set[str]:
    """The parts that the document refers to, directly or by others."""
    reached: set[str] = set()
    todo: list[Schema] = [root]
    while todo:
        found = {each.split("/")[0] for each in re.findall(f'"{re.escape(_PARTS)}([^"]+)"', json.dumps(todo.pop()))}
        todo += [parts[name] for name in found - reached]
        reached |= found
    return reached


def _plain(schema: Any) -> Any:
    """A schema in which nothing stands beside a reference: draft 7 does not look at it."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(value) for key, value in schema.items()}
    if isinstance(plain.get("$ref"), str) and len(plain) > 1:
        plain["allOf"] = [{"$ref": plain.pop("$ref")}, *plain.get("allOf", ())]
    return plain
