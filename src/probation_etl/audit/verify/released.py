"""A proof about the released state: it is what was loaded up to its run, under the contracts of that time."""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.audit.verify.evidence import Evidence, Fault
from probation_etl.audit.verify.recomputed import differences
from probation_etl.contracts.identifiers import quoted


def released(evidence: Evidence) -> Iterator[Fault]:
    """Released tables hold exactly the rows that the unified tables had after the run of the newest release."""
    state = evidence.store.releases.newest()
    counted = dict(evidence.store.query("SELECT table_name, row_count FROM ledger.released_tables").rows())
    if state is None:
        yield from (
            Fault(f"released.{name}", "nothing was released, but it is listed with rows")
            for name, n in counted.items()
            if n
        )
    for table in sorted(evidence.shown.keys() - counted.keys()):
        yield Fault(f"released.{table}", "the ledger does not know it")
    # Under other contracts than today's the tables cannot be recomputed: then only their rows are counted.
    same_contracts = state is not None and state.contracts_digest == evidence.rulebook.contracts.digest
    expected = evidence.expected_after(state.run_id) if state and same_contracts else {}
    for table, due in counted.items():
        found = evidence.store.query(f"SELECT * FROM released.{quoted(table)}")
        if found.height != due:
            yield Fault(f"released.{table}", f"it has {found.height} row(s), {due} were released")
        elif table in expected and differences(found, expected[table]).height:
            yield Fault(f"released.{table}", "its rows are not those of the run that was released")
