"""Findings as lines for a person: what was found, where, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_SHOWN = 50


def findings_text(returns: Iterable[Mapping[str, Any]]) -> str:
    """Each return with its verdict, counts and the first of its findings."""
    return "\n\n".join("\n".join(_lines(each)) for each in returns)


def _lines(entry: Mapping[str, Any]) -> Iterable[str]:
    contract = (entry["contract"] or {}).get("id", "not identified")
    sheet = f" [{entry['sheet']}]" if entry["sheet"] else ""
    rows = entry["rows"]
    yield f"{entry['file']}{sheet}: {entry['verdict'].replace('_', ' ')} ({contract})"
    yield f"  rows read {rows['read']}, accepted {rows['accepted']}, quarantined {rows['quarantined']}, blank {rows['blank']}"
    for finding in entry["findings"][:_SHOWN]:
        yield f"  {_place(finding)}{finding['severity']}: {_one_line(finding['message'])} [{finding['code']}]"
        yield f"    {_one_line(finding['hint'])}"
    more = sum(entry["counts"].values()) - min(len(entry["findings"]), _SHOWN)
    if more:
        yield f"  … and {more} more; --format csv lists them all"


def _place(finding: Mapping[str, Any]) -> str:
    if finding["row"] is None:
        return ""
    where = finding["cell"] or f"row {finding['row']}"
    column = f", {_one_line(finding['column'])}" if finding["column"] else ""
    return f"{where}{column}: "


def _one_line(text: str) -> str:
    """Text of a file on one line, without characters that could steer the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
