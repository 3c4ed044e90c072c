"""A first look at the files of an inbox: what each holds, and whether it has to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from probation_etl.contracts.findings import make
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.journal import tell
from probation_etl.reports.not_taken import NotTaken
from probation_etl.runs.companions import NOTHING_BESIDE, Beside, Companions
from probation_etl.runs.inbox import Stamp, hashed
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


def look(session: RunSession, inbox: Listing, is_tried_again: Callable[[str], bool]) -> list[Arrival]:
    """Looks at the files of an inbox. What is out of reach is told, and the next run tries it again.

    Args:
        session: The run.
        inbox: What lies in the inbox.
        is_tried_again: Whether a content, by its SHA-256, is read although the ledger has it.
    """
    for name, why in inbox.closed.items():
        text = f"What is in this folder could not be listed: {why}."
        session.not_read(name, make("inaccessible-file", expected=text))
    for left in inbox.left:
        session.not_taken.append(left)
        tell("read", "left_alone", message=f"left alone: {left.why}", file=left.file)
    seen = list[Arrival]()
    beside = Companions(session.rulebook.returns(), map(str, inbox.files))
    for path in inbox.files:
        name, lacking = inbox.shown(path), beside.lacking(str(path))
        if lacking:
            session.not_taken.append(NotTaken(name, "waiting", f"‘{inbox.shown(lacking)}’ has not come"))
        if lacking or beside.is_companion(str(path)):
            continue
        try:
            content = hashed(inbox, path)
        except UnreadableFile as error:
            session.not_read(name, make(error.code, expected=str(error), hint=error.hint))
            continue
        name = inbox.shown(path, content.sha256)
        known = _seen_before(session.known(content.sha256), PurePath(name).name, session.record.contracts_digest)
        is_new = not known or is_tried_again(content.sha256)
        companions = beside.of(str(path))
        seen.append(
            Arrival(path, inbox.named(path), name, content.sha256, content.stamp, is_new=is_new, beside=companions)
        )
    return seen


def _seen_before(entries: Iterable[Attempt], name: str, contracts_digest: str) -> bool:
    """Whether this content was validated under this name by the same contracts, so that nothing can have changed."""
    same = newest(each for each in entries if PurePath(each.file).name == name)
    return bool(same) and not any(each.contested or each.contracts_digest != contracts_digest for each in same)
