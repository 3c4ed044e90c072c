"""Who has sent what, for people: the headline, the rounds of returns that belong together, and the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probation_etl.reports.html import counted, day, number, render

_STATES = {"nil": "nil return", "expected": "not yet due"}
_RECEIVED = ("accepted", "accepted_with_warnings", "partly_accepted", "nil")


@dataclass(frozen=True)
class Round:
    """One return for one period: the lines of all who must send it or have sent it.

    Attributes:
        due: The last day on which it is in time (ISO 8601); None where nothing is agreed.
    """

    period_end: str
    title: str
    contract_id: str
    due: str | None
    rows: tuple[Mapping[str, Any], ...]

    @property
    def size(self) -> int:
        """How many lines it has."""
        return len(self.rows)

    @property
    def states(self) -> Counter[str]:
        """How many lines are in which state."""
        return Counter(each["state"] for each in self.rows)

    @property
    def received(self) -> int:
        """How many returns have come and count."""
        return sum(self.states[each] for each in _RECEIVED)

    @property
    def late(self) -> int:
        """How many of them came late."""
        return sum((each["working_days_late"] or 0) > 0 for each in self.rows if each["state"] in _RECEIVED)


def headline(picture: Mapping[str, Any]) -> str:
    """The whole in a sentence: ``On 6 December 2020: 94 of 96 returns received, 1 of them late; 1 missing``."""
    counts = picture["counts"]
    before = f"On {day(picture['on'])}: "
    if not counts["due"] and not counts["expected"]:
        return f"{before}no return had been received"
    late = f", {number(counts['late'])} of them late" if counts["late"] else ""
    words = [f"{number(counts['received'])} of {counted(counts['due'], 'return')} received{late}"]
    more = {"rejected": "rejected", "withdrawn": "withdrawn", "missing": "missing", "expected": "not yet due"}
    words += [f"{number(counts[key])} {said}" for key, said in more.items() if counts[key]]
    return before + "; ".join((words[0], ", ".join(words[1:]))) if words[1:] else before + words[0]


def notes(picture: Mapping[str, Any]) -> list[str]:
    """What must be known to read the lines right, a sentence each."""
    silent = [
        f"{each['title']}: nothing has come for a period after {day(each['period_end'])}." for each in picture["silent"]
    ]
    older = sum(
        each["due"] is not None
        and each["state"] != "expected"
        and each["working_days_late"] is None
        and bool(each["received"])
        for each in identified(picture)
    )
    if not older:
        return silent
    told = f"{counted(older, 'return')} fell due before the store was begun on {day(picture['begun'])}"
    return [*silent, f"{told}: nobody knows whether {'it' if older == 1 else 'they'} came in time."]


def rounds(picture: Mapping[str, Any]) -> list[Round]:
    """The lines by period, the newest first, and by return; what could not be identified is left out."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for each in identified(picture):
        found.setdefault((each["period_end"], each["title"]), []).append(each)
    ordered = sorted(found.items(), key=lambda pair: pair[0][1])
    ordered.sort(key=lambda pair: pair[0][0], reverse=True)
    return [
        Round(end, title, rows[0]["contract_id"], rows[0]["due"], tuple(sorted(rows, key=_by_supplier)))
        for (end, title), rows in ordered
    ]


def identified(picture: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The lines that are somebody's return for a period."""
    for each in picture["returns"]:
        if each["supplier_code"] and each["contract_id"] and each["period_end"]:
            yield each


def unidentified(picture: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The lines of files that are nobody's return."""
    known = {id(each) for each in identified(picture)}
    return [each for each in picture["returns"] if id(each) not in known]


def state_in_words(state: str) -> str:
    """What a state is called."""
    return _STATES.get(state, state.replace("_", " "))


def timing(row: Mapping[str, Any]) -> str:
    """How a line stands to its due day, in words."""
    late, due = row["working_days_late"], row["due"]
    if late:
        days = counted(late, "working day")
        return f"late by {days}" if row["received"] else f"{days} overdue"
    if row["state"] == "expected" and due:
        return f"due {day(due)}"
    return "on time" if late == 0 and row["received"] else ""


def remarks(row: Mapping[str, Any]) -> list[str]:
    """What else there is to say of a line."""
    told = [f"{day(each['on'])}, {state_in_words(each['state'])}" for each in row["arrivals"]]
    count = row["rows_unallocated"]
    return [
        *([f"{'corrected' if row['correction'] else 'sent more than once'}: {'; '.join(told)}"] if told[1:] else []),
        *(["not a period of the cycle"] if row["off_cycle"] else []),
        *([f"{counted(count, 'row')} unallocated"] if count else []),
    ]


def exception_in_words(exception: Mapping[str, Any]) -> str:
    """An activity exception with the numbers behind it, in a sentence."""
    area = ", ".join(f"{name} {value}" for name, value in exception["area"].items() if value is not None)
    own, peers = exception["own"], exception["peers"]
    usual = f"by its own {counted(own['count'], 'earlier period')} {_band(own)} is usual"
    beside = f", by its {counted(peers['count'], 'peer')} {_band(peers)}" if peers else ""
    what = f"{exception['measure']} of {exception['table']}, period from {day(exception['period'])}"
    return f"{area}: {number(exception['value'])} {what}; {usual}{beside}."


def _band(band: Mapping[str, Any]) -> str:
    return f"{band['median']:g} ({band['low']:g} to {band['high']:g})"


def render_status(picture: Mapping[str, Any], *, run_page: str | None = None) -> str:
    """The page that says who has sent what.

    Args:
        picture: The shape that ``status --json`` prints.
        run_page: Where the page of the run stands that this one belongs to, relative to this one.
    """
    found = rounds(picture)
    periods: dict[str, list[Round]] = {}
    for each in found:
        periods.setdefault(each.period_end, []).append(each)
    return render(
        "status.html.j2", page=picture, headline=headline(picture), periods=periods, rounds=found,
        unidentified=unidentified(picture), notes=notes(picture), timing=timing, remarks=remarks, named=state_in_words, exceptional=exception_in_words, run_page=run_page,
    )  # fmt: skip


def _by_supplier(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["supplier_code"], row["contract_id"]
