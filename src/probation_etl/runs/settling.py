"""Files that are still being written are left for the next run.

A clock may be wrong, on this machine or where the files lie, and may jump. So a file is left because it was seen to change,
and never because of its time alone: the time only says for which files it is worth to look twice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from probation_etl.errors import UnreadableFile
from probation_etl.journal import SIGN_EVERY, goes_on
from probation_etl.reports.not_taken import NotTaken
from probation_etl.runs.inbox import stamp_of
from probation_etl.runs.listing import Listing
from probation_etl.runs.looking import Arrival
from probation_etl.runs.session import RunSession

_SECOND = 1_000_000_000
_CHANGED = "it changed while the run looked at it, so it may not be complete"


def settled(session: RunSession, inbox: Listing, seen: Sequence[Arrival], seconds: float) -> list[Arrival]:
    """The files that have not changed for so many seconds; the run waits once until that can be known of all.

    Args:
        session: The run.
        inbox: What lies in the inbox.
        seen: Its files.
        seconds: How long a new file must have been left alone.
    """
    wait = int(seconds * _SECOND)
    ages = {each.name: _age(each) for each in seen if each.is_new}
    unproved = [each for each in seen if each.name in ages and ages[each.name] < wait]
    if not unproved:
        return list(seen)
    _pause((wait - min(ages[each.name] for each in unproved)) / _SECOND)
    changing = {each.name for each in unproved if _changes(inbox, each)}
    session.not_taken += (NotTaken(name, "waiting", _CHANGED) for name in sorted(changing))
    return [each for each in seen if each.name not in changing]


def _pause(seconds: float) -> None:
    while seconds > 0:
        time.sleep(min(seconds, SIGN_EVERY))
        seconds -= SIGN_EVERY
        goes_on()


def _age(file: Arrival) -> int:
    """Nanoseconds since it was last written to or renamed; 0 where that lies in the future."""
    return max(0, time.time_ns() - max(file.stamp.modified, file.stamp.changed))


def _changes(inbox: Listing, file: Arrival) -> bool:
    try:
        return stamp_of(inbox, file.path) != file.stamp
    except UnreadableFile:
        return False  # told when it is taken
