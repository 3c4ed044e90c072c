"""As many breaches in a return as are asked for, to try how much a program can bear. Their weekly counts mean nothing."""

from __future__ import annotations

from random import Random

from probation_etl.sample.breaches import Breach, make_breach
from probation_etl.sample.fortnights import Fortnight
from probation_etl.sample.register import EDM_BEGINS
from probation_etl.sample.tables import Sender, Tables

_HEARD, _SUSPENDED = 0.5, 0.25


def many_breaches(
    sender: Sender, period: Fortnight, tables: Tables, *, rows: int, first_number: int, seed: int
) -> list[Breach]:
    """Breaches of one period, all of whose days lie in it; half of them are heard, a quarter suspended once the EDM has begun.

    Args:
        sender: Who reports them.
        period: The period.
        tables: The tables.
        rows: How many.
        first_number: The number of the first; no two breaches of a sender share one.
        seed: What the chances depend on.
    """
    random = Random(f"{seed} {sender.code} {period.start} rows")
    days = tables.calendar.working_days(period.start, period.end)
    suspensions = days[0] >= EDM_BEGINS
    breaches = []
    for number in range(first_number, first_number + rows):
        initiated, logged, last = sorted(random.randrange(len(days)) for _ in range(3))
        breach = make_breach(random, sender, number, days[initiated], days[logged], tables)
        lot = random.random()
        if lot < _HEARD:
            breach.heard_on = days[last]
        elif suspensions and lot < _HEARD + _SUSPENDED:
            breach.suspended_on = days[last]
            breach.reason = random.choice(tables.words["reason"])
        breaches.append(breach)
    return breaches
