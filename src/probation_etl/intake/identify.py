"""Identifies the returns in a file: contract, supplier and period.

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
    """One return found in a file.

    Attributes:
        grid: Its cells; None if the sheet is missing, or if it is not certain that it is the return.
        contract: Its contract; None if none matches.
        headers: The headers found for all contracts considered, so that nothing is searched twice.
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
        """The header by its contract; None if no row looks like one."""
        return self.headers.get((self.contract.id, self.contract.version)) if self.contract else None

    @property
    def sheet(self) -> str | None:
        """Name of its sheet; None for CSV. If the sheet was not found, the name that it should have."""
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
    """Identifies every return in a file.

    Args:
        name: Name of the file.
        grids: Its sheets, or the one grid of a CSV file.
        contracts: Contracts of returns.
        reference: The known organisations.
        given: What the caller knows about the file.

    Returns:
        One entry for each return, found or missing; at least one, with a finding if nothing was identified.
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
    """Adds the sender, and chooses the version of the contract that applies to the period."""
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
    """The version of the contract in force at the period end, however late the return arrives."""
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
    """Identifies a file without sheets by its name or else by its header."""
    tabular = [each for each in contracts if each.identification.sheet is None or given.contracts]
    named = [each for each in tabular if file_name_matches(name, each)]
    headers = find_headers(grid, contracts)
    by_header = [] if given.contracts else _by_header(headers, tabular)
    fitting = {each.id: each for each in (given.contracts or named or by_header)}
    if len({each.kind for each in fitting.values()}) == 1:
        chosen = _best_fit(headers, list(fitting.values()))
        return _unless_header_disagrees(FoundReturn(grid, chosen, headers), by_header, "name of the file")
    if fitting:
        text = f"The file fits several contracts: {', '.join(fitting)}."
        return FoundReturn(grid, None, findings=(make("ambiguous-return", expected=text),))
    return FoundReturn(grid, None, findings=(_unidentified(headers, tabular),))


def _unless_header_disagrees(found: FoundReturn, by_header: Sequence[ReturnContract], named_by: str) -> FoundReturn:
    """The same return, refused if its header is that of another one; the finding names both."""
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
    """Chooses by header among contracts with the same sheet or file name, such as layouts of one return.

    If several match equally well the first is chosen: its headers are the ones that findings name.
    """
    return max(contracts, key=lambda contract: _fit(headers.get((contract.id, contract.version)), contract))


def _fit(header: Header | None, contract: ReturnContract) -> int:
    """Number of columns found, minus those that are missing or unknown."""
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
        expected=f"The file is not a known return. The closest is ‘{contract.id}’, but these columns are missing: {', '.join(lacking)}.",
    )


def _sheets(
    name: str,
    grids: Sequence[Grid],
    contracts: Sequence[ReturnContract],
    given: Given,
    unasked: Sequence[ReturnContract],
) -> list[FoundReturn]:
    """Identifies the sheets of a workbook by their names, and the sheets that are missing.

    Sheets of contracts that the caller did not ask for are ignored.
    """
    family = [each for each in contracts if each.identification.sheet and _belongs(name, grids, each)]
    layouts: dict[str, list[ReturnContract]] = {}
    for each in family:
        layouts.setdefault(fold(each.identification.sheet or ""), []).append(each)
    sheets = {fold(grid.sheet or ""): grid for grid in grids if grid.cells.height}
    headers = {key: find_headers(grid, contracts) for key, grid in sheets.items() if key in layouts}
    expected = {key: _best_fit(headers[key], each) if key in headers else each[0] for key, each in layouts.items()}
    covers = {fold(each.identification.cover.sheet) for each in family if each.identification.cover}
    twins = _twins(grids)
    if any(key in expected or key in covers for key in twins):
        return [FoundReturn(None, expected.get(key), findings=(_same_name(names),)) for key, names in twins.items()]
    if not family and len(sheets) == 1:
        alone = _file(name, next(iter(sheets.values())), contracts, given)
        return [alone if alone.contract else FoundReturn(None, None, findings=(_no_sheet(grids, contracts),))]
    returns = {
        expected[key].id: _sheet(FoundReturn(sheets[key], expected[key], found), family)
        for key, found in headers.items()
    }
    aside = covers | {fold(each.identification.sheet) for each in unasked if each.identification.sheet}
    strays = {key: grid for key, grid in sheets.items() if key not in expected and key not in aside}
    for key, contract in expected.items():
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
    return _unless_header_disagrees(found, _by_header(found.headers, family), "name of the sheet")


def _twins(grids: Sequence[Grid]) -> dict[str, list[str]]:
    """Filled sheets whose names differ only in case, spaces and the like."""
    names: dict[str, list[str]] = {}
    for grid in grids:
        if grid.cells.height:
            names.setdefault(fold(grid.sheet or ""), []).append(grid.sheet or "")
    return {key: each for key, each in names.items() if len(each) > 1}


def _same_name(names: list[str]) -> Finding:
    listed = " and ".join(f"‘{name}’" for name in names)
    return make("ambiguous-return", expected=f"The sheets {listed} have the same name: which is the return?")


def _belongs(name: str, grids: Sequence[Grid], contract: ReturnContract) -> bool:
    """Whether a workbook may contain this return: by its own name, or by that of a sheet."""
    sheets = {fold(grid.sheet or "") for grid in grids}
    return file_name_matches(name, contract) is not None or fold(contract.identification.sheet or "") in sheets


def _lacking(contract: ReturnContract, key: str, strays: dict[str, Grid], grids: Sequence[Grid]) -> FoundReturn:
    """The return whose sheet is missing, empty, or perhaps present under another name."""
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
