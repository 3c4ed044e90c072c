"""The page about one return, for its supplier: faults by rule, the most pressing first, and where each of them is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from probation_etl.contracts.findings import CATALOGUE, Finding
from probation_etl.discreet import Discreet
from probation_etl.reports.all_findings import LISTED
from probation_etl.reports.comparison import Comparison
from probation_etl.reports.html import SHOWN, render
from probation_etl.reports.return_report import ReturnReport
from probation_etl.reports.rule_counts import RuleCount

#: Findings that a page lists of all rules together, at most :data:`LISTED` of each; the files beside it hold all.
LISTED_IN_ALL = 2_000
#: Findings of each rule that are listed however many rules are broken.
_LISTED_AT_LEAST = 5
#: Rows that the list by row names at most.
ROWS = 200

_PLACES = {"sheet": "Sheet", "row": "Row", "cell": "Cell", "column": "Column", "value": "Value"}
#: Codes whose message is a sentence of the contract: it says more than the title of the code.
_IN_SENTENCES = ("row-rule", "table-rule", "cross-return-rule")
#: Severity, code and rule.
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class ListedFinding(Finding):
    """A finding as the page lists it: in a correction ``new`` or ``remaining``, and with a message of bearable length."""

    state: str | None = None


@dataclass(frozen=True)
class Group(Discreet):
    """Findings of one rule, as a page shows them.

    Attributes:
        id: Name of the group on its page.
        key: Severity, code and rule.
        rule: The contract's name for the rule; None for faults that no contract describes.
        provision: What the contract asks, in a sentence; empty where it is not known.
        column: The supplier's header, where all findings are in the same column.
        message: What is wrong, where all findings say the same.
        count: How many there are, listed or not.
        is_counted: Whether that is known; else there are so many at least.
        is_masked: Whether values of a restricted column are shown, by their shape alone.
        columns: Headers of the table's columns by key; what is the same in every line, or empty, is left out.
        findings: The first of them.
    """

    id: str
    key: _Key
    title: str
    rule: str | None
    provision: str
    column: str | None
    message: str | None
    hints: tuple[str, ...]
    count: int
    is_counted: bool
    is_masked: bool
    columns: Mapping[str, str]
    findings: tuple[ListedFinding, ...]

    @property
    def severity(self) -> str:
        """What kind of finding it is."""
        return self.key[0]

    @property
    def is_whole(self) -> bool:
        """Whether its findings are about the file, the header or the table as a whole."""
        return all(each.row is None for each in self.findings)


class _Count(NamedTuple):
    number: int
    is_true: bool


@dataclass(frozen=True)
class Row(Discreet):
    """A row with errors: for each error its group, and the anchor of its line on the page."""

    row: int
    errors: tuple[tuple[Group, str], ...]


def render_return(report: ReturnReport) -> str:
    """The page about one return, with links to the files of findings beside it."""
    groups = _groups(report)
    errors, warnings = ([each for each in groups if each.severity == kind] for kind in ("error", "warning"))
    rows = _rows(errors)
    return render(
        "return.html.j2", page=report, errors=errors, warnings=warnings, rows=rows[:ROWS], rows_in_all=len(rows),
        known={each.key: each for each in groups}, columns=dict(_fixed_columns(report.resubmission)), partial=report.is_partial,
    )  # fmt: skip


def _groups(report: ReturnReport) -> list[Group]:
    """Findings by severity and rule: those of the whole file first, then the most frequent, then as they were found."""
    found: defaultdict[_Key, list[ListedFinding]] = defaultdict(list)
    states = _states(report.resubmission)
    for at, each in report.of_rules():
        found[each.severity, each.code, each.rule].append(ListedFinding(**vars(each), state=states.get(at)))
    rules = {each.key: each for each in report.rules}
    counts = {key: rules[key].count if key in rules else len(found[key]) for key in (*found, *rules)}
    ordered = sorted(counts, key=lambda key: (_of_rows(found[key], rules.get(key)), -counts[key]))
    listed = max(_LISTED_AT_LEAST, min(LISTED, LISTED_IN_ALL // max(1, len(ordered))))
    return [
        _group(
            key,
            position,
            found[key],
            listed,
            _Count(counts[key], key in rules or not report.is_partial),
            rules.get(key),
        )
        for severity in ("error", "warning")
        for position, key in enumerate((key for key in ordered if key[0] == severity), start=1)
    ]


def _states(comparison: Comparison | None) -> dict[int, str]:
    """Whether a finding was there before or is new, by its position."""
    if comparison is None:
        return {}
    states = {"remaining": comparison.remaining_findings, "new": comparison.new_findings}
    return {at: state for state, positions in states.items() for at in positions}


def _fixed_columns(comparison: Comparison | None) -> Iterator[tuple[_Key, str]]:
    """The column of each rule that the earlier return broke."""
    for each in comparison.fixed_findings if comparison else ():
        if each.column:
            yield (each.severity, each.code, each.rule), each.column


def _of_rows(findings: Sequence[Finding], rule: RuleCount | None) -> bool:
    return bool(findings[0].row if findings else rule and rule.row)


def _group(
    key: _Key,
    position: int,
    findings: list[ListedFinding],
    listed: int,
    count: _Count,
    counted: RuleCount | None,
) -> Group:
    severity, code, rule = key
    headers = {each.column for each in findings} or {counted.column if counted else None}
    messages = {each.message for each in findings}
    message = messages.pop() if len(messages) == 1 else None
    by_sentence = code in _IN_SENTENCES and message is not None
    return Group(
        id=f"{severity}-{position}",
        key=key,
        title=_title(code, message if by_sentence else None),
        rule=None if rule == code else rule,
        provision=(counted and counted.provision) or "",
        column=headers.pop() if len(headers) == 1 and not by_sentence else None,
        message=None if by_sentence or message is None else _short(message, findings[0].value),
        hints=tuple(dict.fromkeys(each.hint for each in findings if each.hint)),
        count=count.number,
        is_counted=count.is_true,
        is_masked=counted is not None and counted.masked and any(each.value for each in findings),
        columns=dict(_columns(findings, with_message=message is None, with_column=by_sentence)),
        findings=tuple(replace(each, message=_short(each.message, each.value)) for each in findings[:listed]),
    )


def _title(code: str, message: str | None) -> str:
    if message:
        return message.rstrip(".")
    return CATALOGUE[code].title if code in CATALOGUE else code


def _columns(findings: Sequence[ListedFinding], *, with_message: bool, with_column: bool) -> Iterator[tuple[str, str]]:
    """Columns of the table: whatever differs from line to line, and always place and value where they are known."""
    always = {"row", "cell", "value", *(("column",) if with_column else ())}
    for key, header in _PLACES.items():
        values = {getattr(each, key) for each in findings}
        if values != {None} and (key in always or len(values) > 1):
            yield key, header
    if with_message and findings:
        yield "message", "What is wrong"
    if any(each.state for each in findings):
        yield "state", "Since last time"


def _short(message: str, value: str | None) -> str:
    return message if value is None or len(value) <= SHOWN else message.replace(value, f"{value[:20]}…")


def _rows(groups: Iterable[Group]) -> list[Row]:
    """The errors by row, for a supplier who goes through the file from top to bottom."""
    found: defaultdict[int, list[tuple[Group, str]]] = defaultdict(list)
    for group in groups:
        for at, each in enumerate(group.findings, start=1):
            if each.row is not None:
                found[each.row].append((group, f"{group.id}-{at}"))
    return [Row(row, tuple(islice(errors, LISTED))) for row, errors in sorted(found.items())]
