"""Content that comes again while another return counts: what counts now, and how to make this content count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from probation_etl.contracts.findings import Finding, make
from probation_etl.discreet import Discreet
from probation_etl.intake.claims import Claim
from probation_etl.runs.session import RunSession
from probation_etl.stores import Attempt, LedgerEntry, Repeat
from probation_etl.stores.ledger import Ledger


@dataclass(frozen=True)
class _Seen(Discreet):
    """Where in the ledger a file of this name was last seen with which content, told or not."""

    sequence: int
    sha256: str


@dataclass(frozen=True)
class Superseded(Discreet):
    """What the ledger knows of returns that do not count, for files that lie in an inbox.

    A file that simply lies there since it was loaded is no news, as long as the file that superseded it lies there too. It
    is news if the content came under another name or in another folder, if the file had other content in between, or if
    what counts now is no longer there: somebody may expect that the content counts. So it is if the return was withdrawn: a
    file that was sent again under its name cannot be told from one that was left there. It is told once.

    Attributes:
        present: The contents that lie in the inbox, by SHA-256.
        address: The store as a command line names it.
        arrived: Whether every file has come since it was last seen, because files are taken out of the inbox.
    """

    present: frozenset[str]
    address: str
    arrived: bool
    _ledger: Ledger
    _entries: Sequence[LedgerEntry]

    @classmethod
    def of(cls, session: RunSession, present: Iterable[str], *, arrived: bool) -> Superseded:
        """What the ledger of a run's store knows."""
        return cls(frozenset(present), session.address, arrived, session.store.ledger, session.entries())

    @cached_property
    def _newest(self) -> Mapping[str, LedgerEntry]:
        return {each.original_id: each for each in self._entries}

    @cached_property
    def _rivals(self) -> Mapping[Claim, list[LedgerEntry]]:
        rivals: defaultdict[Claim, list[LedgerEntry]] = defaultdict(list)
        for each in self._newest.values():
            if each.claim and each.loaded:
                rivals[each.claim].append(each)
        return rivals

    @cached_property
    def _repeats(self) -> list[Repeat]:
        return self._ledger.repeats()

    @cached_property
    def _told(self) -> Mapping[tuple[str, str], int]:
        return {(each.original_id, each.file): each.sequence for each in self._repeats}

    @cached_property
    def _last_seen(self) -> Mapping[str, _Seen]:
        return _last_seen(self._entries, self._repeats)

    def findings(self, entry: Attempt, name: str) -> list[Finding]:
        """What there is to tell of content that lies under this name and that the ledger knows by this entry."""
        newest = self._newest[entry.original_id]
        if newest.purged_at:
            told = self._told.get((entry.original_id, name), 0) > newest.purged_at
            return [] if told else [_purged(newest)]
        claim = newest.claim
        if claim is None or not newest.loaded or newest.is_current:
            return []
        later = [each for each in self._rivals[claim] if not each.withdrawn and _arrival(each) > _arrival(newest)]
        counts = next((each for each in self._rivals[claim] if each.is_current), None)
        since = max(newest.decided_at, _arrival(counts) if counts else 0)
        seen = self._last_seen.get(name)
        lies_there = not self.arrived and seen is not None and seen.sha256 == entry.sha256
        if lies_there and not newest.withdrawn and (counts is None or counts.sha256 in self.present):
            return []
        if lies_there and self._told.get((entry.original_id, name), 0) > since:
            return []
        return [_finding(newest, counts, later, self.address)]


def _purged(entry: LedgerEntry) -> Finding:
    text = f"This content was loaded by run {entry.run_id}, and purged since, because it had been kept for its time: none of its rows counts."
    return make("purged-content", expected=text, severity="warning")


def _arrival(entry: LedgerEntry) -> int:
    return entry.arrival or entry.sequence


def _last_seen(entries: Iterable[LedgerEntry], repeats: Iterable[Repeat]) -> dict[str, _Seen]:
    """For each name of a file, the content that it had when it was last seen."""
    first: dict[tuple[str, str], _Seen] = {}
    contents: dict[str, str] = {}
    for each in entries:
        first.setdefault((each.file, each.original_id), _Seen(each.sequence, each.sha256))
        contents[each.original_id] = each.sha256
    found: dict[str, _Seen] = {}
    again = [(each.file, _Seen(each.sequence, contents[each.original_id])) for each in repeats]
    for file, seen in [*((file, seen) for (file, _), seen in first.items()), *again]:
        if file not in found or found[file].sequence < seen.sequence:
            found[file] = seen
    return found


def _finding(entry: LedgerEntry, counts: LedgerEntry | None, later: list[LedgerEntry], address: str) -> Finding:
    what = "was withdrawn" if entry.withdrawn else "has been superseded since"
    now = (
        f"‘{counts.file}’ of run {counts.run_id} counts now, with {counts.rows_accepted:,} rows"
        if counts
        else "no return counts now"
    )
    text = f"This content was loaded by run {entry.run_id} and {what}: {now}."
    steps = [f"probation-etl store withdraw {address} '{each.return_id}' --reason REASON" for each in later]
    if entry.withdrawn:
        steps.append(f"probation-etl store withdraw {address} '{entry.return_id}' --reinstate --reason REASON")
    hint = f"If this content is to count: {' && '.join(steps)}"
    return make("superseded-content", expected=text, severity="warning", hint=hint)
