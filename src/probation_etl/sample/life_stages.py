"""Breaches for a single return, made from the status that each must have at the period end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from probation_etl.sample.breaches import Breach
from probation_etl.sample.tables import Sender, Tables, Unit

_WINDOW = timedelta(days=83)
"""A breach begins in the twelve weeks that end with the period."""

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
    """The status of a breach at the period end. It has an outcome if and only if it was heard."""

    status: str
    outcome: str = ""


def mixed_standings(random: Random, count: int, tables: Tables, *, suspensions: bool) -> list[Standing]:
    """Standings in random order: each status at least once, and two to four suspensions if there are any."""
    chosen = ["Initiated", "Logged", "Heard", "Withdrawn"]
    if suspensions:
        chosen += ["Suspended", "Resumed", *random.choices(("Suspended", "Resumed"), k=random.randint(0, 2))]
    chosen += random.choices(("Initiated", "Logged", "Heard"), k=count - len(chosen))
    random.shuffle(chosen)
    outcomes = tables.words["outcome"]
    return [Standing(status, random.choice(outcomes) if status == "Heard" else "") for status in chosen]


def breaches_standing(
    random: Random, sender: Sender, end: date, tables: Tables, *, standings: Sequence[Standing], first_reference: int
) -> list[Breach]:
    """One breach for each standing, dated in the weeks before the period end, in the sender's units in turn."""
    days = tables.calendar.working_days(end - _WINDOW, end)
    units = random.sample(sender.units, len(sender.units))
    return [
        _breach(random, number, f"X{first_reference + number:06d}", units[number % len(units)], standing, days, tables)
        for number, standing in enumerate(standings)
    ]


def _breach(
    random: Random, number: int, reference: str, unit: Unit, standing: Standing, days: Sequence[date], tables: Tables
) -> Breach:
    initiated_on, dates = _dates(random, standing.status, days)
    return Breach(
        number=number,
        case_reference=reference,
        event_number=random.randint(1, 3),
        unit=unit,
        order_type=random.choice(tables.words["order_type"]),
        requirement=random.choice(tables.words["requirement"]),
        risk_of_harm=random.choice(tables.words["risk_of_harm"]),
        court=random.randint(1, 3) if "logged_on" in dates else 0,
        outcome=standing.outcome,
        initiated_on=initiated_on,
        **dates,
        reason=random.choice(tables.words["reason"]) if "suspended_on" in dates else None,
        withdrawn_on=days[-1] if standing.status == "Withdrawn" else None,
    )


def _dates(random: Random, status: str, days: Sequence[date]) -> tuple[date, dict[str, date]]:
    """The day of initiation and the days of the later stages, the last of them shortly before the end."""
    stages = _STAGES[status]
    if status == "Withdrawn":  # before or after it was logged with the court
        stages = stages[: random.randint(0, 1)]
    gaps = [random.randint(fewest, most) for _, fewest, most in stages]
    first = position = len(days) - 1 - random.randint(0, 8) - sum(gaps)
    dates = {}
    for (name, _, _), gap in zip(stages, gaps, strict=True):
        position += gap
        dates[name] = days[position]
    return days[first], dates
