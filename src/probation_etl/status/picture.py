"""Who has sent what, and who has not: one line an organisation, return and period, as the ledger knows it on a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.organisations import Reference
from probation_etl.status.arrivals import arrivals
from probation_etl.status.calendar import Calendar, Expected, Sent
from probation_etl.stores import Store

FORMAT_VERSION = "1"
#: States of returns whose rows count.
RECEIVED = ("accepted", "accepted_with_warnings", "partly_accepted", "nil")
_COUNTS = ("rows_read", "rows_accepted", "rows_quarantined", "errors", "warnings")
_NAMES = ("file", "sheet", "return_id", "run_id")

Entry = Mapping[str, Any]


class _Key(NamedTuple):
    supplier: str
    kind: str
    period_end: date


def status(
    store: Store,
    contracts: Contracts,
    reference: Reference,
    *,
    on: date,
    since: date | None = None,
    unallocated: Mapping[str, int] | None = None,
    exceptions: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """What has been received, what is missing and what is not yet due, as the store shows it now.

    For an earlier day, call it inside ``store.as_it_was(arrivals.end_of(on))``.

    Args:
        store: The store.
        contracts: The contracts of its returns.
        reference: Organisations and bank holidays.
        on: The day by which returns are due or not.
        since: The first period end to tell of; by default the first that anybody has sent a return for.
        unallocated: How many rows of each return have no region or the like, by ``return_id``.
        exceptions: Counts outside the band that an area's own history and its peers give, as the page of a run has them.

    Returns:
        The shape that ``status --json`` prints: ``docs/reference/schemas/status.schema.json``.
    """
    calendar = Calendar.of(contracts, reference)
    entries = arrivals(store, unallocated or {})
    picture = _Picture(calendar, entries, on, since)
    rows = list(picture.rows())
    return {
        "format_version": FORMAT_VERSION,
        "on": on.isoformat(),
        "begun": _iso(picture.begun),
        "counts": _counts(rows),
        "returns": rows,
        "silent": list(picture.silent()),
        "exceptions": [dict(each) for each in exceptions],
    }


class _Picture:
    """What has come, held against what is expected."""

    def __init__(self, calendar: Calendar, entries: list[dict[str, Any]], on: date, since: date | None) -> None:
        self._calendar, self._on = calendar, on
        self._since = since or date.min
        self.begun = min((each["came"] for each in entries), default=None)
        self._received: dict[_Key, list[Entry]] = defaultdict(list)
        self._unknown: list[Entry] = []
        self._sent: dict[str, dict[date, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for each in entries:
            self._take(each)
        self._expected: dict[str, dict[date, Expected]] = {
            kind: {each.period_end: each for each in calendar.expected(kind, self._sent_of(kind), on=on, since=since)}
            for kind in calendar.kinds
        }

    def _take(self, entry: Entry) -> None:
        parts = entry["supplier_code"], entry["kind"], entry["period_end"]
        if None in parts:
            self._unknown.append(entry)
            return
        key = _Key(*parts)
        self._received[key].append(entry)
        if not entry["withdrawn"]:
            self._sent[key.kind][key.period_end][key.supplier] = entry["supplier_name"] or key.supplier

    def _sent_of(self, kind: str) -> Sent:
        return self._sent.get(kind, {})

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every line, by supplier, return and period; what could not be identified comes last."""
        names = {
            _Key(supplier, kind, end): name
            for kind, expected in self._expected.items()
            for end, each in expected.items()
            for supplier, name in each.suppliers.items()
        }
        for key in sorted({*self._received, *names}):
            if key.period_end >= self._since:
                yield self._row(key, names.get(key))
        yield from map(self._nobodys, self._unknown)

    def silent(self) -> Iterator[dict[str, str]]:
        """Returns that have stopped coming, with the last period that any came for."""
        for kind in sorted(self._calendar.kinds):
            last = self._calendar.silent_since(kind, self._sent_of(kind), on=self._on)
            if last is not None:
                yield {"contract_id": kind, "title": self._title(kind), "period_end": last.isoformat()}

    def _row(self, key: _Key, name: str | None) -> dict[str, Any]:
        entries = self._received.get(key, [])
        standing = [each for each in entries if not each["withdrawn"]]
        acceptable = [each for each in standing if each["loaded"]]
        shown = next((each for each in standing if each["is_current"]), (standing or entries)[-1]) if entries else None
        received = min((each["came"] for each in acceptable), default=None)
        due = self._calendar.due(key.kind, key.period_end)
        expected = self._expected.get(key.kind, {})
        return {
            "supplier_code": key.supplier,
            "supplier_name": shown["supplier_name"] if shown else name,
            "contract_id": shown["contract_id"] if shown else key.kind,
            "title": self._title(key.kind),
            "period_end": key.period_end.isoformat(),
            "state": _state(shown) if shown else self._absent(due),
            "due": _iso(due),
            "received": _iso(received),
            "working_days_late": self._late(key, due, received),
            "correction": len(acceptable) > 1,
            "off_cycle": bool(expected) and key.period_end <= self._on and key.period_end not in expected,
            **_facts(shown, entries),
        }

    def _absent(self, due: date | None) -> str:
        return "missing" if due is not None and due < self._on else "expected"

    def _late(self, key: _Key, due: date | None, received: date | None) -> int | None:
        """Working days after the due day; None where nobody knows, or where the return has not come and is not due."""
        level = self._calendar.kinds[key.kind][-1].service_level if key.kind in self._calendar.kinds else None
        if level is None or due is None or (received is None and self._on <= due):
            return None
        # What was due long before the store was begun was loaded later: nobody knows when it came.
        kept = level.frequency.after(due) if level.frequency else due
        known = self.begun is None or kept >= self.begun
        return self._calendar.days.late(due, received or self._on) if known else None

    def _title(self, kind: str) -> str:
        return self._calendar.kinds[kind][-1].title if kind in self._calendar.kinds else kind

    def _nobodys(self, entry: Entry) -> dict[str, Any]:
        """A line for what could not be identified: it is nobody's return."""
        kind, end = entry["kind"], entry["period_end"]
        return {
            "supplier_code": entry["supplier_code"], "supplier_name": entry["supplier_name"],
            "contract_id": entry["contract_id"], "title": self._title(kind) if kind else None,
            "period_end": _iso(end), "state": _state(entry), "due": None, "received": None, "working_days_late": None,
            "correction": False, "off_cycle": False, **_facts(entry, [entry]),
        }  # fmt: skip


