"""One file through the stages of intake: read, identify, find the table, parse, validate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import polars as pl

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.date_formats import ISO
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Organisation
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UnreadableFile
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.identify import identify
from probation_etl.intake.parse import parse, read_date
from probation_etl.intake.readers import DEFAULT_LIMITS, Grid, Limits, read_grids
from probation_etl.intake.result import Period, ReturnId, ReturnResult, Rows, Source, findings_frame, verdict_on
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.intake.table import RawTable, table_below
from probation_etl.intake.validate import References, validate_rows

#: The usual delimiter and encoding of text.
_USUAL = (",", "UTF-8")
#: Returns what a return may refer to: rows of its supplier for the same or an earlier period.
ReferencesFor = Callable[[Organisation | None, date | None], References]


def no_references(_supplier: Organisation | None, _period_end: date | None) -> References:
    """No rows of other returns are available: references are not checked, and a warning says so."""
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
    """Validates the returns in a file one by one. Anything wrong with the file is a finding, never an exception.

    A return that refers to rows of another comes after it and is validated only when the caller asks for the next one,
    so that the other can be loaded first.

    Args:
        name: Path of the file relative to the inbox; its last part is matched against the contracts' patterns.
        data: The whole file.
        rulebook: The contracts.
        given: What the caller knows about the file; it takes precedence over what the file says.
        references: Rows that returns may refer to.
        grids: The cells, if they were read already or do not come from a file.
        limits: How large the file may be.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        if grids is None:
            grids, returns = _read_and_identify(name, data, rulebook, given, limits)
        else:
            returns = identify(name, grids, rulebook.returns(), rulebook.reference, given)
    except UnreadableFile as error:
        yield _unread(name, sha256, make(error.code, expected=str(error)))
        return
    for found in returns:
        yield _assess_return(
            found, Source(name, found.sheet, data, tuple(grids), found.header), sha256, rulebook, references
        )


def read_as(data: bytes, contract: ReturnContract | None, limits: Limits) -> list[Grid]:
    """Reads the cells of a file, text with the delimiter and encoding of its contract where it is known.

    Raises:
        UnreadableFile: The file cannot be read.
    """
    delimiter, encoding = (contract.delimiter, contract.encoding) if contract else _USUAL
    return read_grids(data, limits=limits, delimiter=delimiter, encoding=encoding)


def _read_and_identify(
    name: str, data: bytes, rulebook: Rulebook, given: Given, limits: Limits
) -> tuple[list[Grid], list[FoundReturn]]:
    """Reads a file as its contract says, and identifies the returns in it.

    Where the name of the file does not identify the contract, the header does. The text is then read a second time, but
    only if that contract has another delimiter or encoding than the usual one.
    """
    contracts = rulebook.returns()
    likely = _likely(name, given, contracts)
    grids = read_as(data, likely, limits)
    found = identify(name, grids, contracts, rulebook.reference, given)
    contract = found[0].contract
    is_text = any(grid.widths is not None for grid in grids)
    if likely or not contract or not is_text or (contract.delimiter, contract.encoding) == _USUAL:
        return grids, found
    grids = read_as(data, contract, limits)
    return grids, identify(name, grids, contracts, rulebook.reference, given)


def _likely(name: str, given: Given, contracts: list[ReturnContract]) -> ReturnContract | None:
    """The contract that the name of a file identifies, in the version for its period: it says how to read the text."""
    named = [(each, file_name_matches(name, each)) for each in given.contracts or contracts]
    fitting = [each for each, match in named if match or given.contracts]
    end = given.period_end or next(
        (read_date(match.groupdict().get("period_end"), ISO) for _, match in named if match), None
    )
    in_force = [each for each in fitting if end and each.in_force(end)]
    return next(iter(in_force or fitting), None)


def too_large(name: str, sha256: str, limits: Limits) -> ReturnResult:
    """The result for a file that is too large to be read at all."""
    text = f"The file is larger than {limits.file_bytes:,} bytes and was not read."
    return _unread(name, sha256, make("too-large", expected=text))


def _unread(name: str, sha256: str, finding: Finding) -> ReturnResult:
    return _rejected(FoundReturn(None, None, findings=(finding,)), Source(name), sha256)


def _assess_return(
    found: FoundReturn, source: Source, sha256: str, rulebook: Rulebook, references: ReferencesFor
) -> ReturnResult:
    contract, grid, header, sender = found.contract, found.grid, found.header, found.sender
    if contract is None or grid is None:
        return _rejected(found, source, sha256)
    if header is None:
        return _rejected(found.with_findings(_no_header(grid, contract)), source, sha256)
    table = table_below(header, grid, contract)
    found = found.with_findings(*grid.findings, *check_control_total(sender.control_rows, table.frame.height))
    referable = references(sender.supplier, sender.period_end)
    before, schema = _rejected(found, source, sha256), rulebook.schema_of(contract)
    return _validated(before, table, contract, schema=schema, references=referable)


def _rejected(found: FoundReturn, source: Source, sha256: str) -> ReturnResult:
    """The return without any rows: what is known of it before they are read."""
    sender = found.sender
    findings = [replace(finding, file=source.file, sheet=source.sheet) for finding in found.findings]
    return ReturnResult(
        ReturnId(found.contract, sender.supplier, Period(sender.period_start, sender.period_end), sha256), source,
        verdict="rejected", rows=Rows(), accepted=pl.DataFrame(), quarantined=pl.DataFrame(),
        findings=findings_frame(findings), control_rows=sender.control_rows,
    )  # fmt: skip


def _validated(
    before: ReturnResult, table: RawTable, contract: ReturnContract, *, schema: Schema, references: References
) -> ReturnResult:
    """The same return with its rows validated, and the verdict."""
    parsed = parse(table, schema, _context(before.id))
    findings, good = validate_rows(table, parsed, schema, references)
    findings = pl.concat([before.findings, findings])
    rows = Rows(table.frame.height, int(good.sum()), int((~good).sum()), table.blank, table.notes)
    verdict, rows, over_limit = verdict_on(rows, findings, contract)
    if over_limit is not None:
        findings = pl.concat([findings_frame([over_limit]), findings])
    if verdict == "rejected":
        good = pl.Series([False] * len(good), dtype=pl.Boolean)
    place = {"file": pl.lit(before.file), "sheet": pl.lit(before.sheet, dtype=pl.String)}
    return replace(
        before, verdict=verdict, rows=rows, accepted=parsed.frame.filter(good), quarantined=table.raw.filter(~good),
        findings=findings.with_columns(**place), checks=schema.by_name,
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
