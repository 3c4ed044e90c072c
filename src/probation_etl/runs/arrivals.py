"""The files of an inbox before anything is loaded: what each claims to be, and in what order they are taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.claims import Claim
from probation_etl.journal import goes_on
from probation_etl.runs.ahead import Ahead, Desk
from probation_etl.runs.claims import Claims
from probation_etl.runs.held import Held
from probation_etl.runs.looking import Arrival
from probation_etl.runs.order import NewestBy, Order, depths, order_by
from probation_etl.runs.parking import Parking
from probation_etl.runs.session import RunSession
from probation_etl.stores import Attempt


@dataclass
class Arrivals(Discreet):
    """The files of an inbox in the order in which they are taken, what they claim to be, and those that are read already."""

    files: list[Arrival] = field(default_factory=list)
    claims: Claims = field(default_factory=Claims)
    held: Held = field(default_factory=Held)


def arrivals(desk: Desk, seen: Sequence[Arrival], parking: Parking, newest_by: NewestBy | None = None) -> Arrivals:
    """Reads those files of an inbox that are new as far as to know what they claim to be.

    Where files with different contents claim the same, no order of theirs is known, unless ``newest_by`` decides it: then
    they are taken after all others, the oldest first.
    """
    new = [each for each in seen if each.is_new]
    if not new:
        return Arrivals(list(seen))
    session, claims, held, ranks = desk.session, Claims(), Held(), dict[str, float]()
    # Nothing competes with a file that is alone.
    ahead = Ahead(desk, new, claims_alone=lambda: held.is_full)
    for arrival in new if len(new) > 1 else ():
        goes_on()
        claimed = _claimed(session, arrival, ahead, held)
        settled = _settled(session.known(arrival.sha256))
        claims.add(arrival.name, arrival.sha256, claimed - settled.keys())
        ranks[arrival.name] = min((settled[each] for each in claimed & settled.keys()), default=inf)
    late = _decided(claims, new, newest_by) if newest_by else {}
    depth_of = depths((each.path.name for each in seen), session.rulebook.returns())
    ordinary = sorted(
        (each for each in seen if each.name not in late),
        # What came before and is seen in another way now keeps its order of arrival.
        key=lambda each: (
            parking.last_first(each.sha256),
            depth_of[each.path.name],
            ranks.get(each.name, inf),
            each.path.as_posix(),
        ),
    )
    decided = sorted((each for each in seen if each.name in late), key=lambda each: late[each.name])
    return Arrivals([*ordinary, *decided], claims, held)


def _claimed(session: RunSession, arrival: Arrival, ahead: Ahead, held: Held) -> frozenset[Claim]:
    """What a file claims to be; nothing where it cannot be read, or has changed: that is told when it is taken."""
    try:
        with session.reading(arrival.name, arrival.sha256):
            file = ahead.file(arrival)
    except UnreadableFile:
        return frozenset()
    held.hold(arrival.name, file)
    return file.claims


def _settled(entries: Iterable[Attempt]) -> dict[Claim, int]:
    """What content claimed before and was not contested in the end, with its first place in the ledger."""
    last, first = dict[Claim, Attempt](), dict[Claim, int]()
    for each in entries:
        if each.claim:
            last[each.claim] = each
            first.setdefault(each.claim, each.sequence)
    return {claim: first[claim] for claim, each in last.items() if not each.contested}


def _decided(claims: Claims, files: Sequence[Arrival], newest_by: NewestBy) -> dict[str, Order]:
    """The files whose order is decided, the oldest lowest; where two of a claim are equal, none of that claim is.

    Content that lies there more than once is as new as the newest of its files.
    """
    order = order_by(newest_by)
    newest_of: dict[str, Order] = {}
    for each in files:
        newest_of[each.sha256] = max(order(each), newest_of.get(each.sha256, ()))
    late: dict[str, Order] = {}
    for claim, contents in claims.contested().items():
        if len({newest_of[each] for each in contents}) == len(contents):
            claims.decide(claim)
            late |= {each.name: (newest_of[each.sha256], each.name) for each in files if each.sha256 in contents}
    return late
