"""A blank workbook for a supplier to fill in, made from contracts alone.

What it lets a supplier type is what the contracts accept, as far as a spreadsheet can tell. As it comes, with the cover
filled in, it is a valid return that has nothing to report.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException

from probation_etl.contracts.model import Contract, Identification, ReturnContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.organisations import fold
from probation_etl.contracts.pattern_texts import UnsupportedPattern, shortest
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.errors import ContractError, UsageError
from probation_etl.targets.workbook_template.cover import Entry, add_cover, cover_entries
from probation_etl.targets.workbook_template.sheets import add_sheet

__all__ = ["make_template"]

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 -- workbooks know no time zones
_NOT_IN_A_NAME = r"[\[\]:*?/\\']"
_LONGEST_NAME = 31


def make_template(contract: Contract, contracts: Contracts, *, cover_values: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a blank workbook, the same for the same contracts.

    Args:
        contract: The return whose sheet is shown first. All returns that come in the same workbook have theirs too.
        contracts: Where those are found, in their newest versions.
        cover_values: What to fill in on the cover, by label; dates in the cover's format or in ISO 8601.

    Raises:
        ContractError: The contract is not of a return, or its sheets have names that no workbook of this kind can have.
        UsageError: The cover has no such label.
    """
    if not isinstance(contract, ReturnContract):
        raise ContractError(f"‘{contract.id}’ is not a return: nobody sends it, so it has no template.")
    family = _family(contract, contracts)
    for each in family:
        if not each.layout.header_rows:
            raise ContractError(
                f"‘{each.id}’ has no template: without a header, a sheet does not show what goes where."
            )
    covers = _covers(family)
    _check_labels(cover_values or {}, covers)
    target = io.BytesIO()
    try:
        with Workbook(target, {"in_memory": True}) as book:
            _write(book, contract, family, covers, cover_values or {})
    except XlsxWriterException as error:
        raise ContractError(f"No workbook can be made of ‘{contract.id}’: {error}") from None
    return target.getvalue()


def _family(contract: ReturnContract, contracts: Contracts) -> list[ReturnContract]:
    """The returns that come in one workbook, by id."""
    if not contract.identification.in_workbook:
        return [contract]
    others = (each for each in contracts.returns() if each.id != contract.id)
    akin = [
        each
        for each in others
        if each.identification.in_workbook and _akin(each.identification, contract.identification)
    ]
    return sorted([contract, *akin], key=lambda each: each.id)


def _akin(one: Identification, other: Identification) -> bool:
    """Whether returns come together: their files have one pattern of names, or else none and the same cover."""
    if one.file_name or other.file_name:
        return one.file_name == other.file_name
    return bool(one.cover and other.cover and fold(one.cover.sheet) == fold(other.cover.sheet))


def _covers(family: Iterable[ReturnContract]) -> dict[str, list[Entry]]:
    """The lines of every cover sheet, by the sheet's name."""
    sharing: dict[str, list[ReturnContract]] = {}
    for contract in family:
        if contract.identification.cover:
            sharing.setdefault(contract.identification.cover.sheet, []).append(contract)
    return {name: cover_entries(contracts) for name, contracts in sharing.items()}


def _check_labels(values: Iterable[str], covers: Mapping[str, Iterable[Entry]]) -> None:
    known = [entry.label for entries in covers.values() for entry in entries]
    for label in values:
        if label not in known:
            raise UsageError(f"No cover has the label ‘{label}’{did_you_mean(label, known)}")


def _write(
    book: Workbook,
    shown: ReturnContract,
    family: Iterable[ReturnContract],
    covers: Mapping[str, Iterable[Entry]],
    values: Mapping[str, str],
) -> None:
    """Writes the covers and then the returns; the workbook opens at the return that is asked for."""
    made_from = ", ".join(f"{each.id} {each.version}" for each in family)
    book.set_properties({"title": shown.title, "comments": f"Made from {made_from}", "created": _CREATED})
    lists = {name: add_cover(book, name, entries, values) for name, entries in covers.items()}
    for contract in family:
        cover = contract.identification.cover
        sheet = add_sheet(book, _sheet_name(contract), contract, lists[cover.sheet] if cover else None)
        if contract is shown:
            sheet.activate()


def _sheet_name(contract: ReturnContract) -> str:
    """Name of the sheet of a return.

    A return that is not a sheet is called by its id: the name of its table may be that of another return's sheet.
    """
    named = contract.identification.sheet or _some_name(contract.identification.sheet_pattern)
    return named or re.sub(_NOT_IN_A_NAME, "_", contract.id)[:_LONGEST_NAME]


def _some_name(pattern: str | None) -> str | None:
    """A name that a pattern matches and a sheet can have; None where none is found."""
    try:
        name = shortest(pattern, {}) if pattern else None
    except UnsupportedPattern:
        return None
    return name if name and len(name) <= _LONGEST_NAME and not re.search(_NOT_IN_A_NAME, name) else None
