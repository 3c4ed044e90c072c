"""One file through the stages of intake: read, identify, find the table, parse, validate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date

import polars as pl

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.guard import Guard
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UnreadableFile
from probation_etl.intake.control_check import control_findings
from probation_etl.intake.control_totals import ControlTotals
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.frames import NO_ROWS, Frames
from probation_etl.intake.guarded import ShownFile
from probation_etl.intake.identify import identify
from probation_etl.intake.layout_findings import cut_off
from probation_etl.intake.opened import OpenedFile, opened_file
from probation_etl.intake.parse import parse
from probation_etl.intake.period_dates import outside_period
from probation_etl.intake.readers import DEFAULT_LIMITS, Grid, Limits
from probation_etl.intake.result import Period, ReturnId, ReturnResult, Source, findings_frame
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.intake.table import RawTable, table_below
from probation_etl.intake.validate import References, validate_rows
from probation_etl.intake.verdict import Rows, verdict_on
from probation_etl.journal import Clock, tell

#: Returns what a return may refer to: rows of its supplier for the same or an earlier period.
ReferencesFor = Callable[[Organisation | None, date | None], References]
#: Returns what other files and other returns say against a return, by what is known of it and its number of rows.
Objections = Callable[[ReturnResult, int], Iterable[Finding]]


def no_references(_supplier: Organisation | None, _period_end: date | None) -> References:
    """No rows of other returns are available: references are not checked, and a warning says so."""
    return lambda _table: None


def no_objections(_before: ReturnResult, _rows: int) -> tuple[Finding, ...]:
    """Nothing is known of other files and other returns."""
    return ()


def assess(
    name: str,
    data: bytes,
    rulebook: Rulebook,
    *,
    given: Given = NOTHING_GIVEN,
    references: ReferencesFor = no_references,
    objections: Objections = no_objections,
    totals: ControlTotals | None = None,
    grids: list[Grid] | None = None,
    opened: OpenedFile | None = None,
    limits: Limits = DEFAULT_LIMITS,
    sha256: str = "",
) -> Iterator[ReturnResult]:
    """Validates the returns in a file one by one. Anything wrong with the file is a finding, never an exception.

    A return that refers to rows of another comes after it and is validated only when the caller asks for the next one,
    so that the other can be loaded first.

    Args:
        name: Path of the file relative to the inbox; its last part is matched against the contracts' patterns. Results have it as
            it may be shown.
        data: The whole file.
        rulebook: The contracts.
        given: What the caller knows about the file; it takes precedence over what the file says.
        references: Rows that returns may refer to.
        objections: What other files and other returns say against a return.
        totals: Control totals in a file beside it.
        grids: The cells, if they were read already or do not come from a file.
        opened: The file, if it was read and its returns were identified already.
        limits: How large the file may be.
        sha256: Hash of the file, if it is known already.
    """
    sha256, clock = sha256 or hashlib.sha256(data).hexdigest(), Clock()
    shown = ShownFile.of(name, sha256, rulebook.guard)
    try:
        if grids is not None:
            opened = OpenedFile(grids, identify(name, grids, rulebook.returns(), rulebook.reference, given))
        opened = opened or opened_file(name, data, rulebook, limits, given)
    except UnreadableFile as error:
        tell("read", error.code, file=shown.name, counts={"bytes": len(data)}, seconds=clock.seconds)
        yield shown.masked(unread(shown.name, sha256, make(error.code, expected=str(error), hint=error.hint)))
        return
    counts = {"bytes": len(data), "sheets": len(opened.grids)}
    tell("read", "read", file=shown.name, counts=counts, seconds=opened.seconds)
    shown = ShownFile.of(name, sha256, rulebook.guard, opened.returns)
    for at, found in enumerate(opened.returns):
        source, clock = replace(shown.source(found, data, opened.grids), totals=totals), Clock()
        _tell_identified(found, source)
        named = found.with_findings(*shown.findings(found, first=at == 0))
        result = shown.masked(_assess_return(named, source, sha256, rulebook, references, objections, shown.guard))
        _tell_validated(result, clock)
        yield result


def _tell_identified(found: FoundReturn, source: Source) -> None:
    sender = found.sender
    tell(
        "identify", "identified" if found.claim else "unidentified", file=source.file, sheet=source.sheet,
        contract=found.contract.id if found.contract else None,
        supplier=sender.supplier.code if sender.supplier else None, period_end=sender.period_end,
    )  # fmt: skip


def _tell_validated(result: ReturnResult, clock: Clock) -> None:
    rows, findings = result.rows, result.counts()
    counts = {**asdict(rows), "errors": findings["error"], "warnings": findings["warning"]}
    tell(
        "validate", result.verdict, return_id=result.return_id, file=result.file, sheet=result.sheet, counts=counts,
        seconds=clock.seconds,
    )  # fmt: skip


def too_large(name: str, sha256: str, why: str) -> ReturnResult:
    """The result for a file that is too large to be read at all."""
    return unread(name, sha256, make("too-large", expected=why))


def unread(name: str, sha256: str, finding: Finding) -> ReturnResult:
    """The result for a file of which nothing was read, and the finding that says why."""
    return _rejected(FoundReturn(None, None, findings=(finding,)), Source(name), sha256)


def _assess_return(
    found: FoundReturn,
    source: Source,
    sha256: str,
    rulebook: Rulebook,
    references: ReferencesFor,
    objections: Objections,
    guard: Guard,
) -> ReturnResult:
    contract, grid, header, sender = found.contract, found.grid, found.header, found.sender
    if contract is None or grid is None or header is None:
        lacking = (_no_header(grid, contract),) if contract and grid else ()
        before = _rejected(found.with_findings(*lacking), source, sha256)
        return before.with_findings(objections(before, 0))
    table = table_below(header, grid, contract)
    found = found.with_findings(*grid.findings, *check_control_total(sender.control_rows, table.frame.height))
    if sender.control_rows != table.frame.height:
        found = found.with_findings(*cut_off(grid, table.last_row, lacks_column=bool(table.missing)))
    referable = references(sender.supplier, sender.period_end)
    before, schema = _rejected(found, source, sha256), rulebook.schema_of(contract)
    before = before.with_findings(objections(before, table.frame.height))
    return _validated(before, table, contract, schema=schema, references=referable, guard=guard)


def _rejected(found: FoundReturn, source: Source, sha256: str) -> ReturnResult:
    """The return without any rows: what is known of it before they are read."""
    sender = found.sender
    nothing = ReturnResult(
        ReturnId(found.contract, sender.supplier, Period(sender.period_start, sender.period_end), sha256), source,
        verdict="rejected", rows=Rows(), accepted_rows=NO_ROWS, quarantined_rows=NO_ROWS,
        found=Frames.of(findings_frame(())), control_rows=source.totals.rows if source.totals else sender.control_rows,
    )  # fmt: skip
    return nothing.with_findings(found.findings)


def _validated(
    before: ReturnResult,
    table: RawTable,
    contract: ReturnContract,
    *,
    schema: Schema,
    references: References,
    guard: Guard,
) -> ReturnResult:
    """The same return with its rows validated, and the verdict."""
    parsed = parse(table, schema, _context(before.id))
    before = before.with_findings(outside_period(parsed.frame, contract, before.id.period))
    before = before.with_findings(control_findings(before.source.totals, table.frame.height, parsed, contract))
    findings, good = validate_rows(table, parsed, schema, references, guard)
    findings = pl.concat([before.findings, findings])
    rows = Rows(table.frame.height, int(good.sum()), int((~good).sum()), table.blank, len(table.notes))
    verdict, rows, over_limit = verdict_on(rows, findings, contract)
    if over_limit is not None:
        findings = pl.concat([findings_frame([over_limit]), findings])
    if verdict == "rejected":
        good = pl.Series([False] * len(good), dtype=pl.Boolean)
    place = {"file": pl.lit(before.file), "sheet": pl.lit(before.sheet, dtype=pl.String)}
    return replace(
        before, verdict=verdict, rows=rows, accepted_rows=Frames.of(parsed.frame.filter(good)),
        quarantined_rows=Frames.of(table.raw.filter(~good)), found=Frames.of(findings.with_columns(**place)), checks=schema.by_name, notes=table.notes,
    )  # fmt: skip


def _context(id_: ReturnId) -> dict[str, object]:
    """Values of the context columns."""
    return {
        "supplier_code": id_.supplier.code if id_.supplier else None,
        "supplier_kind": id_.supplier.kind if id_.supplier else None,
        "period_start": id_.period.start,
        "period_end": id_.period.end,
    }


def check_control_total(announced: int | None, read: int) -> list[Finding]:
    """Compares the number of rows read with the number that the supplier announces on the cover."""
    if announced is None or announced == read:
        return []
    return [make("control-total", value=str(announced), expected=str(read))]


def _no_header(grid: Grid, contract: ReturnContract) -> Finding:
    headers = ", ".join(column.header for column in contract.columns)
    where = f"the sheet ‘{grid.sheet}’" if grid.sheet else "the file"
    if not grid.cells.height:
        return make("empty-file", expected=f"There is nothing in {where}, not even a header.")
    found = make("missing-column", hint="Put a row with these headers above the data.")
    return replace(found, message=f"No row of {where} has the headers of the return: {headers}.")
