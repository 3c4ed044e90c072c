"""Where a finding is, and what a return is called, in words for lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def return_name(entry: Mapping[str, Any]) -> str:
    """A return by its file, and its sheet where it is one."""
    return f"{entry['file']} [{entry['sheet']}]" if entry["sheet"] else str(entry["file"])


def place(finding: Mapping[str, Any]) -> str:
    """Cell or row and column of a finding, with a colon; nothing for one that is of no row."""
    if finding["row"] is None:
        return ""
    column = f", {' '.join(finding['column'].split())}" if finding["column"] else ""
    return f"{finding['cell'] or 'row ' + str(finding['row'])}{column}: "


def counted(count: int, noun: str) -> str:
    """``1 error``, ``1,234 errors``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
