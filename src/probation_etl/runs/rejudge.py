"""What the contracts in force now would say of the returns that count. Nothing is loaded: what was loaded stays as it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from probation_etl.audit.kept_returns import KeptReturns
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.assess import assess
from probation_etl.intake.readers import Grid
from probation_etl.intake.reference_tables import check_reference_tables
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given, ways_again
from probation_etl.journal import goes_on
from probation_etl.runs.admission import load_rulebook
from probation_etl.stores import LedgerEntry, Store, snapshot


@dataclass(frozen=True)
class Outcome(Discreet, tells=("verdict",)):
    """What one version of a contract says of a return."""

    contract_version: str | None
    verdict: str
    rows_accepted: int
    rows_quarantined: int

    @property
    def in_words(self) -> str:
        """``partly accepted by 1.0.0 (12 rows accepted, 3 quarantined)``."""
        counts = f"{self.rows_accepted:,} rows accepted, {self.rows_quarantined:,} quarantined"
        return f"{self.verdict.replace('_', ' ')} by {self.contract_version} ({counts})"


@dataclass(frozen=True)
class Judgement(Discreet, tells=("return_id",)):
    """A return that counts, as it was loaded and as it would be now.

    Attributes:
        loaded: As it was loaded.
        now: As it would be; None where that cannot be known.
        why: Why it cannot.
    """

    return_id: str
    file: str
    contract_id: str | None
    loaded: Outcome
    now: Outcome | None
    why: str = ""

    @property
    def differs(self) -> bool:
        """Whether more than the version is another, or it is not known."""
        before, now = self.loaded, self.now
        return now is None or _figures(before) != _figures(now)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        return {**asdict(self), "differs": self.differs}


def rejudge(url: str, *, contracts: str | Path | None = None) -> list[Judgement]:
    """Validates the kept files of all returns that count, by the contracts in force now.

    Args:
        url: URL of the store, which is read as it was last committed and not changed.
        contracts: Directory of contracts; those shipped by default.

    Raises:
        ContractError: A contract cannot be used.
        UsageError, StoreError: The store cannot be read.
    """
    rulebook = load_rulebook(contracts)
    with snapshot(url, rulebook.contracts, rulebook.tables, check=check_reference_tables) as store:
        kept = KeptReturns(store, rulebook)
        return [_judged(each, store, rulebook, kept) for each in store.ledger.entries() if each.is_current]


def _judged(entry: LedgerEntry, store: Store, rulebook: Rulebook, kept: KeptReturns) -> Judgement:
    goes_on()
    before = Outcome(entry.contract_version, entry.verdict, entry.rows_accepted, entry.rows_quarantined)
    now, why = None, "its file is taken for another return now"
    try:
        file = kept.file(entry)
    except UnreadableFile as error:
        why = str(error)
    else:
        found = _again(entry, file.content, file.grids, store, rulebook)
        if found:
            version = found.contract.version if found.contract else None
            now = Outcome(version, found.verdict, found.rows.accepted, found.rows.quarantined)
    return Judgement(entry.return_id, entry.file, entry.contract_id, before, now, "" if now else why)


def _again(
    entry: LedgerEntry, content: bytes, grids: list[Grid], store: Store, rulebook: Rulebook
) -> ReturnResult | None:
    """The return now, first as its file identifies itself and then as the ledger does; None if it is no such return any more."""
    known = tuple(each for each in rulebook.returns() if each.id == entry.contract_id)
    for given in ways_again(Given(known, entry.supplier_code, entry.period_end)):
        results = assess(entry.file, content, rulebook, given=given, references=store.references, grids=grids)
        found = next((each for each in results if each.claim == entry.claim and each.sheet == entry.sheet), None)
        if found is not None:
            return found
    return None


def _figures(outcome: Outcome) -> tuple[object, ...]:
    return outcome.verdict, outcome.rows_accepted, outcome.rows_quarantined
