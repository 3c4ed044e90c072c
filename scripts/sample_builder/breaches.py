"""Synthetic breaches that keep every rule of the breach contracts, warnings included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from probation_etl.sample.breaches import Breach
from probation_etl.sample.tables import Sender, Unit, shipped_tables
from sample_builder.working_days import working_days_until

EDM_STATUSES = ("Suspended", "Resumed")
"""Statuses of the exceptional delivery model, which began on 24 March 2020."""

_TABLES = shipped_tables()
ORDER_TYPES = _TABLES.words["order_type"]
REQUIREMENTS = _TABLES.words["requirement"]
RISKS_OF_HARM = _TABLES.words["risk_of_harm"]
OUTCOMES = _TABLES.words["outcome"]
REASONS = _TABLES.words["reason"]

# A stage of a breach's life: its date, and the fewest and most working days after the stage before it.
# Eight days to log leave room below the limit of ten, whichever way a reader counts the first day.
_LOGGED = ("logged_on", 1, 8)
_HEARD = ("heard_on", 3, 15)
_SUSPENDED = ("suspended_on", 1, 6)
_RESUMED = ("resumed_on", 3, 10)
_STAGES = {
    "Initiated": (),
    "Logged": (_LOGGED,),
    "Suspended": (_LOGGED, _SUSPENDED),
    "Resumed": (_LOGGED, _SUSPENDED, _RESUMED),
    "Heard": (_LOGGED, _HEARD),
    "Withdrawn": (_LOGGED,),
}


@dataclass(frozen=True)
class Standing:
    """Where a breach stands at the period end; the outcome is given if and only if it was heard."""

    status: str
    outcome: str | None = None


def make_breaches(
    rng: Random, *, sender: Sender, period_end: date, first_reference: int, standings: Sequence[Standing]
) -> list[Breach]:
    """One breach for each standing, dated in the weeks before the period end, the sender's units in turn."""
    days = working_days_until(period_end)
    units = rng.sample(sender.units, len(sender.units))
    return [
        _breach(rng, first_reference, number, units[number % len(units)], standing, days)
        for number, standing in enumerate(standings)
    ]


def _breach(
    rng: Random, first_reference: int, number: int, unit: Unit, standing: Standing, days: Sequence[date]
) -> Breach:
    initiated_on, dates = _dates(rng, standing.status, days)
    return Breach(
        number=number,
        case_reference=f"X{first_reference + number:06d}",
        event_number=rng.randint(1, 3),
        unit=unit,
        order_type=rng.choice(ORDER_TYPES),
        requirement=rng.choice(REQUIREMENTS),
        risk_of_harm=rng.choice(RISKS_OF_HARM),
        court=rng.randint(1, 3) if "logged_on" in dates else 0,
        outcome=standing.outcome or "",
        initiated_on=initiated_on,
        **dates,
        reason=rng.choice(REASONS) if "suspended_on" in dates else None,
        withdrawn_on=days[-1] if standing.status == "Withdrawn" else None,
    )


def _dates(rng: Random, status: str, days: Sequence[date]) -> tuple[date, dict[str, date]]:
    """The day of initiation and the days of the later stages, the last of them shortly before the end."""
    stages = _STAGES[status]
    if status == "Withdrawn":  # before or after it was logged with the court
        stages = stages[: rng.randint(0, 1)]
    gaps = [rng.randint(fewest, most) for _, fewest, most in stages]
    first = position = len(days) - 1 - rng.randint(0, 8) - sum(gaps)
    dates = {}
    for (name, _, _), gap in zip(stages, gaps, strict=True):
        position += gap
        dates[name] = days[position]
    return days[first], dates
