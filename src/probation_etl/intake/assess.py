"""One file through the stages that judge it: read, identify, find the table, parse, validate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Contract
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UnreadableFile
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.identify import FoundReturn, identify
from probation_etl.intake.parse import parse, read_date
from probation_etl.intake.readers import DEFAULT_LIMITS, Grid, Limits, read_grids
from probation_etl.intake.result import ReturnResult, Rows, findings_frame, judge
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.intake.table import RawTable, extract
from probation_etl.intake.validate import References, validate_rows

#: Gives what a return may refer to: the supplier's rows for this or an earlier period.
ReferencesFor = Callable[[Organisation | None, date | None], References]


def no_references(_supplier: Organisation | None, _period_end: date | None) -> References:
    """Nothing to refer to is known: references are left unchecked, with a warning."""
    return lambda _table: None


def assess(
    name: str,
    data: bytes,
    rulebook: Rulebook,
    *,
    given: Given = NOTHING_GIVEN,
    references: ReferencesFor = no_references,
    grids: list[Grid] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[ReturnResult]:
    """Judges the returns in a file, one after the other. What is wrong with it is a finding, never an exception.

    A return that refers to rows of another comes after it, and is judged only when the caller asks for it: by then
    the other may have been loaded.

    Args:
        name: Path of the file relative to the inbox; its last part is held against the contracts' patterns.
        data: The whole file.
        rulebook: What it is judged by.
        given: What the caller says of the file, over what it says of itself.
        references: Rows that returns may refer to.
        grids: The cells, where they do not come from a file.
        limits: How large the file may be.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    contracts = rulebook.returns()
    try:
        grids = grids if grids is not None else grids_of(name, data, rulebook, given=given, limits=limits)
    except UnreadableFile as error:
        yield _unread(name, sha256, make(error.code, expected=str(error)))
        return
    for found in identify(name, grids, contracts, rulebook.reference, given):
        yield replace(_assess_return(found, name, sha256, rulebook, references), content=data)


def grids_of(
    name: str, data: bytes, rulebook: Rulebook, *, given: Given = NOTHING_GIVEN, limits: Limits = DEFAULT_LIMITS
) -> list[Grid]:
    """The cells of a file, its text read as the contract agrees that its name or its header speaks for.

    Raises:
        UnreadableFile: The file cannot be read.
    """
    likely = _likely(name, given, rulebook.returns())
    grids = _read(data, likely, limits)
    known = None if likely else _known_by_header(name, grids, rulebook, given)
    return _read(data, known, limits) if known else grids


def _likely(name: str, given: Given, contracts: list[Contract]) -> Contract | None:
    """The contract that a file's name speaks for, in the version of its period: it says how the text is written."""
    named = [(each, file_name_matches(name, each)) for each in given.contracts or contracts]
    fitting = [each for each, match in named if match or given.contracts]
    end = given.period_end or next(
        (read_date(match.groupdict().get("period_end"), "yyyy-MM-dd") for _, match in named if match), None
    )
    in_force = [each for each in fitting if end and each.in_force(end)]
    return next(iter(in_force or fitting), None)


def _read(data: bytes, contract: Contract | None, limits: Limits) -> list[Grid]:
    """The grids of a file, written as its contract says where that is known."""
    written = {"delimiter": contract.delimiter, "encoding": contract.encoding} if contract else {}
    return read_grids(data, limits=limits, **written)


def _known_by_header(name: str, grids: list[Grid], rulebook: Rulebook, given: Given) -> Contract | None:
    """The contract of text that nothing but its header speaks for: only then is it known how it should be written."""
    if not any(grid.widths is not None for grid in grids):
        return None
    (found, *_) = identify(name, grids, rulebook.returns(), rulebook.reference, given)
    return found.contract


def too_large(name: str, sha256: str, limits: Limits) -> ReturnResult:
    """What becomes of a file that is too large to be read at all."""
    text = f"The file is larger than {limits.file_bytes:,} bytes and was not read."
    return _unread(name, sha256, make("too-large", expected=text))