def _state(entry: Entry) -> str:
    """A verdict, or what there is to say instead; a nil return is called so unless there is more to say of it."""
    if entry["withdrawn"]:
        return "withdrawn"
    nil = entry["loaded"] and entry["rows_read"] == 0 and entry["verdict"] == "accepted"
    return "nil" if nil else str(entry["verdict"])


def _facts(shown: Entry | None, entries: Iterable[Entry]) -> dict[str, Any]:
    """What the ledger says of the return that stands for a line, and of all that came for it."""
    facts = dict.fromkeys((*_COUNTS, *_NAMES)) if shown is None else {each: shown[each] for each in (*_COUNTS, *_NAMES)}
    return {
        "verdict": shown and shown["verdict"],
        "nil": shown is not None and bool(shown["loaded"]) and shown["rows_read"] == 0,
        "withdrawn": shown is not None and bool(shown["withdrawn"]),
        "rows_unallocated": shown and sum(each["unallocated"] for each in entries),
        **facts,
        "arrivals": [
            {"on": _iso(each["came"]), "state": _state(each), "file": each["file"], "return_id": each["return_id"]}
            for each in entries
        ],
    }


def _counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    """How many lines are in which state; those of nobody are counted by themselves."""
    known = [each for each in rows if each["supplier_code"] and each["contract_id"] and each["period_end"]]
    states = Counter(each["state"] for each in known)
    received = [each for each in known if each["state"] in RECEIVED]
    return {
        "due": len(known) - states["expected"],
        "received": len(received),
        "late": sum((each["working_days_late"] or 0) > 0 for each in received),
        "nil": states["nil"],
        "partly_accepted": states["partly_accepted"],
        "corrected": sum(each["correction"] for each in received),
        "rejected": states["rejected"],
        "withdrawn": states["withdrawn"],
        "missing": states["missing"],
        "expected": states["expected"],
        "unidentified": len(rows) - len(known),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
