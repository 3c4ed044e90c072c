"""The columns of a contract's table, and its key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import get_args

from probation_etl.contracts.date_formats import format_faults
from probation_etl.contracts.durations import duration_faults
from probation_etl.contracts.findings import CATALOGUE, COLUMN_CODES
from probation_etl.contracts.forms import USUAL
from probation_etl.contracts.lint.columns import column_faults, key_faults
from probation_etl.contracts.model import Bound, Column, Type
from probation_etl.contracts.model.windows import DateWindow, Side
from probation_etl.contracts.odcs.part import Part
from probation_etl.contracts.odcs.properties import Properties, check_codes, custom_properties
from probation_etl.contracts.suggestions import did_you_mean

#: The metric of the standard that says the key of a table where one of its columns may be empty.
DUPLICATES = "duplicateValues"
#: What the standard calls the types that are read. It has none for a length of time, which is a string there.
LOGICAL_TYPES: tuple[Type, ...] = tuple(each for each in get_args(Type) if each != "duration")


def read_columns(table: Part, custom: Properties, *, reserved: Collection[str]) -> tuple[Column, ...]:
    """The columns, in their order.

    Args:
        table: The table.
        custom: Properties of the contract: some hold for all columns that do not have them.
        reserved: Names that we use ourselves, which are faults.
    """
    properties = table["properties"].items
    if not properties:
        table.fault("the table has no properties")
    columns = [_column(each, custom["nullTokens"].texts) for each in properties]
    for column, part in zip(columns, properties, strict=True):
        for fault in column_faults(column, part.mapping) if _type(part) else ():
            part.fault(fault)
    for at, fault in key_faults([each.mapping for each in properties]):
        properties[at]["primaryKeyPosition"].fault(fault)
    names = [column.name for column in columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        table["properties"].fault(f"the column ‘{name}’ appears more than once")
    for name, part in zip(names, properties, strict=True):
        if name in reserved:
            text = f"‘{name}’ is a reserved name: give the column another name, and keep the header"
            part["name"].fault(text)
    _headers_differ(columns, properties)
    return tuple(columns)


def _headers_differ(columns: Collection[Column], parts: Collection[Part]) -> None:
    """Reports headers that two columns share: in a file it would not be clear which column is meant."""
    first: dict[str, str] = {}
    for column, part in zip(columns, parts, strict=True):
        for text in (column.header, *column.synonyms):
            other = first.setdefault(" ".join(text.casefold().split()), column.name)
            if other != column.name:
                part.fault(f"the header ‘{text}’ is also that of ‘{other}’")


def _type(part: Part) -> Type | None:
    """The type of a column; None where it is not one of ours."""
    given = part["logicalType"].text_or("string")
    return next((each for each in LOGICAL_TYPES if each == given), None)


def _column(part: Part, null_tokens: tuple[str, ...]) -> Column:
    options, custom, kind = part["logicalTypeOptions"], custom_properties(part, "column"), _type(part)
    if kind == "string" and "duration" in custom:
        kind = "duration"
    if kind is None:
        given = part["logicalType"].text
        part["logicalType"].fault(f"‘{given}’ is not supported; use one of {', '.join(LOGICAL_TYPES)}")
        part.document.sound = False
    _labels_are_text(part["enum"])
    check_codes(part, custom["hints"].mapping, CATALOGUE)
    check_codes(part, custom["severities"].mapping, COLUMN_CODES)
    bounds = {name: _bound(options[name], kind) for name in _BOUNDS}
    name = part["name"].text_or("")
    return Column(
        name=name,
        type=kind or "string",
        header=part["physicalName"].text_or(name),
        description=part["description"].text_or(""),
        synonyms=tuple(each["synonym"].text_or("") for each in part["synonyms"].items),
        required=part["required"].is_true,
        unique=part["unique"].is_true,
        restricted=part["classification"].text == "restricted",
        pattern=options["pattern"].pattern(),
        min_length=options["minLength"].whole,
        max_length=options["maxLength"].whole,
        minimum=bounds["minimum"],
        maximum=bounds["maximum"],
        exclusive_minimum=bounds["exclusiveMinimum"],
        exclusive_maximum=bounds["exclusiveMaximum"],
        decimals=_decimals(options["multipleOf"], kind),
        formats=_formats(options, custom, kind),
        labels=_labels(part["enum"]) if kind == "string" else {},
        value_synonyms=read_texts(custom["valueSynonyms"]),
        ignored=custom["ignore"].texts,
        separator=custom["list"]["separator"].text,
        keeps_blanks=custom["whitespace"].text == "kept",
        unit_texts=custom["unit"]["texts"].texts,
        needs_unit=custom["unit"]["required"].is_true,
        null_tokens=custom["nullTokens"].texts if "nullTokens" in custom else null_tokens,
        shorthand=custom["shorthand"].texts,
        markers=custom["markers"].texts,
        year_pivot=custom["yearPivot"].whole,
        thousands_separator=custom["thousandsSeparator"].text,
        decimal_separator=custom["decimalSeparator"].text_or("."),
        true_values=custom["trueValues"].texts or ("true",),
        false_values=custom["falseValues"].texts or ("false",),
        severities={code: each.severity for code, each in custom["severities"].entries.items()},
        hints=read_texts(custom["hints"]),
        physical_type=part["physicalType"].text,
        characters=_characters(custom["characters"]),
        joined=custom["joined"].is_true,
        window=read_window(custom["dateWindow"]),
    )


def _characters(part: Part) -> tuple[int, int] | None:
    """The first and the last character of a column."""
    if part.value is None:
        return None
    first, last = (each.whole_or(1) for each in part.items)
    if last < first:
        part.fault(f"characters end at {last}, before they begin at {first}")
    return first, last


def read_window(part: Part) -> DateWindow:
    """Which days are likely."""
    return DateWindow(*(_side(part[name]) for name in ("yearsBefore", "daysAfter")))


def _side(part: Part) -> Side:
    return "any" if part.text == "any" else part.whole


def read_texts(part: Part) -> Mapping[str, str]:
    """A mapping whose values are texts."""
    return {key: each.text_or("") for key, each in part.entries.items()}


def _labels(values: Part) -> dict[str, str]:
    """Allowed values with their labels."""
    return {str(each["value"].value): each["label"].text_or(str(each["value"].value)) for each in values.items}


def _labels_are_text(values: Part) -> None:
    for each in values.items:
        if isinstance(each["value"].value, bool):
            each["value"].fault("write the value in quotation marks: YAML reads it as a truth value")


def _formats(options: Part, custom: Properties, kind: Type | None) -> tuple[str, ...]:
    """Formats of days and times; of a duration, its form."""
    if kind == "duration":
        for fault in duration_faults(custom["duration"].text_or("")):
            custom["duration"].fault(fault)
        return (custom["duration"].text_or(""),)
    if kind not in USUAL:
        return ()
    formats = tuple(dict.fromkeys(filter(None, (options["format"].text, *custom["formats"].texts))))
    for fault in format_faults(formats, custom["yearPivot"].whole, kind=kind):
        options.fault(fault)
    return formats


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _bound(part: Part, kind: Type | None) -> Bound | None:
    if kind == "date":
        return part.day(str(part.steps[-1]))
    if kind in ("timestamp", "time"):
        return part.moment(str(part.steps[-1]), kind)
    return None if part.value is None else Decimal(str(part.value))


def _decimals(multiple_of: Part, kind: Type | None) -> int | None:
    """Decimal places allowed by ``multipleOf``: 0.01 allows two."""
    if multiple_of.number is None:
        return None
    step = Decimal(str(multiple_of.number)).normalize()
    if kind != "number" or step.as_tuple().digits != (1,) or step > 1:
        given = multiple_of.number
        multiple_of.fault(f"multipleOf is {given}; it says how many decimals a number may have: 1, 0.1, 0.01 and so on")
    return max(0, -int(step.as_tuple().exponent))


def read_key(table: Part) -> tuple[str, ...]:
    """Names of the columns of the key, in their order.

    The standard's primary key has no empty columns. Where one may be empty, the contract says that the table has no duplicates.
    """
    keys = [each for each in table["properties"].items if each["primaryKey"].is_true]
    ordered = sorted(keys, key=lambda each: each["primaryKeyPosition"].whole_or(0))
    said = [
        each for each in table["quality"].items if each["metric"].text == DUPLICATES and each["engine"].text is None
    ]
    for each in said[0 if keys else 1 :]:
        each.fault("a table has one key: say it once, by primaryKey or by duplicateValues")
    names = [each["name"].text_or("") for each in ordered]
    return tuple(names or (_without_duplicates(said[0], table) if said else ()))


def _without_duplicates(quality: Part, table: Part) -> tuple[str, ...]:
    """The columns in which no two rows may be the same, by their names, or by their headers, as other tools find them in a file."""
    given, columns = quality["arguments"]["properties"], table["properties"].items
    known = {each["physicalName"].text_or(""): each["name"].text_or("") for each in columns}
    known |= {each["name"].text_or(""): each["name"].text_or("") for each in columns}
    is_counted = quality["mustBe"].value == 0 and quality["unit"].text != "percent"
    if not given.texts or not is_counted or quality["severity"].text == "warning":
        quality.fault(
            "duplicateValues says the key: name its columns under arguments.properties, with mustBe: 0, and no warning"
        )
    for name in given.texts:
        if name not in known:
            given.fault(f"there is no column ‘{name}’{did_you_mean(name, known)}")
    return tuple(dict.fromkeys(known[name] for name in given.texts if name in known))
