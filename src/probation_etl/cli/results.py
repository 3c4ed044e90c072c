"""Returns and their findings for a person at a terminal: line by line, as a table, and the most frequent faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from rich.console import Console

from probation_etl.cli.output import show_table
from probation_etl.contracts.findings import BESIDE_OTHERS, FOR_THE_OPERATOR
from probation_etl.contracts.numbers import counted
from probation_etl.discreet import Discreet
from probation_etl.reports.not_taken import in_short

if TYPE_CHECKING:
    from probation_etl.contracts.findings import Finding
    from probation_etl.reports.not_taken import NotTaken
    from probation_etl.reports.return_report import ReturnReport
    from probation_etl.reports.rule_counts import RuleCount


#: Findings that are listed of each return.
_SHOWN = 50
#: Notes that are listed of each return.
_NOTES_SHOWN = 10
#: Faults that the table lists; the reports hold all.
MOST_FREQUENT = 10
#: Returns that the table lists; the reports hold all.
MOST_RETURNS = 1_000
#: Columns of a terminal that has room for every count and for names of files.
_WIDE = 140
#: Codes of findings whose rules say more by their own names.
_OF_NO_COLUMN = ("row-rule", "table-rule", "cross-return-rule")


def findings_text(returns: Iterable[ReturnReport]) -> str:
    """Each return with its verdict, counts, the notes that were left out, and first findings."""
    listed = list(returns)
    several = Counter(each.name for each in listed)
    return "\n\n".join("\n".join(_lines(each, several[each.name] > 1)) for each in listed)


def _lines(report: ReturnReport, is_one_of_several: bool) -> Iterable[str]:
    contract = report.contract.id if report.contract else "not identified"
    rows = report.rows
    whose = [report.supplier.code if report.supplier else "nobody known", f"{report.period_end or 'no period'}"]
    told = ", ".join([contract, *(whose if is_one_of_several else [])])
    yield f"{_one_line(report.name)}: {report.verdict.replace('_', ' ')} ({told})"
    yield f"  rows read {rows.read}, accepted {rows.accepted}, quarantined {rows.quarantined}, blank {rows.blank}"
    for note in report.notes[:_NOTES_SHOWN]:
        why = "as the contract says" if note.agreed else "as a note"
        yield f"  row {note.row}: left out {why}: ‘{_one_line(note.text)}’"
    if len(report.notes) > _NOTES_SHOWN:
        yield f"  … and {len(report.notes) - _NOTES_SHOWN} more notes; --format json lists them all"
    for finding in report.findings[:_SHOWN]:
        yield f"  {_place(finding)}{finding.severity}: {_one_line(finding.message)} [{finding.code}]"
        yield f"    {_one_line(finding.hint)}"
    more = report.counts.total - min(len(report.findings), _SHOWN)
    if more:
        yield f"  … and {more} more; --format csv lists them all"


def _place(finding: Finding) -> str:
    if finding.row is None:
        return ""
    where = finding.cell or f"row {finding.row}"
    column = f", {_one_line(finding.column)}" if finding.column else ""
    return f"{where}{column}: "


def _one_line(text: str) -> str:
    """Text of a file on one line, without characters that a terminal would act on."""
    return "".join(char if char.isprintable() else " " for char in text)


@dataclass(frozen=True)
class _Fault(Discreet):
    """A rule that returns broke: the first of them, and how often it was broken in all."""

    rule: RuleCount
    first: ReturnReport
    count: int


def show_returns(returns: Sequence[ReturnReport], console: Console) -> None:
    """Prints a line for each return: who sent what for which period, and its verdict; with all counts on a wide terminal."""
    returns, left = _foremost(returns)
    header: tuple[str, ...] = ("return", "period end", "verdict", "read", "errors", "warnings")
    rows: list[tuple[object, ...]] = [
        (
            _name(each), each.period_end, _verdict(each), each.rows.read, each.counts.error, each.counts.warning,
        )
        for each in returns
    ]  # fmt: skip
    if console.width >= _WIDE:
        header = (*header[:4], "accepted", "quarantined", *header[4:], "file")
        rows = [
            (*row[:4], each.rows.accepted, each.rows.quarantined, *row[4:], each.file)
            for row, each in zip(rows, returns, strict=True)
        ]
    show_table(header, rows, console)
    if left:
        console.print(f"… and {left:,} more, none of them worse; --json lists them all")


def _foremost(returns: Sequence[ReturnReport]) -> tuple[Sequence[ReturnReport], int]:
    """As many returns as somebody may read, the worst of them, in their order; and how many are left out."""
    from probation_etl.reports.verdicts import VERDICTS

    if len(returns) <= MOST_RETURNS:
        return returns, 0
    worst = sorted(range(len(returns)), key=lambda at: -VERDICTS.index(returns[at].verdict))[:MOST_RETURNS]
    return [returns[at] for at in sorted(worst)], len(returns) - MOST_RETURNS


def show_faults(returns: Sequence[ReturnReport], console: Console) -> None:
    """Prints the rules that were broken most often, each with the first place, if any was."""
    found = _by_frequency(returns)
    if not found:
        return
    header = ("times", "severity", "what is wrong", "column", "first at", "of return")
    rows = [
        (
            each.count, each.rule.severity, _what_is_wrong(each.rule), " ".join((each.rule.column or "").split()),
            _first_place(each.rule), _name(each.first),
        )
        for each in found[:MOST_FREQUENT]
    ]  # fmt: skip
    more = f" (the first {MOST_FREQUENT} of {len(found)})" if len(found) > MOST_FREQUENT else ""
    console.print(f"\nMost frequent faults{more}\n", style="bold")
    show_table(header, rows, console)


def show_beside(returns: Iterable[ReturnReport]) -> None:
    """Prints what a table has no room for: what other files have to do with a verdict, what could not be read, what to do."""
    codes = (*BESIDE_OTHERS, *FOR_THE_OPERATOR)
    told = [(each.name, finding) for each in returns for finding in each.findings if finding.code in codes]
    for name, finding in told[:MOST_FREQUENT]:
        click.echo(f"{_one_line(name)}: {finding.severity}: {_one_line(finding.message)}\n  {_one_line(finding.hint)}")
    if len(told) > MOST_FREQUENT:
        click.echo(f"… and {len(told) - MOST_FREQUENT:,} more of the kind; the reports have them all")
    if told:
        click.echo("")


def show_not_taken(entries: Iterable[NotTaken]) -> None:
    """Prints which files of the inbox wait for a later run, and how many of which kind are left alone."""
    listed = list(entries)
    waiting = [each for each in listed if each.waits]
    for each in waiting[:MOST_FREQUENT]:
        click.echo(f"{_one_line(each.file)}: waiting: {each.why}")
    if len(waiting) > MOST_FREQUENT:
        click.echo(f"… and {len(waiting) - MOST_FREQUENT:,} more that wait; --json lists them all")
    left = [each for each in listed if not each.waits]
    if left:
        click.echo(f"Left alone: {in_short(left)}")


def headline(returns: Sequence[ReturnReport]) -> str:
    """``12 returns: 9 accepted, 2 partly accepted, 1 rejected``."""
    verdicts = Counter(each.verdict.replace("_", " ") for each in returns)
    listed = ", ".join(f"{count:,} {verdict}" for verdict, count in verdicts.most_common())
    return f"{counted(len(returns), 'return')}: {listed}"


def _verdict(report: ReturnReport) -> str:
    """A verdict in words: ``nil return`` for a nil return without findings."""
    nil = report.nil and report.verdict == "accepted"
    return "nil return" if nil else report.verdict.replace("_", " ")


def _by_frequency(returns: Iterable[ReturnReport]) -> list[_Fault]:
    """Each rule of a contract that was broken, the most frequent first, errors before warnings."""
    counts: Counter[tuple[str | None, tuple[str, str, str]]] = Counter()
    first: dict[tuple[str | None, tuple[str, str, str]], tuple[RuleCount, ReturnReport]] = {}
    for report in returns:
        for rule in report.rules:
            key = report.contract.id if report.contract else None, rule.key
            counts[key] += rule.count
            first.setdefault(key, (rule, report))
    found = [_Fault(*first[key], count) for key, count in counts.items()]
    return sorted(found, key=lambda each: (-each.count, each.rule.severity != "error"))


def _what_is_wrong(rule: RuleCount) -> str:
    """What is wrong: the title in the catalogue, or the name of a rule over several columns."""
    own_name = rule.rule.rpartition("|")[2].replace("_", " ")
    return f"Rule ‘{own_name}’ broken" if rule.code in _OF_NO_COLUMN else rule.title


def _name(report: ReturnReport) -> str:
    """Who sent what, ``N53 nps-breaches``; the name of the file if that is not known."""
    if report.contract is None:
        return report.file
    return f"{report.supplier.code if report.supplier else 'unknown'} {report.contract.id}"


def _first_place(rule: RuleCount) -> str:
    if rule.row is None:
        return "whole file"
    return rule.cell or f"row {rule.row}"
