"""Verifies the invariants of a store, and names the return or table where one is broken.

Everything is recomputed from the ledger, the history and the received files: the store's own views are not trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from probation_etl.audit.kept_returns import KeptReturn
from probation_etl.audit.verify import ledger, rows, sources
from probation_etl.audit.verify.evidence import Evidence, Fault
from probation_etl.audit.verify.released import released, times
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.stores import Attempt, Store

__all__ = ["OF_EACH_RETURN", "OF_THE_STORE", "Fault", "Proof", "Verification", "verify"]

#: Invariants of every store, by name. The docstring of each function is its statement.
OF_THE_STORE: Mapping[str, Callable[[Evidence], Iterable[Fault]]] = {
    "sequence": ledger.sequence,
    "ledger-file": ledger.ledger_file,
    "newest-state": ledger.newest_state,
    "attempts": ledger.attempts,
    "rows-read": ledger.rows_read,
    "current": ledger.current,
    "history": rows.history,
    "quarantine": rows.quarantine,
    "unified": rows.unified,
    "keys": rows.keys,
    "totals": rows.totals,
    "received": sources.received,
    "reference-tables": sources.reference_tables,
    "released": released,
    "times": times,
}
#: Invariants of every return that was loaded and whose file was kept.
OF_EACH_RETURN: Mapping[str, Callable[[Evidence, Attempt, KeptReturn], Iterable[Fault]]] = {
    "source-rows": sources.source_rows,
    "cells": sources.cells,
    "references": sources.references,
}
#: Faults listed for one invariant, so that a badly damaged store does not fill the screen.
_LISTED = 100


@dataclass(frozen=True)
class Proof(Discreet, tells=("name",)):
    """One invariant, and where it is broken.

    Attributes:
        name: Name of the invariant.
        statement: What it says.
        faults: Where it does not hold, the first hundred places; empty when it holds.
    """

    name: str
    statement: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Verification(Discreet, tells=("holds",)):
    """The result of verifying a store.

    Attributes:
        proofs: Every invariant.
        returns: How many attempts at returns the ledger lists.
    """

    proofs: tuple[Proof, ...]
    returns: int

    @property
    def holds(self) -> bool:
        """Whether all invariants hold."""
        return not any(each.faults for each in self.proofs)

    @property
    def exit_code(self) -> int:
        """Exit code of the command line: 3 where an invariant is broken, as for any unusable store."""
        return 0 if self.holds else 3

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON."""
        proofs = [
            {"name": each.name, "statement": each.statement, "holds": not each.faults,
             "faults": [fault._asdict() for fault in each.faults]}
            for each in self.proofs
        ]  # fmt: skip
        return {"holds": self.holds, "returns": self.returns, "invariants": proofs, "exit_code": self.exit_code}


def verify(store: Store, rulebook: Rulebook) -> Verification:
    """Verifies every invariant of a store.

    Nothing else may write to the store meanwhile. It is read as a whole, so the memory needed grows with it.

    Args:
        store: An open store.
        rulebook: The contracts that it was opened with.

    Raises:
        StoreError: The store cannot be read.
    """
    evidence = Evidence(store, rulebook)
    faults = {name: list(islice(proof(evidence), _LISTED)) for name, proof in OF_THE_STORE.items()}
    faults |= _of_returns(evidence)
    statements = {
        name: (proof.__doc__ or "").strip() for name, proof in (*OF_THE_STORE.items(), *OF_EACH_RETURN.items())
    }
    proofs = tuple(Proof(name, statements[name], tuple(found)) for name, found in faults.items())
    return Verification(proofs, len(evidence.returns))


def _of_returns(evidence: Evidence) -> dict[str, list[Fault]]:
    """Faults of returns, by invariant. Each received file is read once."""
    faults: dict[str, list[Fault]] = {name: [] for name in OF_EACH_RETURN}
    for entry, sent in sources.kept(evidence):
        if isinstance(sent, str):
            faults["source-rows"].append(Fault(entry.return_id, f"it cannot be read again: {sent}"))
            continue
        for name, proof in OF_EACH_RETURN.items():
            faults[name] += proof(evidence, entry, sent)
    return {name: found[:_LISTED] for name, found in faults.items()}
