"""What every part of a contract is read with: custom properties, dates, patterns, suggestions."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from probation_etl.odcs.document import Document, Steps

ENGINE = "probation-etl"


def custom_properties(document: Document, holder: dict[str, Any], steps: Steps, kind: str) -> dict[str, Any]:
    """The custom properties of a part that are as they must be; what is wrong with the others becomes a fault.

    Args:
        document: The contract.
        holder: The part that has them.
        steps: Where the part is.
        kind: ``contract``, ``column`` or ``relationship``.
    """
    known = _language()[kind]
    found: dict[str, Any] = {}
    for position, entry in enumerate(holder.get("customProperties") or ()):
        name, here = entry["property"], (*steps, "customProperties", position)
        if entry.get("vendor", ENGINE) != ENGINE:
            continue
        if name not in known:
            document.fault((*here, "property"), f"‘{name}’ is not a property we know{did_you_mean(name, known)}")
            continue
        faults = list(_value_faults(entry["value"], known[name]))
        for inner, message in faults:
            document.fault((*here, "value", *inner), f"{name}: {message}")
        if not faults:
            found[name] = entry["value"]
    return found


@cache
def _language() -> dict[str, dict[str, Any]]:
    """Our own properties with the schema of their values, by the kind of part that has them."""
    text = files("probation_etl.odcs").joinpath("language.schema.json").read_text(encoding="utf-8")
    language: dict[str, dict[str, Any]] = json.loads(text)
    return language


def _value_faults(value: Any, schema: dict[str, Any]) -> Iterator[tuple[Steps, str]]:
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema).iter_errors(value):
        # Where several forms are allowed, the one that comes nearest tells best what is wrong.
        nearest = min(error.context, key=lambda each: -len(each.absolute_path)) if error.context else error
        yield tuple(nearest.absolute_path), _explained(nearest)


def _explained(error: Any) -> str:
    if error.validator == "enum":
        allowed = [str(each) for each in error.validator_value]
        return f"this is ‘{error.instance}’, expected one of {', '.join(allowed)}{did_you_mean(str(error.instance), allowed)}"
    if error.validator != "additionalProperties" or "properties" not in error.schema:
        return str(error.message)
    known = error.schema["properties"]
    unknown = [key for key in error.instance if key not in known]
    return "; ".join(f"‘{key}’ is not a key we know{did_you_mean(str(key), known)}" for key in unknown)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion to end a message with, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean ‘{close[0]}’?" if close else ""


def check_codes(document: Document, codes: Iterable[str], steps: Steps, known: Iterable[str]) -> None:
    """Notes codes that are not among those that can be meant here."""
    allowed = list(known)
    for code in codes:
        if code not in allowed:
            document.fault(steps, f"‘{code}’ is no finding code of a column{did_you_mean(code, allowed)}")


def read_date(document: Document, text: str | None, key: str, steps: Steps = ("customProperties",)) -> date | None:
    """A date in ISO 8601; None, and a fault, where it is none."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except (ValueError, TypeError):
        document.fault(steps, f"{key} is ‘{text}’, expected a date such as 2020-11-29")
        return None


def read_pattern(document: Document, pattern: str | None, steps: Steps) -> str | None:
    """A regular expression; None, and a fault, where it is none."""
    try:
        re.compile(pattern or "")
    except re.error as error:
        document.fault(steps, f"this is not a regular expression: {error}")
        return None
    return pattern


def read_severity(document: Document, severity: str, steps: Steps) -> Any:
    """A severity; a fault where it is none."""
    if severity not in ("error", "warning"):
        document.fault(steps, f"the severity is ‘{severity}’, expected error or warning")
    return severity