def _unread(name: str, sha256: str, finding: Finding) -> ReturnResult:
    return _rejected(name, sha256, FoundReturn(None, None, findings=(finding,)))


def _rejected(name: str, sha256: str, found: FoundReturn) -> ReturnResult:
    """A return of which no row could be read."""
    sheet = found.grid.sheet if found.grid else found.contract.identification.sheet if found.contract else None
    findings = [replace(finding, file=name, sheet=sheet) for finding in found.findings]
    return ReturnResult(
        file=name, sheet=sheet, sha256=sha256, contract=found.contract, supplier=found.sender.supplier,
        period_start=found.sender.period_start, period_end=found.sender.period_end, verdict="rejected", rows=Rows(),
        accepted=pl.DataFrame(), quarantined=pl.DataFrame(), findings=findings_frame(findings),
        control_rows=found.sender.control_rows,
    )  # fmt: skip


def _assess_return(
    found: FoundReturn, name: str, sha256: str, rulebook: Rulebook, references: ReferencesFor
) -> ReturnResult:
    contract, grid = found.contract, found.grid
    if contract is None or grid is None:
        return _rejected(name, sha256, found)
    table = extract(grid, contract)
    if table is None:
        return _rejected(name, sha256, found.with_findings(_no_header(grid, contract)))
    found = found.with_findings(*grid.findings, *check_control_total(found.sender.control_rows, table.frame.height))
    return _assess_table(table, contract, found, name, sha256, rulebook, references)


def check_control_total(announced: int | None, read: int) -> list[Finding]:
    """Holds the rows read against the number that the supplier announces on the cover."""
    if announced is None or announced == read:
        return []
    return [make("control-total", value=str(announced), expected=str(read))]


def _no_header(grid: Grid, contract: Contract) -> Finding:
    headers = ", ".join(column.header for column in contract.columns)
    where = f"the sheet ‘{grid.sheet}’" if grid.sheet else "the file"
    if not grid.cells.height:
        return make("empty-file", expected=f"There is nothing in {where}, not even a header.")
    found = make("missing-column", hint="Put a row with these headers above the data.")
    return replace(found, message=f"No row of {where} has the headers of the return: {headers}.")


def _assess_table(
    table: RawTable, contract: Contract, found: FoundReturn, name: str, sha256: str, rulebook: Rulebook,
    references: ReferencesFor,
) -> ReturnResult:  # fmt: skip
    schema = rulebook.schema_of(contract)
    parsed = parse(table, schema, _context(found))
    findings, good = validate_rows(table, parsed, schema, references(found.sender.supplier, found.sender.period_end))
    findings = pl.concat([findings_frame(found.findings), findings])
    rows = Rows(table.frame.height, int(good.sum()), int((~good).sum()), table.blank, table.notes)
    verdict, rows, over_limit = judge(rows, findings, contract)
    if over_limit is not None:
        findings = pl.concat([findings_frame([over_limit]), findings])
    if verdict == "rejected":
        good = pl.Series([False] * len(good), dtype=pl.Boolean)
    place = {"file": pl.lit(name), "sheet": pl.lit(found.grid.sheet if found.grid else None, dtype=pl.String)}
    return ReturnResult(
        file=name, sheet=found.grid.sheet if found.grid else None, sha256=sha256, contract=contract,
        supplier=found.sender.supplier, period_start=found.sender.period_start, period_end=found.sender.period_end, verdict=verdict,
        rows=rows, accepted=parsed.frame.filter(good), quarantined=table.raw.filter(~good),
        findings=findings.with_columns(**place), control_rows=found.sender.control_rows,
    )  # fmt: skip


def _context(found: FoundReturn) -> dict[str, object]:
    supplier = found.sender.supplier
    return {
        "supplier_code": supplier.code if supplier else None,
        "supplier_kind": supplier.kind if supplier else None,
        "period_start": found.sender.period_start,
        "period_end": found.sender.period_end,
    }
