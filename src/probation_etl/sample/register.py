"""A synthetic register of breaches whose weekly counts add up to the table of weekly counts.

It begins with the first week of the table. What was heard in the first weeks was also initiated in them, so that no breach
falls in an earlier week, for which there are no returns. A breach is suspended, if ever, in the fortnight in which it was
logged with the court. So the returns of one fortnight are enough to work out the share of its breaches that were suspended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from probation_etl.sample.apportion import apportion
from probation_etl.sample.breaches import Breach, make_breach
from probation_etl.sample.fortnights import WEEK, Calendar, Fortnight, fortnights
from probation_etl.sample.tables import Sender, Tables

EDM_BEGINS = date(2020, 3, 24)
"""First day of the exceptional delivery model (EDM), before which no breach was suspended under it."""

_WITHDRAWN, _NEVER_LOGGED, _RESUMED = 0.02, 0.03, 0.85
"""Shares: of the logged, of the initiated, of the suspended. Synthetic."""

_UNEVEN = (0.9, 1.1)
"""A sender's part of a week's count goes by the number of its units, more or less."""

_BEYOND = 2
"""Weeks after the last whose breaches are made as well: they are initiated before its end, and logged after it."""


@dataclass
class _Desk:
    """The work of one sender: its breaches so far, and those that wait to be heard."""

    sender: Sender
    random: Random
    breaches: list[Breach]
    waiting: list[Breach]

    def ready(self, week: date) -> list[Breach]:
        """Breaches that can be heard in a week: those that wait, and those suspended that have been resumed."""
        return [each for each in self.waiting if each.resumed_on is None or each.resumed_on < week]


def make_register(tables: Tables, *, seed: int) -> dict[str, list[Breach]]:
    """Every breach by provider code: what was initiated, logged, heard and suspended from the first week to the last."""
    register = {}
    for kind in sorted({sender.kind for sender in tables.senders}):
        for desk in _worked([each for each in tables.senders if each.kind == kind], kind, tables, seed):
            register[desk.sender.code] = desk.breaches
    return register


def _worked(senders: Sequence[Sender], kind: str, tables: Tables, seed: int) -> list[_Desk]:
    """The desks of all senders of a kind after every week; one sender's chances do not depend on another's."""
    desks = [_Desk(each, Random(f"{seed} {each.code} breaches"), [], []) for each in senders]
    weeks = tables.weeks
    ends = {week: each for each in fortnights(weeks) for week in (each.start, each.start + WEEK)}
    for week in weeks:
        weights = [len(desk.sender.units) * desk.random.uniform(*_UNEVEN) for desk in desks]
        logged = apportion(tables.counts[kind, "logged"][week], weights)
        suspended = apportion(tables.counts[kind, "suspended"][week], weights, logged)
        for desk, new, paused in zip(desks, logged, suspended, strict=True):
            _log(desk, week, new, paused, ends[week], tables)
        room = [len(desk.ready(week)) for desk in desks]
        heard = apportion(tables.counts[kind, "heard"][week], weights, room)
        for desk, number in zip(desks, heard, strict=True):
            _hear(desk, week, number, tables.calendar)
    for beyond in range(1, _BEYOND + 1):
        for desk, new in zip(desks, logged, strict=True):
            _initiate(desk, weeks[-1] + WEEK * beyond, new, tables, until=ends[weeks[-1]].end)
    return desks


def _log(desk: _Desk, week: date, new: int, paused: int, fortnight: Fortnight, tables: Tables) -> None:
    """New breaches of a week, some of which are suspended and some withdrawn."""
    for number, breach in enumerate(_new(desk, week, new, tables)):
        if number < paused:
            _suspend(desk, breach, fortnight, tables)
        elif desk.random.random() < _WITHDRAWN:
            breach.withdrawn_on = tables.calendar.moved(breach.logged_on or week, desk.random.randint(1, 8))
        if breach.withdrawn_on is None and (breach.suspended_on is None or breach.resumed_on):
            desk.waiting.append(breach)
        desk.breaches.append(breach)
        if desk.random.random() < _NEVER_LOGGED:
            desk.breaches.append(_never_logged(desk, week, tables))


def _new(desk: _Desk, week: date, count: int, tables: Tables) -> Iterator[Breach]:
    """Breaches logged in a week; enough of them early in it for those that must be suspended once the EDM has begun."""
    days = tables.calendar.working_days(week, week + WEEK)
    first = tables.calendar.moved(tables.weeks[0], 0)
    for _ in range(count):
        logged_on = desk.random.choice(days)
        initiated_on = max(first, tables.calendar.moved(logged_on, -desk.random.randint(1, 8)))
        yield make_breach(desk.random, desk.sender, len(desk.breaches), initiated_on, logged_on, tables)


def _never_logged(desk: _Desk, week: date, tables: Tables) -> Breach:
    initiated_on = desk.random.choice(tables.calendar.working_days(week, week + WEEK))
    breach = make_breach(desk.random, desk.sender, len(desk.breaches), initiated_on, None, tables)
    breach.withdrawn_on = tables.calendar.moved(initiated_on, desk.random.randint(1, 8))
    return breach


def _suspend(desk: _Desk, breach: Breach, fortnight: Fortnight, tables: Tables) -> None:
    """Suspends a breach within the fortnight; most are resumed in the weeks and months after."""
    logged_on = breach.logged_on or fortnight.start
    days = tables.calendar.working_days(max(logged_on, EDM_BEGINS), fortnight.end)
    breach.suspended_on = desk.random.choice(days[:6])
    breach.reason = desk.random.choice(tables.words["reason"])
    if desk.random.random() < _RESUMED:
        breach.resumed_on = tables.calendar.moved(breach.suspended_on, desk.random.randint(15, 60))


def _hear(desk: _Desk, week: date, count: int, calendar: Calendar) -> None:
    """Hears as many breaches in a week, the oldest before most others."""
    ready = desk.ready(week)
    for breach in sorted(ready, key=lambda each: each.waiting_since.toordinal() + desk.random.randint(0, 14))[:count]:
        days = calendar.working_days(max(week, breach.waiting_since), week + WEEK)
        breach.heard_on = desk.random.choice(days)
        desk.waiting.remove(breach)


def _initiate(desk: _Desk, week: date, count: int, tables: Tables, *, until: date) -> None:
    """Breaches that a week after the last logs, as far as they are initiated by then."""
    for breach in _new(desk, week, count, tables):
        if breach.initiated_on <= until:
            desk.breaches.append(breach)
