"""The page about a whole run, for the department: what needs attention, and whether all totals agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from probation_etl.reports.html import render
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.verdicts import NEED_ATTENTION, VERDICTS
from probation_etl.unified.reconcile import Reconciliation

#: So many entries of the inbox are listed of each kind; the JSON beside the page has them all.
LISTED = 500
#: Counts of one table: by provider and period, then by measure.
_Counts = dict[tuple[str, date | None], dict[str, Reconciliation]]


def render_run(report: RunReport, *, status_page: str | None = None, files: Iterable[str] = ()) -> str:
    """The page about a whole run.

    Args:
        report: What the run did. Pages of returns are named relative to this page.
        status_page: Where the page is that says who has sent what, relative to this one.
        files: Names of the files beside this page.
    """
    worst_first = VERDICTS[::-1]
    returns = sorted(report.returns, key=lambda each: worst_first.index(each.verdict))
    found = Counter(each.verdict for each in returns)
    return render(
        "run.html.j2", page=report, status_page=status_page, files=tuple(files), returns=returns,
        verdicts=[(verdict, found[verdict]) for verdict in worst_first if found[verdict]],
        attention=[each for each in returns if each.verdict in NEED_ATTENTION],
        others=[each for each in returns if each.verdict not in NEED_ATTENTION],
        differing=[each for each in report.reconciliation if each.from_returns != each.in_store],
        by_period=_by_period(report.reconciliation),
        most=LISTED,
        titles={each.contract.id: each.contract.title for each in returns if each.contract},
    )  # fmt: skip


def _by_period(counted: Iterable[Reconciliation]) -> dict[str, _Counts]:
    """What is in the whole store of each provider and period, by table."""
    found: dict[str, _Counts] = {}
    for each in counted:
        if each.scope == "store" and each.provider is not None and each.return_id is None:
            place = each.provider, each.period_end
            found.setdefault(each.table, {}).setdefault(place, {})[each.measure] = each
    return found
