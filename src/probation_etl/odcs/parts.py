"""What every part of a contract is read with: custom properties, dates, patterns, suggestions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from probation_etl.odcs.document import Document, Steps

ENGINE = "probation-etl"


def custom_properties(document: Document, holder: dict[str, Any], steps: Steps, known: Iterable[str]) -> dict[str, Any]:
    """The custom properties of a part, each key held against those we know."""
    found: dict[str, Any] = {}
    for position, entry in enumerate(holder.get("customProperties") or ()):
        name = entry["property"]
        if name not in known and entry.get("vendor", ENGINE) == ENGINE:
            here = (*steps, "customProperties", position, "property")
            document.fault(here, f"‘{name}’ is not a property we know{did_you_mean(name, known)}")
        found[name] = entry["value"]
    return found


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion to end a message with, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean ‘{close[0]}’?" if close else ""


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
