"""Proofs about the ledger itself: its order, attempts and counts, and which returns it shows as current."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from probation_etl.audit.verify.evidence import Evidence, Fault
from probation_etl.audit.verify.recomputed import arrivals
from probation_etl.stores import Attempt, Decision, Purge, Repeat

_LOADED = ("accepted", "accepted_with_warnings", "partly_accepted")


def sequence(evidence: Evidence) -> Iterator[Fault]:
    """Runs are numbered without gaps, and so are returns, decisions, repeats and purges together, in the order of the runs; every run has one."""
    runs = evidence.runs
    made: list[Attempt | Decision | Repeat | Purge] = [
        *evidence.returns, *evidence.decisions, *evidence.repeats, *evidence.purges,
    ]  # fmt: skip
    entries = sorted(made, key=lambda each: each.sequence)
    yield from _gaps("ledger.runs", list(runs.values()))
    yield from _gaps("ledger.returns", [each.sequence for each in entries])
    for name in runs.keys() - {each.run_id for each in entries}:
        yield Fault(f"run {name}", "the ledger has no entry of this run")
    latest = 0
    for entry in entries:
        where = entry.return_id if isinstance(entry, (Attempt, Purge)) else entry.original_id
        at = runs.get(entry.run_id)
        if at is None:
            yield Fault(where, f"its run ‘{entry.run_id}’ is not in the ledger")
        elif at < latest:
            yield Fault(where, "it comes after an entry of a later run")
        latest = max(latest, at or 0)


def _gaps(where: str, numbers: list[int]) -> Iterator[Fault]:
    twice = [number for number, count in Counter(numbers).items() if count > 1]
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers))
    if twice:
        yield Fault(where, f"the number {_listed(twice)} is there more than once")
    if missing:
        yield Fault(where, f"the entry with the number {_listed(missing)} is missing")


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return shown if len(numbers) <= 5 else f"{shown} and {len(numbers) - 5} more"


def ledger_file(evidence: Evidence) -> Iterator[Fault]:
    """The store holds what its ledger file says was loaded, row for row by their digests, and nothing else; the file is whole."""
    yield from (Fault(*each) for each in evidence.store.ledger_file.disagreements())


def newest_state(evidence: Evidence) -> Iterator[Fault]:
    """The newest state is shown, and the table of standings agrees with the ledger on each return: its place, whether it is withdrawn or current."""
    standing = evidence.store.query("SELECT return_id, arrival, withdrawn, is_current FROM ledger.standing")
    withdrawn = {each.original_id: each.withdrawn for each in evidence.decisions}
    arrival = arrivals(evidence.returns)
    expected = {
        (each.return_id, arrival[name], withdrawn.get(name, False), each.return_id in evidence.current)
        for name, each in evidence.newest.items()
    }
    for return_id in sorted({row[0] for row in expected.symmetric_difference(standing.rows())}):
        yield Fault(return_id, "ledger.standing does not agree with the ledger on it")
    if evidence.store.query("SELECT MIN(run_sequence) AS shown FROM ledger.shown").item() <= max(
        evidence.runs.values(), default=0
    ):
        yield Fault("ledger.shown", "it shows an earlier state")
    if standing.height != len(expected):
        yield Fault("ledger.standing", f"it has {standing.height} rows, expected {len(expected)}")


def attempts(evidence: Evidence) -> Iterator[Fault]:
    """A return is named for its content, contract, supplier and period; its attempts are numbered from 1 in their order."""
    count: dict[str, int] = {}
    for entry in evidence.returns:
        original, where = entry.original_id, entry.return_id
        count[original] = count.get(original, 0) + 1
        if entry.attempt != count[original]:
            yield Fault(where, f"it is attempt {entry.attempt}, expected {count[original]}")
        if where != (original if entry.attempt == 1 else f"{original}:{entry.attempt}"):
            yield Fault(where, f"its name is not that of attempt {entry.attempt} at {original}")
        if original != _name(entry):
            yield Fault(where, "its name is not that of its content, contract, supplier and period")
        contract = evidence.received.contract_of(entry)
        if contract and contract.kind != entry.kind:
            yield Fault(where, f"it is counted as ‘{entry.kind}’, the contract says ‘{contract.kind}’")
    for table in ("decisions", "settled", "repeats"):
        known = evidence.store.query(f"SELECT DISTINCT original_id FROM ledger.{table}")["original_id"]
        for name in sorted(set(known) - count.keys()):
            yield Fault(name, f"ledger.{table} names this return, which is not in the ledger")


def _name(entry: Attempt) -> str:
    contract = f"{entry.contract_id}:{entry.contract_version}" if entry.contract_id else "unidentified"
    place = f"{entry.supplier_code or 'unknown'}:{entry.period_end or 'no-period'}"
    return f"{contract}:{place}:{entry.sha256[:16]}" + ("" if entry.contract_id else f":{entry.sheet or ''}")


def rows_read(evidence: Evidence) -> Iterator[Fault]:
    """Of each return: read = accepted + quarantined; what is loaded agrees with its verdict and its control total."""
    for entry in evidence.returns:
        where, read, accepted = entry.return_id, entry.rows_read, entry.rows_accepted
        if read != accepted + entry.rows_quarantined:
            yield Fault(where, f"{read} rows read, {accepted} accepted and {entry.rows_quarantined} quarantined")
        if entry.loaded != (entry.verdict in _LOADED):
            yield Fault(where, f"its verdict is ‘{entry.verdict}’, and loaded says {entry.loaded}")
        if not entry.loaded and accepted:
            yield Fault(where, f"{accepted} rows accepted of a return that is not loaded")
        if entry.loaded and entry.control_rows not in (None, read):
            yield Fault(where, f"{read} rows read, {entry.control_rows} announced")


def current(evidence: Evidence) -> Iterator[Fault]:
    """Of each supplier, kind and period exactly one return is current: the last to come that counts."""
    newest = {each.return_id for each in evidence.newest.values()}
    expected = {"current": ("current_returns", set(evidence.current)), "newest": ("standing", newest)}
    for what, (table, names) in expected.items():
        found = evidence.store.query(f"SELECT return_id FROM ledger.{table}")["return_id"].to_list()
        yield from (Fault(name, f"it is not {what}, and the store says it is") for name in sorted(set(found) - names))
        yield from (Fault(name, f"it is {what}, and the store says it is not") for name in sorted(names - set(found)))
        yield from (Fault(name, f"it is {what} more than once") for name, n in Counter(found).items() if n > 1)
