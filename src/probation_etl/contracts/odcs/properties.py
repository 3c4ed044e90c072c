"""What every part of a contract is read with: custom properties, dates, patterns, suggestions."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from probation_etl.contracts.odcs.document import Document
from probation_etl.contracts.odcs.schema_errors import Steps, check, did_you_mean, nearest
from probation_etl.contracts.odcs.schema_validator import Form

__all__ = [
    "ENGINE", "check_codes", "custom_properties", "did_you_mean", "nearest", "read_date", "read_pattern", "read_severity",
]  # fmt: skip

ENGINE = "probation-etl"
#: Properties that say what rules and mappings may name: without them, what is right would look wrong.
_NEEDED_BY_RULES = ("layer", "derived", "mapping", "query")


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
            document.sound &= nearest(name, known) not in _NEEDED_BY_RULES
            continue
        if name in found:
            document.fault((*here, "property"), f"‘{name}’ stands more than once, and only one of them could be meant")
        found[name] = _value(document, entry["value"], (*here, "value"), name, known[name])
    return {name: value for name, value in found.items() if value is not None}


def _value(document: Document, given: Any, here: Steps, name: str, form: Form) -> Any:
    """The value as its author must have meant it; None where that cannot be told."""
    checked = check(form, given)
    for old, new in checked.renamed:
        document.rename((*here, *old), (*here, *new))
    for inner, message in checked.faults:
        document.fault((*here, *inner), f"{name}: {message}")
    if checked.data is None and name in _NEEDED_BY_RULES:
        document.sound = False
    return checked.data


@cache
def _language() -> dict[str, dict[str, Form]]:
    """Our own properties with the form of their values, by the kind of part that has them."""
    text = files("probation_etl.contracts.odcs").joinpath("language.schema.json").read_text(encoding="utf-8")
    return {kind: {name: Form(each) for name, each in known.items()} for kind, known in json.loads(text).items()}


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
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of signs that engines are spared
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
