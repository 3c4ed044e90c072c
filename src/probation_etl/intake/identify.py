"""Which contract, which supplier, which period is this?

A sheet is identified by its name, a CSV file by its name or else by its header. What cannot be identified is a finding.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Reference, fold
from probation_etl.intake.file_names import file_name_matches, name_of
from probation_etl.intake.header import Header, Headers, find_headers, nearest
from probation_etl.intake.readers import Grid
from probation_etl.intake.sender import NOBODY, NOTHING_GIVEN, Given, Sender, identify_sender


@dataclass(frozen=True)
class FoundReturn:
    """One return in a file: where it is, what it is, who sends it for which period.

    Attributes:
        grid: Its cells; None where the sheet is missing, or where it is not certain that it is the return.
        contract: Its contract; None where none fits.
        headers: The headers of all contracts that were considered, so that none is looked for again.
        sender: Who sends it, for which period.
        findings: What is wrong with its identity.
    """

    grid: Grid | None
    contract: ReturnContract | None
    headers: Headers = field(default_factory=dict)
    sender: Sender = NOBODY
    findings: tuple[Finding, ...] = ()

    @property
    def header(self) -> Header | None:
        """The header of its contract; None where no row looks like one."""
        return self.headers.get((self.contract.id, self.contract.version)) if self.contract else None

    @property
    def sheet(self) -> str | None:
        """Name of its sheet; None for CSV. Of a sheet that was not found, the name that it should have."""
        if self.grid:
            return self.grid.sheet
        return self.contract.identification.sheet if self.contract else None

    def with_findings(self, *findings: Finding) -> FoundReturn:
        """The same return with further findings."""
        return replace(self, findings=(*self.findings, *findings))


def identify(
    name: str,
    grids: Sequence[Grid],
    contracts: Iterable[ReturnContract],
    reference: Reference,
    given: Given = NOTHING_GIVEN,
) -> list[FoundReturn]:
    """Every return that a file holds.

    Args:
        name: Name of the file.
        grids: Its sheets, or the one grid of a CSV file.
        contracts: Contracts of returns.
        reference: Organisations to hold the sender against.
        given: What the caller says of the file.

    Returns:
        One entry a return, found or missing, never none: what is nothing known has a finding that says so.
    """
    known = list(contracts)
    candidates = list(given.contracts) or known
    name, disagreement = name_of(name, grids, candidates)
    if any(grid.sheet is not None for grid in grids):
        found = _sheets(name, grids, candidates, given, [each for each in known if each not in candidates])
    else:
        found = [_file(name, grids[0], candidates, given).with_findings(*disagreement)]
    return [_with_sender(each, name, grids, candidates, reference, given) for each in found]


def _with_sender(
    found: FoundReturn,
    name: str,
    grids: Sequence[Grid],
    contracts: Sequence[ReturnContract],
    reference: Reference,
    given: Given,
) -> FoundReturn:
    """Adds the sender, and takes the version of the contract that applies to the period."""
    if found.contract is None:
        return found
    match = file_name_matches(name, found.contract)
    sender = identify_sender(found.contract, match.groupdict() if match else {}, grids, reference, given)
    contract, finding = _version_for(found.contract, sender.period_end, contracts)
    findings = (*sender.findings, *([finding] if finding else []))
    return replace(found.with_findings(*findings), contract=contract, sender=sender)


def _version_for(
    contract: ReturnContract, period_end: date | None, contracts: Sequence[ReturnContract]
) -> tuple[ReturnContract, Finding | None]:
    """A return is judged by the version that was in force at its period end, however late it comes."""
    if period_end is None or contract.in_force(period_end):
        return contract, None
    versions = [each for each in contracts if each.id == contract.id]
    in_force = [each for each in versions if each.in_force(period_end)]
    if in_force:
        return in_force[0], None
    known = ", ".join(each.version for each in versions)
    text = f"The contract ‘{contract.id}’ is not in force on {in_words(period_end)} (versions: {known})."
    return contract, make("period-mismatch", expected=text)


def _file(name: str, grid: Grid, contracts: Sequence[ReturnContract], given: Given) -> FoundReturn:
    """The contract of a table without sheets, by the name of its file or else by its header."""
    tabular = [each for each in contracts if each.identification.sheet is None or given.contracts]
    named = [each for each in tabular if file_name_matches(name, each)]
    headers = find_headers(grid, contracts)
    by_header = [] if given.contracts else _by_header(headers, tabular)
    fitting = {each.id: each for each in (given.contracts or named or by_header)}
    if len({each.kind for each in fitting.values()}) == 1:
        chosen = _best_fit(headers, list(fitting.values()))
        return _held_against_header(FoundReturn(grid, chosen, headers), by_header, "name of the file")
    if fitting:
        text = f"The file fits several contracts: {', '.join(fitting)}."
        return FoundReturn(grid, None, findings=(make("ambiguous-return", expected=text),))
    return FoundReturn(grid, None, findings=(_unidentified(headers, tabular),))


def _held_against_header(found: FoundReturn, by_header: Sequence[ReturnContract], named_by: str) -> FoundReturn:
    """The same return, unless its header is that of another: what disagrees is shown, and neither is believed."""
    ids = list(dict.fromkeys(each.id for each in by_header))
    if found.contract is None or not ids or found.contract.id in ids:
        return found
    others = " and ".join(f"‘{each}’" for each in ids)
    text = f"The {named_by} is that of ‘{found.contract.id}’, the header that of {others}."
    return replace(found, grid=None).with_findings(make("ambiguous-return", expected=text))


def _by_header(headers: Headers, contracts: Sequence[ReturnContract]) -> list[ReturnContract]:
    """Contracts whose header has all of their required columns."""
    found = ((each, headers.get((each.id, each.version))) for each in contracts)
    return [each for each, header in found if header and header.has_required(each)]


def _best_fit(headers: Headers, contracts: Sequence[ReturnContract]) -> ReturnContract:
    """Of contracts that share a sheet or a file name, such as layouts of one return, the one whose header it has.

    The first of those that fit equally well: its headers are the ones that findings name.
    """
    return max(contracts, key=lambda contract: _fit(headers.get((contract.id, contract.version)), contract))


def _fit(header: Header | None, contract: ReturnContract) -> int:
    """Columns found, less those that are missing or unknown."""
    if header is None:
        return -len(contract.columns)
    found = len(header.columns)
    return found - (len(contract.columns) - found) - len(header.strangers)


def _unidentified(headers: Headers, contracts: Sequence[ReturnContract]) -> Finding:
    near = [(header, each) for each in contracts if (header := headers.get((each.id, each.version)))]
    if not near:
        return make("unidentified-return", expected="Neither the name nor the header is that of any return.")
    header, contract = max(near, key=lambda pair: len(pair[0].columns))
    strangers = header.strangers
    lacking = [
        f"{column.header} (did you mean this by ‘{meant}’?)" if (meant := nearest(column, strangers)) else column.header
        for column in contract.columns
        if column.name not in header.meanings and column.required
    ]
    return make(
        "unidentified-return",
        expected=f"The file is no known return. It comes nearest to ‘{contract.id}’, but lacks: {', '.join(lacking)}.",
    )


def _sheets(
    name: str,
    grids: Sequence[Grid],
    contracts: Sequence[ReturnContract],
    given: Given,
    unasked: Sequence[ReturnContract],
) -> list[FoundReturn]:
    """The returns of a workbook: each sheet by its name, and those that its family of contracts expects but lacks.

    Sheets of other contracts, which the caller does not ask for, are left aside.
    """
    family = [each for each in contracts if each.identification.sheet and _belongs(name, grids, each)]
    layouts: dict[str, list[ReturnContract]] = {}
    for each in family:
        layouts.setdefault(fold(each.identification.sheet or ""), []).append(each)
    sheets = {fold(grid.sheet or ""): grid for grid in grids if grid.cells.height}
    headers = {key: find_headers(grid, contracts) for key, grid in sheets.items() if key in layouts}
    wanted = {key: _best_fit(headers[key], each) if key in headers else each[0] for key, each in layouts.items()}
    covers = {fold(each.identification.cover.sheet) for each in family if each.identification.cover}
    twins = _twins(grids)
    if any(key in wanted or key in covers for key in twins):
        return [FoundReturn(None, wanted.get(key), findings=(_same_name(names),)) for key, names in twins.items()]
    if not family and len(sheets) == 1:
        alone = _file(name, next(iter(sheets.values())), contracts, given)
        return [alone if alone.contract else FoundReturn(None, None, findings=(_no_sheet(grids, contracts),))]
    returns = {
        wanted[key].id: _sheet(FoundReturn(sheets[key], wanted[key], found), family) for key, found in headers.items()
    }
    aside = covers | {fold(each.identification.sheet) for each in unasked if each.identification.sheet}
    strays = {key: grid for key, grid in sheets.items() if key not in wanted and key not in aside}
    for key, contract in wanted.items():
        if contract.id not in returns:
            returns[contract.id] = _lacking(contract, key, strays, grids)
    if not returns:
        return [FoundReturn(None, None, findings=(_no_sheet(grids, contracts),))]
    first, *others = sorted(returns.values(), key=lambda each: contracts.index(each.contract) if each.contract else 0)
    stray_findings = (
        make("unexpected-sheet", value=grid.sheet, severity="warning") for grid in strays.values() if not grid.hidden
    )
    return [first.with_findings(*stray_findings), *others]


def _sheet(found: FoundReturn, family: Sequence[ReturnContract]) -> FoundReturn:
    return _held_against_header(found, _by_header(found.headers, family), "name of the sheet")


def _twins(grids: Sequence[Grid]) -> dict[str, list[str]]:
    """Names of filled sheets that are one name but for case, spaces and the like."""
    names: dict[str, list[str]] = {}
    for grid in grids:
        if grid.cells.height:
            names.setdefault(fold(grid.sheet or ""), []).append(grid.sheet or "")
    return {key: each for key, each in names.items() if len(each) > 1}


def _same_name(names: list[str]) -> Finding:
    listed = " and ".join(f"‘{name}’" for name in names)
    return make("ambiguous-return", expected=f"The sheets {listed} have the same name: which is the return?")


def _belongs(name: str, grids: Sequence[Grid], contract: ReturnContract) -> bool:
    """Whether a workbook is of the contract's family: by its name, or by a sheet of the contract's name."""
    sheets = {fold(grid.sheet or "") for grid in grids}
    return file_name_matches(name, contract) is not None or fold(contract.identification.sheet or "") in sheets


def _lacking(contract: ReturnContract, key: str, strays: dict[str, Grid], grids: Sequence[Grid]) -> FoundReturn:
    """A sheet that should be there: missing, empty, or perhaps there under another name."""
    expected = contract.identification.sheet or ""
    if any(fold(grid.sheet or "") == key for grid in grids):
        return FoundReturn(
            None,
            contract,
            findings=(make("empty-file", expected=f"The sheet ‘{expected}’ is empty: it has not even a header."),),
        )
    close = difflib.get_close_matches(key, strays, n=1)
    if not close:
        return FoundReturn(None, contract, findings=(make("missing-sheet", expected=expected),))
    found = strays.pop(close[0]).sheet
    text = f"The sheet ‘{found}’ has a name that no return has; did you mean ‘{expected}’?"
    return FoundReturn(None, contract, findings=(make("unidentified-return", expected=text),))


def _no_sheet(grids: Sequence[Grid], contracts: Sequence[ReturnContract]) -> Finding:
    names = ", ".join(f"‘{grid.sheet}’" for grid in grids) or "no sheet at all"
    known = ", ".join(dict.fromkeys(each.identification.sheet for each in contracts if each.identification.sheet))
    text = (
        f"The workbook has {names}; a return has sheets named {known}."
        if known
        else f"No contract expects a workbook; this one has {names}."
    )
    return make("unidentified-return", expected=text)
