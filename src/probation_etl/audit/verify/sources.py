"""Proofs against the received files: rows are read from them and mapped again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

import polars as pl

from probation_etl.audit.kept_returns import KeptReturn
from probation_etl.audit.verify.evidence import Evidence, Fault
from probation_etl.audit.verify.recomputed import differences
from probation_etl.contracts.model import Reference
from probation_etl.errors import StoreError, UnreadableFile
from probation_etl.stores import Attempt
from probation_etl.unified.harmonise import harmonise_rows

#: Files of which anything is kept.
_HELD = "SELECT sha256 FROM received.files UNION SELECT sha256 FROM received.further_parts"


def received(evidence: Evidence) -> Iterator[Fault]:
    """Each received file is kept unchanged, and each belongs to a return that was not purged."""
    held = evidence.store.query(_HELD)["sha256"].to_list()
    of: dict[str, str] = {}
    for entry in (each for each in evidence.returns if each.return_id not in evidence.purged):
        of.setdefault(entry.sha256, entry.return_id)
        if entry.loaded and entry.sequence > evidence.kept_since and entry.sha256 not in held:
            yield Fault(entry.return_id, "its received file is missing")
    for sha256 in sorted(held):
        where = of.get(sha256, f"received.files {sha256}")
        if sha256 not in of:
            yield Fault(where, "no return in the ledger that is kept has this content")
        elif _hash(evidence, sha256) != sha256:
            yield Fault(where, "its received file has changed: its SHA-256 differs")


def _hash(evidence: Evidence, sha256: str) -> str | None:
    digest = hashlib.sha256()
    try:
        for part in evidence.store.content_parts(sha256):
            digest.update(part)
    except StoreError:
        return None
    return digest.hexdigest()


def kept(evidence: Evidence) -> Iterator[tuple[Attempt, KeptReturn | str]]:
    """Loaded returns whose content was kept, each as it was sent or with the reason why it cannot be read; grouped by file."""
    sha256 = set(evidence.store.query("SELECT sha256 FROM received.files")["sha256"])
    for entry in sorted(evidence.returns, key=lambda each: (each.sha256, each.sequence)):
        if (
            entry.loaded
            and entry.sha256 in sha256
            and entry.return_id not in evidence.purged
            and evidence.received.contract_of(entry)
        ):
            try:
                yield entry, evidence.received.of(entry)
            except (UnreadableFile, StoreError) as error:
                yield entry, str(error)


def source_rows(evidence: Evidence, entry: Attempt, sent: KeptReturn) -> Iterator[Fault]:
    """The rows of a received file are those in history and quarantine."""
    held = set(evidence.quarantined.get(entry.return_id, [])) | set(evidence.rows_of(entry)["source_row"])
    rows = set(sent.table.frame["source_row"])
    if rows != held:
        text = f"{len(held - rows)} row(s) that its file does not have, {len(rows - held)} of its file missing"
        yield Fault(entry.return_id, text)


def cells(evidence: Evidence, entry: Attempt, sent: KeptReturn) -> Iterator[Fault]:
    """Rows in history are what their cells give when parsed and mapped again, if the contracts are still the same."""
    table = evidence.table_of(entry)
    if table is None or entry.contracts_digest != evidence.rulebook.contracts.digest:
        return
    tables = evidence.rulebook.tables
    accepted = _accepted(evidence, entry, sent)
    expected = harmonise_rows(accepted, sent.contract, table, tables, return_id=entry.return_id)
    different = differences(evidence.rows_of(entry), expected)
    rows = different.filter(pl.col("surplus") > 0)["source_row"].unique().sort()
    if rows.len():
        numbers = ", ".join(map(str, rows.head(5)))
        yield Fault(entry.return_id, f"{rows.len()} row(s) are not what their cells give: source row {numbers}")


def references(evidence: Evidence, entry: Attempt, sent: KeptReturn) -> Iterator[Fault]:
    """Accepted rows of current returns refer to rows that are current for this or an earlier period of their supplier."""
    if entry.return_id not in evidence.current or entry.return_id in evidence.unchecked:
        return
    for reference in sent.contract.references:
        # Whether the row was among those that were purged cannot be known any more.
        gone = _has_purged(evidence, entry, reference.table)
        if reference.severity == "error" and not gone and (lost := _unmatched(evidence, entry, sent, reference)):
            text = (
                f"{lost} accepted row(s) refer to no current row of {reference.table}; the next run validates it again"
            )
            yield Fault(entry.return_id, text)


def _accepted(evidence: Evidence, entry: Attempt, sent: KeptReturn) -> pl.DataFrame:
    accepted = pl.col("source_row").is_in(evidence.rows_of(entry)["source_row"].implode())
    return evidence.received.typed(sent, entry).filter(accepted)


def _has_purged(evidence: Evidence, entry: Attempt, table: str) -> bool:
    """Whether a return that this one may refer to was purged."""
    others = (evidence.by_id[name] for name in evidence.purged if name in evidence.by_id)
    return any(
        each.supplier_code == entry.supplier_code
        and (each.period_end or date.min) <= (entry.period_end or date.max)
        and (home := evidence.table_of(each)) is not None
        and home.table == table
        for each in others
    )


def _unmatched(evidence: Evidence, entry: Attempt, sent: KeptReturn, reference: Reference) -> int:
    named = [
        name
        for name, each in evidence.current.items()
        if each.supplier_code == entry.supplier_code and (each.period_end or date.max) <= (entry.period_end or date.max)
    ]
    targets = evidence.history[reference.table].filter(pl.col("return_id").is_in(named))
    rows = _accepted(evidence, entry, sent).select(list(reference.columns)).drop_nulls()
    keyed = targets.select(list(reference.columns.values()))
    keyed = keyed.cast({there: rows.schema[here] for here, there in reference.columns.items()}).unique()
    return rows.join(keyed, left_on=list(reference.columns), right_on=keyed.columns, how="anti").height


def reference_tables(evidence: Evidence) -> Iterator[Fault]:
    """The reference tables in the store are those of the contracts."""
    for name, expected in evidence.rulebook.tables.items():
        found = evidence.store.query(f'SELECT * FROM reference."{name}"')
        if set(found.columns) != set(expected.columns) or differences(found, expected).height:
            yield Fault(f"reference.{name}", "it is not the table that comes with the contracts")
