"""What only the contract of a unified table or view says: measures, rows left out, totals that agree, completeness."""

from __future__ import annotations

from collections.abc import Iterable

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import Activity, Completeness, Counterpart, Measure, Reconciled, Replaced
from probation_etl.contracts.odcs.part import Part


def read_measures(part: Part) -> tuple[Measure, ...]:
    """The measures of a unified table: names of columns, or names with what each adds up."""
    return (
        *(Measure(name, quoted(name)) for name in _names(part.items)),
        *(_measure(*each) for each in part.entries.items()),
    )


def _names(parts: Iterable[Part]) -> list[str]:
    return [each.text_or("") for each in parts]


def _measure(name: str, what: Part) -> Measure:
    if what.text is not None:
        return Measure(name, what.text)
    table = what["table"].text
    counterpart = Counterpart(table, what["by"].texts) if table is not None else None
    return Measure(name, what["expression"].text_or(""), counterpart, silent=what["silent"].value is True)


def read_activity(part: Part) -> Activity | None:
    """Which counts of a view are watched for exceptions; None where none are."""
    if part.value is None:
        return None
    return Activity(
        measures=part["measures"].texts,
        by=part["by"].texts,
        period=part["period"].text_or(""),
        peers=part["peers"].texts,
        query=part["query"].text,
        least=part["history"]["least"].whole_or(Activity.least),
        most=part["history"]["most"].whole_or(Activity.most),
        least_peers=part["leastPeers"].whole_or(Activity.least_peers),
        recent=part["recent"].whole_or(Activity.recent),
        threshold=part["threshold"].number_or(Activity.threshold),
    )


def read_completeness(part: Part) -> Completeness | None:
    """Which returns must be complete; None where the contract does not say."""
    return None if part.value is None else Completeness(part["returns"].texts, part["severity"].severity)


def read_replaced(part: Part) -> Replaced | None:
    """Which rows a query may leave out; None where it must keep them all."""
    return None if part.value is None else Replaced(part["condition"].text_or(""), part["by"].texts)


def read_reconciles(part: Part) -> tuple[Reconciled, ...]:
    """Totals of a view with the measures that they must be equal to."""
    return tuple(_reconciled(each) for each in part.items)


def _reconciled(part: Part) -> Reconciled:
    table, _, measure = part["of"].text_or("").partition(".")
    return Reconciled(part["total"].text_or(""), table, measure, part["by"].texts)
