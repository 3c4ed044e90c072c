"""Lines of a ledger file, and the account that they add up to.

Each line names the SHA-256 of the line before it, so that one which is changed or cut out is noticed. What is written together
is a batch: its lines say what a transaction is about to commit, and a last one whether it did. Where no line says that it
did, its process may have died in between, and the store is asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from probation_etl.discreet import Discreet
from probation_etl.stores.ledger_file.account import Account, Holding

#: Last lines of a batch.
COMMITTED, ROLLED_BACK = "committed", "rolled-back"
#: First lines of a batch that says what a store holds, whatever was recorded before.
STARTED, ACCEPTED = "started", "accepted"
Entry = Mapping[str, Any]
_OF_A_HOLDING = tuple(Holding.__dataclass_fields__)


class BrokenChainError(ValueError):
    """A line does not follow from the one before; the text says which."""


@dataclass
class Recorded(Discreet):
    """What the lines of a ledger file say.

    Attributes:
        store: The store's identity.
        is_started: Whether any batch was committed.
        account: What it holds.
        uncommitted: Lines of batches of which no line says that they were committed, by batch.
        rolled_back: Those of them of which a line says that they were not.
        last: SHA-256 of the last line.
    """

    store: str = ""
    is_started: bool = False
    account: Account = field(default_factory=Account)
    uncommitted: dict[str, list[Entry]] = field(default_factory=dict)
    rolled_back: set[str] = field(default_factory=set)
    last: str = ""


def recorded(lines: Iterable[bytes]) -> Recorded:
    """What lines say.

    Raises:
        BrokenChainError: One was changed or is missing.
    """
    found = Recorded()
    for number, line in enumerate(lines, 1):
        entry = _entry(line, number)
        if entry["previous"] != found.last:
            raise BrokenChainError(f"line {number} does not follow from the line before it")
        found.last = digest_of(line)
        batch, event = entry["batch"], entry["event"]
        found.store = entry["store"]
        if event == COMMITTED:
            found.is_started = True
            found.account = after(found.account, found.uncommitted.pop(batch, []))
        elif event == ROLLED_BACK:
            found.rolled_back.add(batch)
        else:
            found.uncommitted.setdefault(batch, []).append(entry)
    return found


def after(account: Account, batch: Iterable[Entry]) -> Account:
    """The account once a batch is committed."""
    runs, returns = set(account.runs), dict(account.returns)
    decisions, releases = set(account.decisions), set(account.releases)
    for entry in batch:
        event = entry["event"]
        if event in (STARTED, ACCEPTED):
            runs, returns = set(entry["runs"]), {}
            decisions, releases = set(entry["decisions"]), set(entry["releases"])
        elif event == "run":
            runs.add(entry["run_id"])
        elif event == "return":
            returns[entry["return_id"]] = Holding(*(entry[name] for name in _OF_A_HOLDING))
        elif event == "purge":
            returns[entry["return_id"]] = returns[entry["return_id"]].purged()
        elif event == "decision":
            decisions.add(entry["sequence"])
        elif event == "release":
            releases.add(entry["sequence"])
    return Account(runs, returns, decisions, releases)


def is_held(batch: Iterable[Entry], found: Account) -> bool:
    """Whether a store holds a batch: it was committed as a whole, or not at all. An account of everything needs no commit."""
    for entry in batch:
        if entry["event"] == "run":
            return entry["run_id"] in found.runs
        if entry["event"] == "release":
            return entry["sequence"] in found.releases
    return False


def line_of(entry: Entry, previous: str) -> bytes:
    """An entry as a line, which names the line before it."""
    return json.dumps({**entry, "previous": previous}, ensure_ascii=False).encode() + b"\n"


def digest_of(line: bytes) -> str:
    """What the next line calls this one."""
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest()


def _entry(line: bytes, number: int) -> Entry:
    try:
        entry = json.loads(line.decode())
        if {"store", "batch", "event", "previous"} <= entry.keys():
            return cast("Entry", entry)
    except (ValueError, AttributeError):
        pass
    raise BrokenChainError(f"line {number} is damaged")
