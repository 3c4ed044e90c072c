"""What must add up, as a contract says it. Its shape has been held against our language before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from probation_etl.contracts.model import Activity, Counterpart, Measure, Reconciled, Replaced


def read_measures(data: Mapping[str, Any] | Iterable[str]) -> tuple[Measure, ...]:
    """The measures of a unified table: names of columns, or names with what each adds up."""
    if isinstance(data, Mapping):
        return tuple(_measure(name, what) for name, what in data.items())
    return tuple(Measure(name, '"' + name.replace('"', '""') + '"') for name in data)


def _measure(name: str, what: Any) -> Measure:
    if isinstance(what, str):
        return Measure(name, what)
    return Measure(name, what["expression"], Counterpart(what["table"], tuple(what["by"])))


def read_activity(data: Mapping[str, Any] | None) -> Activity | None:
    """What of a view is watched for exceptions; None where nothing is."""
    if data is None:
        return None
    history, names = (
        data.get("history", {}),
        {"leastPeers": "least_peers", "recent": "recent", "threshold": "threshold"},
    )
    given: dict[str, Any] = {ours: data[theirs] for theirs, ours in names.items() if theirs in data}
    lists: dict[str, Any] = {name: tuple(data.get(name, ())) for name in ("measures", "by", "peers")}
    return Activity(period=data["period"], query=data.get("query"), **lists, **history, **given)


def read_replaced(data: Mapping[str, Any] | None) -> Replaced | None:
    """Which rows a query may leave out; None where it must keep them all."""
    return None if data is None else Replaced(data["condition"], tuple(data["by"]))


def read_reconciles(data: Iterable[Mapping[str, Any]]) -> tuple[Reconciled, ...]:
    """Totals of a view with the measures that they must be equal to."""
    named = [(each, *each["of"].split(".")) for each in data]
    return tuple(Reconciled(each["total"], table, measure, tuple(each["by"])) for each, table, measure in named)
