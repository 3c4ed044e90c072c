"""What a file is expected to hold beside a return, and what is an error where it is usually a warning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from probation_etl.contracts.findings import Finding
from probation_etl.contracts.model import Contract
from probation_etl.contracts.organisations import fold


def is_expected(text: str | None, names: Sequence[str]) -> bool:
    """Whether a header, or the name of a sheet, is one of those that are not read; an asterisk stands for any text."""
    return any(re.fullmatch(_pattern(name), fold(text or ""), re.DOTALL) for name in names)


def _pattern(name: str) -> str:
    return ".*".join(map(_part, name.strip().split("*")))


def _part(text: str) -> str:
    """A part of a name; a space beside an asterisk stands for one."""
    before, after = (" " if side else "" for side in (text[:1].isspace(), text[-1:].isspace()))
    return f"{before}{re.escape(fold(text))}{after}" if fold(text) else before


def as_agreed(findings: Iterable[Finding], contract: Contract | None) -> Iterator[Finding]:
    """Findings with the severity that the contract gives to warnings of the file as a whole."""
    severities = contract.severities if contract else {}
    for each in findings:
        agreed = severities.get(each.code, each.severity)
        yield replace(each, severity=agreed) if each.row is None and each.severity == "warning" else each
