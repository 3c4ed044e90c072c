"""One synthetic breach: the days of its life, and its status on any of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from probation_etl.sample.fortnights import Fortnight
from probation_etl.sample.tables import Sender, Tables, Unit

_LETTERS = "XABCDEFGHIJKLMNOPQRSTUVWYZ"
_BLOCK = 31_250
"""How many case references each sender has of each letter: 32 senders share a million."""
_MOST_EVENTS = 900


@dataclass(slots=True, eq=False)
class Breach:
    """One synthetic breach, in the words of the CRC return; its later days are known from the start.

    Attributes:
        number: Its place among the sender's breaches, from 0.
        withdrawn_on: The day from which its status is Withdrawn; no return has a column for it.
    """

    number: int
    case_reference: str
    event_number: int
    unit: Unit
    order_type: str
    requirement: str
    risk_of_harm: str
    court: int
    outcome: str
    initiated_on: date
    logged_on: date | None = None
    suspended_on: date | None = None
    resumed_on: date | None = None
    heard_on: date | None = None
    withdrawn_on: date | None = None
    reason: str | None = None

    @property
    def waiting_since(self) -> date:
        """The day from which the court could hear it."""
        return self.resumed_on or self.logged_on or self.initiated_on

    @property
    def days(self) -> list[date]:
        """The days on which something happens to it."""
        days = (self.initiated_on, self.logged_on, self.suspended_on, self.resumed_on, self.heard_on, self.withdrawn_on)
        return [day for day in days if day is not None]

    def status_on(self, day: date) -> str:
        """Its status at the end of a day: the last stage that it has reached by then."""
        stages = (
            ("Heard", self.heard_on),
            ("Withdrawn", self.withdrawn_on),
            ("Resumed", self.resumed_on),
            ("Suspended", self.suspended_on),
            ("Logged", self.logged_on),
        )
        return next((status for status, on in stages if on is not None and on <= day), "Initiated")


def make_breach(
    random: Random, sender: Sender, number: int, initiated_on: date, logged_on: date | None, tables: Tables
) -> Breach:
    """A breach with a case reference that no other has."""
    reference, event = synthetic_reference(sender, number)
    return Breach(
        number=number,
        case_reference=reference,
        event_number=event or random.randint(1, 3),
        unit=random.choice(sender.units),
        order_type=random.choice(tables.words["order_type"]),
        requirement=random.choice(tables.words["requirement"]),
        risk_of_harm=random.choice(tables.words["risk_of_harm"]),
        court=random.randint(1, 3),
        outcome=random.choice(tables.words["outcome"]),
        initiated_on=initiated_on,
        logged_on=logged_on,
    )


def by_period(breaches: Iterable[Breach], periods: Sequence[Fortnight]) -> dict[Fortnight, list[Breach]]:
    """The breaches of each period: those to which something happens in it, so that they belong in its return."""
    found: dict[Fortnight, list[Breach]] = {period: [] for period in periods}
    starts = [period.start for period in periods]
    for breach in breaches:
        for place in {bisect_right(starts, day) - 1 for day in breach.days if starts[0] <= day <= periods[-1].end}:
            found[periods[place]].append(breach)
    return found


def synthetic_reference(sender: Sender, number: int) -> tuple[str, int]:
    """Case reference of a sender's breach by its number, and its event if the references have run out; else 0."""
    turn, rest = divmod(number, _BLOCK * len(_LETTERS))
    letter, place = divmod(rest, _BLOCK)
    return f"{_LETTERS[letter]}{sender.number * _BLOCK + place:06d}", (3 + turn) % _MOST_EVENTS if turn else 0
