"""Finishes what a file tells by itself with what other files and other returns say, and says what became of each return."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.described_columns import described_columns
from probation_etl.intake.frames import Frames
from probation_etl.intake.judged import JudgedFile, JudgedReturn, unread
from probation_etl.intake.judged_rows import JudgedRows, without_errors
from probation_etl.intake.references import References
from probation_etl.intake.result import ReturnResult, findings_frame
from probation_etl.intake.verdict import Rows, verdict_on
from probation_etl.journal import Clock, tell

#: Returns what a return may refer to: rows of its supplier for the same or an earlier period.
ReferencesFor = Callable[[Organisation | None, date | None], References]
#: Returns what other files and other returns say against a return, by what is known of it and its number of rows.
Objections = Callable[[ReturnResult, int], Iterable[Finding]]


def finished_returns(
    file: JudgedFile, rulebook: Rulebook, references: ReferencesFor, objections: Objections
) -> Iterator[ReturnResult]:
    """The returns of a file, one by one, with everything masked that must not be shown.

    What a return refers to is asked for only when the caller asks for the return.
    """
    shown = file.shown
    if file.refusal:
        error = file.refusal
        tell("read", error.code, file=shown.name, counts={"bytes": file.size}, seconds=file.seconds)
        finding = make(error.code, expected=str(error), hint=error.hint)
        yield shown.masked(unread(shown.name, file.sha256, finding))
        return
    tell("read", "read", file=shown.name, counts={"bytes": file.size, "sheets": file.sheets}, seconds=file.seconds)
    for judged in file.returns:
        clock = Clock()
        _tell_identified(judged.before)
        result = shown.masked(_finished(judged, rulebook, references, objections))
        _tell_validated(result, judged.seconds + clock.seconds)
        yield result


def _finished(
    judged: JudgedReturn, rulebook: Rulebook, references: ReferencesFor, objections: Objections
) -> ReturnResult:
    before, rows = judged.before, judged.rows
    before = before.with_findings(objections(before, rows.typed.height if rows else 0))
    if rows is None:
        return before
    return _validated(before, rows, rulebook, references(before.supplier, before.period_end))


def _validated(before: ReturnResult, rows: JudgedRows, rulebook: Rulebook, references: References) -> ReturnResult:
    """The same return with its rows, and the verdict."""
    contract = before.contract
    assert contract is not None  # noqa: S101 -- without one there are no rows
    schema = rulebook.schema_of(contract)
    found = rows.findings(schema, references)
    good = [*without_errors(rows.typed, found)]
    described = described_columns(contract, before.source.header, references)
    found = before.with_findings([*described, *rows.of_return]).found.followed_by(found)
    accepted, read = sum(int(each.sum()) for each in good), rows.typed.height
    counts = Rows(read, accepted, read - accepted, rows.table.blank, sum(note.rows for note in rows.table.notes))
    verdict, counts, over_limit = verdict_on(counts, found, contract)
    if over_limit is not None:
        found = Frames.of(findings_frame([over_limit])).followed_by(found)
    if verdict == "rejected":
        good = [pl.repeat(value=False, n=len(each), dtype=pl.Boolean, eager=True) for each in good]
    place = {"file": pl.lit(before.file), "sheet": pl.lit(before.sheet, dtype=pl.String)}
    return replace(
        before, verdict=verdict, rows=counts, accepted_rows=rows.typed.chosen(good),
        quarantined_rows=rows.raw.chosen([~each for each in good]), found=found.mapped(lambda each: each.with_columns(**place)),
        checks=schema.by_name, notes=rows.table.notes,
    )  # fmt: skip


def _tell_identified(before: ReturnResult) -> None:
    contract, supplier = before.contract, before.supplier
    tell(
        "identify", "identified" if before.claim else "unidentified", file=before.file, sheet=before.sheet,
        contract=contract.id if contract else None, supplier=supplier.code if supplier else None,
        period_end=before.period_end,
    )  # fmt: skip


def _tell_validated(result: ReturnResult, seconds: float) -> None:
    rows, findings = result.rows, result.counts()
    counts = {**asdict(rows), "errors": findings["error"], "warnings": findings["warning"]}
    tell(
        "validate", result.verdict, return_id=result.return_id, file=result.file, sheet=result.sheet, counts=counts,
        seconds=round(seconds, 3),
    )  # fmt: skip
