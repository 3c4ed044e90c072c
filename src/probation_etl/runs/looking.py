"""A first look at the files of an inbox: what each holds, and whether it has to be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from probation_etl.contracts.findings import make
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.journal import goes_on, tell
from probation_etl.reports.not_taken import NotTaken
from probation_etl.runs.companions import NOTHING_BESIDE, Beside, Companions
from probation_etl.runs.inbox import Hashed, Stamp, hashed, seen_stamp
from probation_etl.runs.known_files import KnownFiles
from probation_etl.runs.listing import Listing
from probation_etl.runs.session import RunSession
from probation_etl.stores import Attempt
from probation_etl.stores.matching import newest


@dataclass(frozen=True)
class Arrival(Discreet):
    """A file of the inbox.

    Attributes:
        given: Its path relative to the inbox.
        name: The same as it is shown.
        beside: What came with it and is no return.
        is_new: Whether it has to be read: the ledger does not have it under this name, or not as these contracts see it.
    """

    path: Path
    given: str
    name: str
    sha256: str
    stamp: Stamp
    is_new: bool
    beside: Beside = NOTHING_BESIDE


@dataclass(frozen=True)
class _Look(Discreet):
    """What files are looked at with."""

    session: RunSession
    inbox: Listing
    known: KnownFiles
    beside: Companions
    is_tried_again: Callable[[str], bool]


def look(
    session: RunSession, inbox: Listing, known: KnownFiles, is_tried_again: Callable[[str], bool]
) -> list[Arrival]:
    """Looks at the files of an inbox. What is out of reach is told, and the next run tries it again.

    Args:
        session: The run.
        inbox: What lies in the inbox.
        known: What earlier runs found in its files.
        is_tried_again: Whether a content, by its SHA-256, is read although the ledger has it.
    """
    for name, why in inbox.closed.items():
        text = f"What is in this folder could not be listed: {why}."
        session.not_read(name, make("inaccessible-file", expected=text))
    for left in inbox.left:
        session.not_taken.append(left)
        tell("read", "left_alone", message=f"left alone: {left.why}", file=left.file)
    beside = Companions(session.rulebook.returns(), map(str, inbox.files))
    how = _Look(session, inbox, known, beside, is_tried_again)
    return [each for path in inbox.files if (each := _looked_at(how, path))]


def _looked_at(how: _Look, path: Path) -> Arrival | None:
    """A file that is taken; None, and told, if it waits or is out of reach."""
    inbox = how.inbox
    lacking = how.beside.lacking(str(path))
    waits = lacking and NotTaken(inbox.shown(path), "waiting", f"‘{inbox.shown(lacking)}’ has not come")
    if how.beside.is_companion(str(path)):
        how.session.not_taken += [waits] if waits else []
        return None
    goes_on()
    arrival = _unread(how, path, waits=bool(waits)) or _read(how, path, waits=bool(waits))
    if waits and arrival and arrival.is_new:
        how.session.not_taken.append(waits)
        return None
    return arrival


def _unread(how: _Look, path: Path, *, waits: bool) -> Arrival | None:
    """A file that is known to have been taken, by its times alone; None where that cannot be said of it."""
    stamp = seen_stamp(how.inbox, path)
    sha256 = stamp and how.known.sha256_of(stamp)
    if not stamp or not sha256:
        return None
    arrival = _arrival(how, path, Hashed(sha256, stamp), waits=waits)
    return None if arrival.is_new else arrival


def _read(how: _Look, path: Path, *, waits: bool) -> Arrival | None:
    """A file whose hash is taken; None, and told, if it is out of reach."""
    begun = time.time_ns()
    try:
        content = hashed(how.inbox, path)
    except UnreadableFile as error:
        how.session.not_read(how.inbox.shown(path), make(error.code, expected=str(error), hint=error.hint))
        return None
    how.known.note(content.stamp, content.sha256, begun)
    return _arrival(how, path, content, waits=waits)


def _arrival(how: _Look, path: Path, content: Hashed, *, waits: bool) -> Arrival:
    inbox, session = how.inbox, how.session
    given = inbox.named(path)
    name = inbox.shown_as(given, content.sha256)
    entries = session.known(content.sha256)
    known = newest(each for each in entries if session.same_name(each.file, name))
    is_new = how.is_tried_again(content.sha256) or not _is_settled(known)
    # Without what came beside it, which is in an archive, a file cannot be validated by other contracts.
    is_new |= not waits and _is_judged_again(how, content, known, entries)
    return Arrival(path, given, name, content.sha256, content.stamp, is_new=is_new, beside=how.beside.of(str(path)))


def _is_judged_again(how: _Look, content: Hashed, known: Sequence[Attempt], entries: Sequence[Attempt]) -> bool:
    """Whether a content is judged because it was loaded under other contracts, and not yet judged under these."""
    contracts = how.session.record.contracts_digest
    if all(each.contracts_digest == contracts for each in known):
        return False
    return not how.known.is_judged(content.stamp, contracts, entries[-1].sequence)


def _is_settled(entries: Sequence[Attempt]) -> bool:
    """Whether a content was taken under its name, and nothing can have changed but the contracts."""
    return bool(entries) and not any(each.contested for each in entries)
