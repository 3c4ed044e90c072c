"""Proofs about what is released and what was current before: both are what was loaded up to their runs."""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.audit.verify.evidence import Evidence, Fault
from probation_etl.audit.verify.recomputed import differences
from probation_etl.contracts.identifiers import quoted
from probation_etl.stores.statements import current_rows

#: How many of the last runs are looked at: each is computed from the whole history.
_RUNS = 5


def released(evidence: Evidence) -> Iterator[Fault]:
    """Released tables hold exactly the rows that the unified tables had after the run of the newest release."""
    state = evidence.store.releases.newest()
    copied = dict(evidence.store.query("SELECT table_name, row_count FROM ledger.released_tables").rows())
    for table in sorted(evidence.shown.keys() - copied.keys()):
        yield Fault(f"released.{table}", "the ledger does not know it")
    # Under other contracts than today's the tables cannot be recomputed: then the rows that they are made of are.
    same_contracts = state is not None and state.contracts_digest == evidence.rulebook.contracts.digest
    expected = evidence.expected_after(state.run_id) if state and same_contracts else {}
    for table, due in copied.items():
        found = evidence.store.query(f"SELECT * FROM released.{quoted(table)}")
        if state is None and found.height:
            yield Fault(f"released.{table}", f"nothing was released, and it has {found.height} row(s)")
        elif due is not None and found.height != due:
            yield Fault(f"released.{table}", f"it has {found.height} row(s), {due} were released")
        elif table in expected and differences(found, expected[table]).height:
            yield Fault(f"released.{table}", "its rows are not those of the run that was released")


def times(evidence: Evidence) -> Iterator[Fault]:
    """The rows that were current after the release, and after each of the last runs, are those that history and ledger give."""
    state = evidence.store.releases.newest()
    looked_at = dict.fromkeys([*list(evidence.runs)[-_RUNS:], *([state.run_id] if state else [])])
    for run_id in looked_at:
        expected = evidence.current_rows_after(run_id)
        for contract in evidence.unified:
            rows = current_rows(contract, after=str(evidence.runs.get(run_id, 0)))
            if differences(evidence.store.query(rows), expected[contract.table]).height:
                yield Fault(
                    run_id, f"{contract.table}: the rows that were current after it are not those of the history"
                )
