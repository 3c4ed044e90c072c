"""What became of returns, for a person at a terminal: a line each, the most frequent faults, and where to look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console

from probation_etl.cli.tables import counted, show_table, verdict_of

#: Faults that are told; the reports hold them all.
MOST_FREQUENT = 10
#: Columns of a terminal that has room for every count and for names of files.
_WIDE = 140
#: Codes of findings whose rules say more by their own names.
_OF_NO_COLUMN = ("row-rule", "table-rule", "cross-return-rule")


def show_returns(returns: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A line each: who sent what for which period, and what became of it. Where there is room, with every count."""
    header: tuple[str, ...] = ("return", "period end", "verdict", "read", "errors", "warnings")
    rows: list[tuple[object, ...]] = [
        (
            _name(each), each["period_end"], verdict_of(each), each["rows"]["read"], each["counts"]["error"],
            each["counts"]["warning"],
        )
        for each in returns
    ]  # fmt: skip
    if console.width >= _WIDE:
        header = (*header[:4], "accepted", "quarantined", *header[4:], "file")
        rows = [
            (*row[:4], each["rows"]["accepted"], each["rows"]["quarantined"], *row[4:], each["file"])
            for row, each in zip(rows, returns, strict=True)
        ]
    show_table(header, rows, console)


def show_faults(returns: Sequence[Mapping[str, Any]], console: Console) -> None:
    """The rules that were broken most often, each with the first place; nothing where none was."""
    found = _by_frequency(returns)
    if not found:
        return
    header = ("times", "severity", "what is wrong", "column", "first at", "of return")
    rows = [
        (count, rule["severity"], _fault(rule), " ".join((rule["column"] or "").split()), _place(rule), _name(entry))
        for rule, entry, count in found[:MOST_FREQUENT]
    ]
    more = f" (the first {MOST_FREQUENT} of {len(found)})" if len(found) > MOST_FREQUENT else ""
    console.print(f"\nMost frequent faults{more}\n", style="bold")
    show_table(header, rows, console)


def headline(summary: Mapping[str, Any]) -> str:
    """``12 returns: 9 accepted, 2 partly accepted, 1 rejected``."""
    verdicts = Counter(str(each["verdict"]).replace("_", " ") for each in summary["returns"])
    told = ", ".join(f"{count:,} {verdict}" for verdict, count in verdicts.most_common())
    return f"{counted(len(summary['returns']), 'return')}: {told}"


def _by_frequency(
    returns: Iterable[Mapping[str, Any]],
) -> list[tuple[Mapping[str, Any], Mapping[str, Any], int]]:
    """Each rule of a contract with the first return that breaks it, and how often all returns do."""
    counts: Counter[tuple[Any, ...]] = Counter()
    first: dict[tuple[Any, ...], tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    for entry in returns:
        for rule in entry["rules"]:
            key = (entry["contract"] or {}).get("id"), rule["code"], rule["rule"], rule["severity"]
            counts[key] += rule["count"]
            first.setdefault(key, (rule, entry))
    order = sorted(counts, key=lambda key: (-counts[key], key[3] != "error"))
    return [(*first[key], counts[key]) for key in order]


def _fault(rule: Mapping[str, Any]) -> str:
    """What is wrong, in the words of the catalogue; a rule over several columns by its own name."""
    own_name = rule["rule"].rpartition("|")[2].replace("_", " ")
    return f"Rule ‘{own_name}’ broken" if rule["code"] in _OF_NO_COLUMN else str(rule["title"])


def _name(entry: Mapping[str, Any]) -> str:
    """Who sent what, ``N53 nps-breaches``; the file where that is not known."""
    if entry["contract"] is None:
        return str(entry["file"])
    return f"{(entry['supplier'] or {}).get('code', 'unknown')} {entry['contract']['id']}"


def _place(rule: Mapping[str, Any]) -> str:
    if rule["row"] is None:
        return "whole file"
    return str(rule["cell"] or f"row {rule['row']}")
