"""The page about a whole run, for the department: what needs attention, and whether all totals agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from probation_etl.reports.html import render, with_defaults

#: Verdicts, those first that ask most of the reader.
_VERDICTS = ("rejected", "partly_accepted", "accepted_with_warnings", "accepted", "unchanged")
#: Those that ask somebody to do something.
_ATTENTION = ("rejected", "partly_accepted")
#: What an entry of the reconciliation may leave out.
_NOT_COUNTED = {
    "scope": "run", "in_unified": None,
    **dict.fromkeys(("provider", "period_end", "contract_id", "return_id", "status")),
    **dict.fromkeys(("control", "read", "accepted", "quarantined", "superseded", "replaced")),
}  # fmt: skip
#: What a summary may leave out.
_DEFAULTS: Mapping[str, Any] = {
    "started_at": None, "reconciliation": (), "release_checks": (), "unallocated": (), "exceptions": (),
    "released": None, "release": None, "data_docs": None,
}  # fmt: skip


def render_run(summary: Mapping[str, Any], *, status_page: str | None = None, files: Iterable[str] = ()) -> str:
    """The page about a whole run.

    Args:
        summary: The JSON shape of results. Paths in ``report`` are relative to this page.
        status_page: Where the page stands that says who has sent what, relative to this one.
        files: Names of the files beside this page.
    """
    page = {**_DEFAULTS, **summary}
    page["reconciliation"] = [{**_NOT_COUNTED, **each} for each in page["reconciliation"]]
    page["by_period"] = _by_period(page["reconciliation"])
    page["release_checks"] = [{"severity": "error", **each} for each in page["release_checks"]]
    returns = [with_defaults(each) for each in summary["returns"]]
    returns.sort(key=lambda each: _VERDICTS.index(each["verdict"]))
    found = Counter(each["verdict"] for each in returns)
    return render(
        "run.html.j2", page=page, status_page=status_page, files=tuple(files), returns=returns,
        verdicts=[(verdict, found[verdict]) for verdict in _VERDICTS if found[verdict]],
        attention=[each for each in returns if each["verdict"] in _ATTENTION],
        others=[each for each in returns if each["verdict"] not in _ATTENTION],
        differing=[each for each in page["reconciliation"] if each["from_returns"] != each["in_store"]],
        titles={each["contract"]["id"]: each["contract"].get("title") for each in returns if each["contract"]},
    )  # fmt: skip


def _by_period(counted: Iterable[Mapping[str, Any]]) -> dict[str, dict[tuple[str, str], dict[str, Mapping[str, Any]]]]:
    """What stands in the whole store of each provider and period: by table, then by both, then by measure."""
    found: dict[str, dict[tuple[str, str], dict[str, Mapping[str, Any]]]] = {}
    for each in counted:
        if each["scope"] == "store" and each["provider"] is not None and each["return_id"] is None:
            place = each["provider"], each["period_end"]
            found.setdefault(each["table"], {}).setdefault(place, {})[each["measure"]] = each
    return found
