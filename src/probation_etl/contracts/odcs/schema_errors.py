"""Errors against a JSON Schema, each reported once and with a fix, and the data as their author must have meant them.

A misspelt key breaks a schema twice: one key is unknown, and another is missing. It is reported once, and checking
continues as if it were spelt correctly, so that one slip does not hide another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probation_etl.contracts.odcs.schema_validator import Form, Json
from probation_etl.contracts.suggestions import did_you_mean, nearest

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Steps = tuple[str | int, ...]

_UNKNOWN_KEYS = ("additionalProperties", "unevaluatedProperties")
#: Keys that a contract can be read without: a faulty value is dropped, so that other faults are reported as well.
_DISPENSABLE = frozenset(("required", "unique", "primaryKey", "primaryKeyPosition", "severity", "dimension", "days"))
_TURNS = 5
_TYPES = {
    "string": "text: put it in quotation marks", "boolean": "true or false", "integer": "a whole number",
    "number": "a number", "array": "a list", "object": "keys with values",
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """The result of checking data against a schema.

    Attributes:
        faults: Where each fault is, and what it is.
        data: The data, corrected where possible; None where they cannot be used.
        renamed: Places of misspelt keys, each with the place that was meant.
    """

    faults: tuple[tuple[Steps, str], ...]
    data: Json
    renamed: tuple[tuple[Steps, Steps], ...] = ()


def check(form: Form, given: Json) -> Checked:
    """Checks data against a schema.

    Args:
        form: The schema.
        given: Plain dicts, lists and scalars. They are not changed.
    """
    return Checked((), given) if form.is_kept(given) else _explained(form, given)


def _explained(form: Form, given: Json) -> Checked:
    data = deepcopy(given)
    faults: dict[tuple[Steps, str], None] = {}
    renamed: list[tuple[Steps, Steps]] = []
    for _ in range(_TURNS):
        misspelt: dict[Steps, str] = {}
        for error in _errors(form, data):
            misspelt.update(_misspelt(error, form))
        for steps, meant in misspelt.items():
            holder = _at(data, steps[:-1])
            if isinstance(holder, dict) and meant not in holder:
                faults[steps, f"‘{steps[-1]}’ is not a key we know; did you mean ‘{meant}’?"] = None
                renamed.append((steps, (*steps[:-1], meant)))
                holder[meant] = holder.pop(str(steps[-1]))
        if not renamed or renamed[-1][0] not in misspelt:
            break
    errors = list(_errors(form, data))
    faults.update(dict.fromkeys(message for error in errors for message in _messages(error, form)))
    _correct(data, errors, form)
    return Checked(tuple(faults), data if form.is_kept(data) else None, tuple(renamed))


def _errors(form: Form, data: Json) -> Iterator[ValidationError]:
    """Every error; where several forms are allowed, the errors of the nearest form."""
    for error in sorted(form.errors(data), key=lambda each: list(map(str, each.absolute_path))):
        yield from _of_nearest_form(error, form)


def _of_nearest_form(error: ValidationError, form: Form) -> Iterator[ValidationError]:
    forms: dict[str | int, list[ValidationError]] = {}
    for each in error.context or ():
        forms.setdefault(each.schema_path[0], []).append(each)
    # A form for another type of value is the least likely to be meant.
    alike = [each for each in forms.values() if not any(inner.validator == "type" and not inner.path for inner in each)]
    if error.validator not in ("anyOf", "oneOf") or not alike:
        yield error
        return
    for each in min(alike, key=lambda errors: _distance(errors, form)):
        yield from _of_nearest_form(each, form)


def _distance(errors: list[ValidationError], form: Form) -> tuple[int, int, int]:
    """How far a form is from the data: it is near if its faults are deep in the data, or if they are misspelt keys."""
    depth = min(len(each.absolute_path) for each in errors)
    return -depth, -sum(1 for each in errors for _ in _misspelt(each, form)), len(errors)


def _misspelt(error: ValidationError, form: Form) -> Iterator[tuple[Steps, str]]:
    """Places of misspelt keys, each with the key that must have been meant."""
    if error.validator in _UNKNOWN_KEYS:
        known = _known_keys(error.schema, form)
        for key in _unknown(error, known):
            if meant := nearest(key, known):
                yield (*error.absolute_path, key), meant


def _unknown(error: ValidationError, known: Iterable[str]) -> list[str]:
    return [str(key) for key in error.instance if key not in known] if isinstance(error.instance, dict) else []


def _known_keys(schema: object, form: Form) -> dict[str, None]:
    """Every key that a schema knows, in all the forms that it allows."""
    if not isinstance(schema, dict):
        return {}
    known = dict.fromkeys(schema.get("properties", ()))
    parts = [*(each for key in ("allOf", "anyOf", "oneOf") for each in schema.get(key, ()))]
    parts += [schema[key] for key in ("then", "else") if key in schema]
    if "$ref" in schema:
        parts.append(_at(form.schema, tuple(schema["$ref"].removeprefix("#/").split("/"))))
    for part in parts:
        known |= _known_keys(part, form)
    return known


def _messages(error: ValidationError, form: Form) -> Iterator[tuple[Steps, str]]:
    steps = tuple(error.absolute_path)
    if error.validator in _UNKNOWN_KEYS:
        known = _known_keys(error.schema, form)
        unknown = [key for key in _unknown(error, known) if known]
        for key in unknown:
            options = "" if steps[-1:] != ("logicalTypeOptions",) else " for a column of this logicalType"
            yield (*steps, key), f"‘{key}’ is not a key we know{options}{did_you_mean(key, known)}"
        if not unknown and error.validator == "additionalProperties":
            yield steps, _in_short(error.message)
        # A key that is known but not evaluated comes with another fault, which is reported.
    elif error.validator == "enum":
        allowed = [str(each) for each in _listed(error)]
        given = str(error.instance)
        yield steps, f"this is ‘{_in_short(given)}’, expected one of {', '.join(allowed)}{did_you_mean(given, allowed)}"
    elif error.validator == "required":
        yield steps, f"the key ‘{_missing_key(error)}’ is needed here"
    elif error.validator == "type" and error.validator_value in _TYPES:
        yield steps, f"this is {_in_short(str(error.instance))}, expected {_TYPES[error.validator_value]}"
    else:
        yield steps, _in_short(error.message)


def _missing_key(error: ValidationError) -> str:
    return next(str(key) for key in _listed(error) if error.message.startswith(repr(key)))


def _listed(error: ValidationError) -> list[object]:
    """What a schema lists: the values that it allows, or the keys that it needs."""
    return error.validator_value if isinstance(error.validator_value, list) else []


def _correct(data: Json, errors: Iterable[ValidationError], form: Form) -> None:
    """Removes unknown keys, and faulty values that a contract can be read without."""
    for error in errors:
        steps = tuple(error.absolute_path)
        holder = _at(data, steps[:-1])
        if error.validator in _UNKNOWN_KEYS:
            known = _known_keys(error.schema, form)
            for key in _unknown(error, known):
                _take_out(_at(data, steps), key)
        elif steps and error.validator == "type" and _is_bare_number(error):
            _put(holder, steps[-1], str(error.instance))
        elif steps and (steps[-1] in _DISPENSABLE or steps[-2:-1] == ("logicalTypeOptions",)):
            _take_out(holder, steps[-1])


def _put(holder: Json, step: str | int, value: str) -> None:
    if isinstance(holder, dict):
        # A key may be a number, as YAML reads it.
        holder |= {key: value for key in holder if key == step}
    elif isinstance(holder, list) and isinstance(step, int):
        holder[step] = value


def _take_out(holder: Json, step: str | int) -> None:
    if isinstance(holder, dict):
        holder.pop(str(step), None)


def _is_bare_number(error: ValidationError) -> bool:
    """Whether text lacks its quotation marks, such as a version of 1.0."""
    return error.validator_value == "string" and isinstance(error.instance, float | int)


def _at(data: Json, steps: Steps) -> Json:
    """The part of data at these steps; None where it has been taken out."""
    for step in steps:
        if isinstance(data, dict):
            data = next((value for key, value in data.items() if key == step), None)
        elif isinstance(data, list) and isinstance(step, int):
            data = data[step]
        else:
            return None
    return data


def _in_short(message: str, limit: int = 300) -> str:
    return message if len(message) <= limit else message[: limit - 1] + "…"
