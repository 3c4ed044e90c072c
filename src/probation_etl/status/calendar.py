"""Which returns are expected: for which periods, from which organisations, by which day.

Periods are worked out from those that suppliers have sent returns for, with gaps filled at the contract's frequency,
unless the contract names the end of one (``anchor``): see ADR 13. Pure: nothing is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.organisations import Reference
from probation_etl.contracts.service_levels import Frequency, ServiceLevel
from probation_etl.contracts.working_days import WorkingDays
from probation_etl.discreet import Discreet

#: For each period end, the suppliers that sent something for it: names by code.
Sent = Mapping[date, Mapping[str, str]]
#: No return is older. It keeps a mistyped day from producing centuries of periods.
_EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True)
class Expected(Discreet):
    """One return for one period, as it is due from every organisation that must send it.

    Attributes:
        suppliers: Names of those who must send it, by code.
    """

    contract: Contract
    period_end: date
    due: date
    suppliers: Mapping[str, str]


@dataclass(frozen=True)
class Calendar(Discreet):
    """When returns are due, by contracts and reference tables.

    Attributes:
        kinds: The versions of the contract of each kind of return, the oldest first.
    """

    contracts: Contracts
    reference: Reference
    days: WorkingDays
    kinds: Mapping[str, list[ReturnContract]] = field(init=False)

    def __post_init__(self) -> None:
        kinds: dict[str, list[ReturnContract]] = {}
        for each in self.contracts.return_versions():
            if each.layout_of is None:
                kinds.setdefault(each.id, []).append(each)
        object.__setattr__(self, "kinds", kinds)

    @classmethod
    def of(cls, contracts: Contracts, reference: Reference) -> Calendar:
        """The calendar of these contracts, with the bank holidays of the reference tables."""
        return cls(contracts, reference, WorkingDays(frozenset(reference.bank_holidays())))

    def version(self, kind: str, period_end: date) -> ReturnContract | None:
        """The contract that applies to returns of this kind for that period."""
        return next((each for each in self.kinds.get(kind, ()) if each.in_force(period_end)), None)

    def due(self, kind: str, period_end: date) -> date | None:
        """The last day on which a return is in time; None where nothing is agreed."""
        contract = self.version(kind, period_end)
        if contract is None or contract.service_level.latency is None:
            return None
        return self.days.due(period_end, contract.service_level.latency)

    def expected(self, kind: str, sent: Sent, *, on: date, since: date | None = None) -> Iterator[Expected]:
        """Returns of this kind that are expected for periods which have ended by a day; none without a service level.

        Args:
            kind: Id of the contract.
            sent: Returns that have come by then.
            on: The day.
            since: The first period end to include; by default the first that any organisation has sent a return for.
        """
        level = self.kinds[kind][-1].service_level
        if level.frequency is None or level.latency is None:
            return
        senders = {end: len(suppliers) for end, suppliers in sent.items()}
        for end in period_ends(level, senders, on=on, since=since, days=self.days):
            contract, due = self.version(kind, end), self.due(kind, end)
            if contract is not None and due is not None:
                yield Expected(contract, end, due, self._suppliers(contract, end, sent))

    def silent_since(self, kind: str, sent: Sent, *, on: date) -> date | None:
        """The last period with any return, where the two periods after it have fallen due since; else None."""
        level = self.kinds[kind][-1].service_level
        past = [end for end in sent if end <= on]
        if level.frequency is None or level.latency is None or not past:
            return None
        following = level.frequency.after(max(past))
        goes_on = self.version(kind, following) is not None
        return max(past) if goes_on and on > _listed_until(level, max(past), self.days) else None

    def must_send(self, kind: str, on: date) -> dict[str, str]:
        """Organisations that must send this return for a period ending on that day: names by code; empty without a list."""
        contract = self.version(kind, on)
        return self._suppliers(contract, on, {}) if contract else {}

    def _suppliers(self, contract: ReturnContract, end: date, sent: Sent) -> dict[str, str]:
        """Organisations of the contract's kind that are valid at the period end; without a list, all that ever sent it.

        A sheet that may be missing is expected of those who sent it.
        """
        if contract.identification.optional:
            return dict(sent.get(end, {}))
        if contract.supplier_kind is None or "organisations" not in self.reference.tables:
            return {code: name for suppliers in sent.values() for code, name in suppliers.items()}
        return {
            each.code: each.name
            for each in self.reference.valid_on(end)
            if each.kind == contract.supplier_kind and contract.expected_level in (None, each.level)
        }


def period_ends(
    level: ServiceLevel, senders: Mapping[date, int], *, on: date, since: date | None, days: WorkingDays
) -> list[date]:
    """The ends of the periods for which a return is expected from every supplier.

    Args:
        level: What the contract agrees on.
        senders: How many suppliers have sent a return, by period end.
        on: No period is expected before it has ended.
        since: The first end to include; by default the first that any supplier has sent a return for.
        days: Which days are working days.
    """
    frequency = level.frequency
    past = {end: number for end, number in senders.items() if end <= on}
    if frequency is None or not (past or level.anchor):
        return []
    if level.anchor is not None:
        ends = _anchored(frequency, level.anchor, since or min(past, default=level.anchor), on)
    else:
        ends = _inferred(frequency, past)
        following = frequency.after(ends[-1])
        ends += [following] if following <= on <= _listed_until(level, ends[-1], days) else []
        ends = [*_before(frequency, ends[0], since), *ends]
    return [end for end in ends if since is None or since <= end]


def _anchored(frequency: Frequency, anchor: date, first: date, last: date) -> list[date]:
    """All ends between two days that are a whole number of periods from the anchor."""
    earlier = _before(frequency, anchor, first)
    return [end for end in (*earlier, *frequency.ends(anchor, last)) if first <= end <= last]


def _before(frequency: Frequency, first: date, since: date | None) -> list[date]:
    """The ends before the first one, back to a day."""
    found: list[date] = []
    while since is not None and (end := frequency.after(first, -len(found) - 1)) >= max(since, _EARLIEST):
        found.append(end)
    return found[::-1]


def _inferred(frequency: Frequency, senders: Mapping[date, int]) -> list[date]:
    """The ends of the cycle that suppliers follow. Ends that all of them missed are filled in where the cycle goes on."""
    kept: list[date] = []
    # Believe the majority: a single supplier may have given the wrong day.
    for end in sorted(senders, key=lambda each: (-senders[each], each)):
        near = min(kept, key=lambda each: abs(each - end), default=None)
        if near is None or frequency.in_step(near, end) or (senders[end] > 1 and not _overlap(frequency, near, end)):
            kept.append(end)
    kept.sort()
    filled = [
        frequency.ends(one, other)[:-1] if frequency.in_step(one, other) else [one] for one, other in pairwise(kept)
    ]
    return [*(end for ends in filled for end in ends), kept[-1]]


def _overlap(frequency: Frequency, one: date, other: date) -> bool:
    """Whether the periods that end on these days overlap."""
    first, last = sorted((one, other))
    return last < frequency.after(first)


def _listed_until(level: ServiceLevel, last: date, days: WorkingDays) -> date:
    """Until when missing returns after the last period are listed one by one; then the return counts as silent."""
    assert level.frequency is not None  # noqa: S101 -- callers have checked
    return days.due(level.frequency.after(last, 2), level.latency or 0)
