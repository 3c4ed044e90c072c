"""Identifies the sheets of a workbook by their names, and says which are missing, hidden or not known."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.contracts.patterns import whole_matches
from probation_etl.intake.blocks import blocks_of
from probation_etl.intake.expected_beside import is_expected
from probation_etl.intake.file_names import file_name_matches, said_by_names
from probation_etl.intake.found import FoundReturn, best_fit, by_headers, unless_header_disagrees
from probation_etl.intake.header import find_headers
from probation_etl.intake.hidden_sheets import if_hidden, rivals_of, rivals_of_cover
from probation_etl.intake.one_table import identify_table
from probation_etl.intake.patterned_sheets import by_pattern, no_such_sheet, without_sheet
from probation_etl.intake.readers import Grid
from probation_etl.intake.sender import Given, Sources, period_end_of


def identify_sheets(
    name: str,
    grids: Sequence[Grid],
    contracts: Sequence[ReturnContract],
    given: Given,
    unasked: Sequence[ReturnContract],
) -> list[FoundReturn]:
    """Identifies the sheets of a workbook by their names, and the sheets that are missing.

    Sheets of contracts that the caller did not ask for are ignored.
    """
    family = [each for each in contracts if each.identification.in_workbook and _belongs(name, grids, each)]
    layouts: dict[str, list[ReturnContract]] = {}
    for each in family:
        if each.identification.sheet is not None and not each.layout.block:
            layouts.setdefault(fold(each.identification.sheet), []).append(each)
    sheets = {fold(grid.sheet or ""): grid for grid in grids if grid.cells.height}
    covers = {fold(each.identification.cover.sheet) for each in family if each.identification.cover}
    blocks = {key: on for key, grid in sheets.items() if (on := blocks_of(key, grid, family, contracts))}
    patterned = {
        key: found
        for key, grid in sheets.items()
        if key not in layouts
        and key not in blocks
        and key not in covers
        and (found := by_pattern(grid, family, contracts))
    }
    headers = {key: find_headers(grid, contracts) for key, grid in sheets.items() if key in layouts}
    expected = {key: best_fit(headers[key], each) if key in headers else each[0] for key, each in layouts.items()}
    twins, known = _twins(grids), {*expected, *covers, *patterned, *blocks}
    if known & twins.keys():
        return [FoundReturn(None, expected.get(key), findings=(_same_name(names),)) for key, names in twins.items()]
    if not family and len(sheets) == 1:
        (only,) = sheets.values()
        alone = if_hidden(identify_table(name, only, contracts, given), only, ())
        return [alone if alone.contract else FoundReturn(None, None, findings=(_no_sheet(grids, contracts),))]
    returns = {
        (expected[key].id, ""): _sheet(FoundReturn(sheets[key], expected[key], found), family)
        for key, found in headers.items()
    }
    returns |= {(id_, ""): found for each in blocks.values() for id_, found in each.items()}
    returns |= {(each.contract.id, key): _sheet(each, family) for key, each in patterned.items() if each.contract}
    strays = _strays(sheets, known, family, unasked)
    asked = _asked_for(name, grids, layouts, expected, given)
    returns |= _all_lacking(name, grids, family, given, asked, returns, strays)
    if not returns:
        return [FoundReturn(None, None, findings=(_no_sheet(grids, contracts),))]
    returns = _with_hidden(returns, sheets, strays, family)
    first, *others = sorted(returns.values(), key=lambda each: contracts.index(each.contract) if each.contract else 0)
    stray_findings = (
        make("unexpected-sheet", value=grid.sheet, severity="warning") for grid in strays.values() if not grid.hidden
    )
    return [first.with_findings(*stray_findings), *others]


def _strays(
    sheets: Mapping[str, Grid],
    known: Collection[str],
    family: Sequence[ReturnContract],
    unasked: Sequence[ReturnContract],
) -> dict[str, Grid]:
    """The sheets of which no contract says anything, by their folded names."""
    aside = {*known, *(fold(each.identification.sheet) for each in unasked if each.identification.sheet)}
    beside = [each for contract in family for each in contract.layout.not_read.sheets]
    return {key: grid for key, grid in sheets.items() if key not in aside and not is_expected(grid.sheet, beside)}


def _all_lacking(
    name: str,
    grids: Sequence[Grid],
    family: Sequence[ReturnContract],
    given: Given,
    asked: Mapping[str, ReturnContract],
    returns: Mapping[tuple[str, str], FoundReturn],
    strays: dict[str, Grid],
) -> dict[tuple[str, str], FoundReturn]:
    """The returns whose sheets must be there and are not."""
    there, sheets = {id_ for id_, _ in returns}, {fold(each) for each in _names(grids)}
    blocks = {each.id: each for each in family if each.layout.block and each.identification.sheet}
    wanted = {
        **{contract.id: (key, contract) for key, contract in asked.items()},
        **{
            id_: (fold(each.identification.sheet or ""), each)
            for id_, each in blocks.items()
            if fold(each.identification.sheet or "") not in sheets and _is_asked_for(name, grids, [each], each, given)
        },
    }
    found = {
        (id_, ""): _lacking(contract, key, strays, grids) for id_, (key, contract) in wanted.items() if id_ not in there
    }
    for contract in without_sheet(family, there):
        if _is_asked_for(name, grids, [contract], contract, given):
            found[contract.id, ""] = FoundReturn(None, contract, findings=(no_such_sheet(contract),))
    return found


def _with_hidden(
    returns: Mapping[tuple[str, str], FoundReturn],
    sheets: Mapping[str, Grid],
    strays: dict[str, Grid],
    family: Sequence[ReturnContract],
) -> dict[tuple[str, str], FoundReturn]:
    """The same returns, with what is to be said of hidden sheets and covers; sheets that are named with them are no strays."""
    told: dict[tuple[str, str], FoundReturn] = {}
    others, rivals = list(strays.values()), []
    for key, found in returns.items():
        cover = found.contract.identification.cover if found.contract else None
        hidden = sheets.get(fold(cover.sheet)) if cover else None
        of_cover = rivals_of_cover(hidden, others, cover) if hidden and cover else []
        of_sheet = rivals_of(found, others, family)
        told[key] = if_hidden(if_hidden(found, found.grid, of_sheet), hidden, of_cover)
        rivals += [*of_sheet, *of_cover]
    for each in rivals:
        strays.pop(fold(each.sheet or ""), None)
    return told


def _sheet(found: FoundReturn, family: Sequence[ReturnContract]) -> FoundReturn:
    return unless_header_disagrees(found, by_headers(found.headers, family), "name of the sheet")


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
    named, pattern = contract.identification.sheet, contract.identification.sheet_pattern
    by_sheet = fold(named) in sheets if named is not None else bool(whole_matches(pattern or "", _names(grids)))
    return file_name_matches(name, contract) is not None or by_sheet


def _names(grids: Sequence[Grid]) -> list[str]:
    return [grid.sheet or "" for grid in grids if grid.cells.height]


def _asked_for(
    name: str,
    grids: Sequence[Grid],
    layouts: Mapping[str, Sequence[ReturnContract]],
    expected: Mapping[str, ReturnContract],
    given: Given,
) -> dict[str, ReturnContract]:
    """By folded name, the sheets that a workbook must have: those of contracts in force at the end of its period.

    Where that is not known, every contract may be in force.
    """
    found = {key: _is_asked_for(name, grids, each, expected[key], given) for key, each in layouts.items()}
    return {key: contract for key, contract in found.items() if contract}


def _is_asked_for(
    name: str, grids: Sequence[Grid], contracts: Sequence[ReturnContract], likely: ReturnContract, given: Given
) -> ReturnContract | None:
    """The contract by which a sheet of these contracts must be there; None where it need not."""
    end = _period_end(name, grids, likely, given)
    in_force = [each for each in contracts if end is None or each.in_force(end)]
    if not in_force or any(each.identification.optional for each in in_force):
        return None
    return likely if likely in in_force else in_force[0]


def _period_end(name: str, grids: Sequence[Grid], contract: ReturnContract, given: Given) -> date | None:
    return period_end_of(Sources(contract, grids, given, said_by_names(name, contract) or {}))


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
