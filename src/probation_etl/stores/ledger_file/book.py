"""Keeps the ledger file of a store: before a commit what is to be committed, after it that it was; and compares the two."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from probation_etl.discreet import Discreet
from probation_etl.errors import EnvironmentFailure, LedgerMismatch
from probation_etl.stores.engine import Engine
from probation_etl.stores.ledger_file import lines
from probation_etl.stores.ledger_file.account import Account, Disagreement
from probation_etl.stores.ledger_file.counted import account, holdings
from probation_etl.stores.ledger_file.file import LedgerFile

#: Disagreements that an error lists; a verification lists more.
_LISTED = 10
_ADVICE = (
    "Was an older store put back, or a file damaged or deleted? Put the newer store, or the ledger file, back. If the store is right "
    "as it is, say so with ‘probation-etl store accept-ledger URL --reason …’: what it lacks then has to be sent again."
)


@dataclass
class Doing(Discreet):
    """What a transaction has done so far that the ledger file has to name: entries, and the run whose returns it loads.

    Attributes:
        is_kept: Whether it is going to be committed.
    """

    is_kept: bool = True
    entries: list[lines.Entry] = field(default_factory=list)
    loading: str | None = None

    def note(self, event: str, **what: object) -> None:
        """Something that was done."""
        self.entries.append({"event": event, **what})


class Book:
    """The ledger file of one store. Nothing is written to it before it was found to agree with the store, or was started."""

    def __init__(self, engine: Engine, store: str, path: Path, *, is_known: bool) -> None:
        """The ledger file of a store.

        Args:
            engine: The database of the store.
            store: The store's identity.
            path: Where the ledger file is.
            is_known: Whether the store says that it has one: then it must be there.
        """
        self.file = LedgerFile(path)
        self._engine, self._store, self._is_known = engine, store, is_known

    def disagreements(self, *, digests: bool = False) -> list[Disagreement]:
        """Where store and ledger file do not agree; none where the store has no ledger file yet.

        Args:
            digests: Whether rows are compared by their digests too, for which all are read.
        """
        said = self._said()
        if isinstance(said, Disagreement):
            return [said]
        found = account(self._engine, digests=digests)
        return [] if said is None else list(_settled(said, found).against(found))

    def agree(self, *, write: bool = True) -> None:
        """Starts the ledger file of a store that has none, and writes down what became of what a process that died intended.

        Args:
            write: False to compare alone.

        Raises:
            LedgerMismatch: It does not agree with the store.
            EnvironmentFailure: It cannot be read or written.
        """
        said = self._said()
        if isinstance(said, Disagreement):
            raise self._mismatch([said])
        if said is None:
            if write:
                self._state(lines.STARTED)
            return
        found = account(self._engine)
        differences = list(_settled(said, found).against(found))
        if differences:
            raise self._mismatch(differences)
        outcome = {
            batch: lines.COMMITTED if lines.is_held(entries, found) else lines.ROLLED_BACK
            for batch, entries in said.uncommitted.items()
        }
        told = [
            (batch, event)
            for batch, event in outcome.items()
            if event == lines.COMMITTED or batch not in said.rolled_back
        ]
        if told and write:
            self.file.append(self._entry(batch, {"event": event}) for batch, event in told)

    def accept(self, reason: str) -> Path | None:
        """Takes over what the store holds now, whatever was recorded before.

        Returns:
            Where the former file is, if no line could follow it; else None.

        Raises:
            EnvironmentFailure: It cannot be read or written.
        """
        aside = self.file.set_aside() if isinstance(self._said(), Disagreement) and self.file.path.exists() else None
        self._state(lines.ACCEPTED, reason=reason, set_aside=aside and aside.name)
        return aside

    def intend(self, doing: Doing) -> str | None:
        """Writes down what is about to be committed.

        Returns:
            The name of the batch, for :meth:`committed`; None where there is nothing to write.

        Raises:
            EnvironmentFailure: It cannot be written.
        """
        entries = list(doing.entries)
        if doing.loading is not None:
            found = holdings(self._engine, run_id=doing.loading)
            entries += [_returned(name, each.as_dict()) for name, each in sorted(found.items())]
        if not entries:
            return None
        batch = secrets.token_hex(8)
        self.file.append(self._entry(batch, each) for each in entries)
        return batch

    def committed(self, batch: str) -> None:
        """Writes down that it was committed. If that fails the next run does so, when it has asked the store."""
        with suppress(EnvironmentFailure):
            self.file.append([self._entry(batch, {"event": lines.COMMITTED})])

    def _said(self) -> lines.Recorded | Disagreement | None:
        """What the ledger file says; or what is wrong with it as a whole; None where the store has none yet."""
        where = f"ledger file {self.file.path}"
        try:
            said = self.file.read()
        except lines.BrokenChainError as error:
            return Disagreement(where, f"{error}: it was changed, or lines were taken out of it")
        if said is None or not said.is_started:
            return Disagreement(where, "it is missing, or empty, and the store has had one") if self._is_known else None
        if said.store != self._store:
            return Disagreement(where, f"it is that of another store, with {len(said.account.returns)} return(s)")
        return said

    def _state(self, event: str, **more: object) -> None:
        """Writes down everything that the store holds."""
        held, batch = account(self._engine, digests=True), secrets.token_hex(8)
        numbers = {"runs": sorted(held.runs), "decisions": sorted(held.decisions), "releases": sorted(held.releases)}
        entries: list[Mapping[str, Any]] = [
            {"event": event, **more, **numbers},
            *(_returned(name, each.as_dict()) for name, each in sorted(held.returns.items())),
            {"event": lines.COMMITTED},
        ]
        self.file.append(self._entry(batch, each) for each in entries)

    def _entry(self, batch: str, what: Mapping[str, Any]) -> lines.Entry:
        return {"store": self._store, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "batch": batch, **what}

    def _mismatch(self, found: list[Disagreement]) -> LedgerMismatch:
        listed = [f"  {each.where}: {each.message}" for each in found[:_LISTED]]
        more = [f"  and {len(found) - _LISTED} more" for _ in found[_LISTED : _LISTED + 1]]
        return LedgerMismatch(
            "\n".join(
                (
                    f"The store {self._engine.place} and its ledger file {self.file.path} do not agree. Nothing was done.",
                    *listed,
                    *more,
                    _ADVICE,
                )
            )
        )


def _returned(name: str, holding: Mapping[str, Any]) -> lines.Entry:
    return {"event": "return", "return_id": name, **holding}


def _settled(said: lines.Recorded, found: Account) -> Account:
    """What was recorded, with what the store holds of that of which nobody could say that it was committed."""
    account = said.account
    for entries in said.uncommitted.values():
        if lines.is_held(entries, found):
            account = lines.after(account, entries)
    return account
