"""A file read, and the returns in it identified: what is known of it before any of its rows is validated."""

from __future__ import annotations

from probation_etl.contracts.date_formats import ISO
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UnreadableFile
from probation_etl.intake.claims import Claim
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.identify import identify
from probation_etl.intake.parse import read_date
from probation_etl.intake.readers import Grid, Limits, read_grids
from probation_etl.intake.sender import NOTHING_GIVEN, Given

#: The usual delimiter and encoding of text.
_USUAL = (",", "UTF-8")


def read_as(data: bytes, contract: ReturnContract | None, limits: Limits) -> list[Grid]:
    """Reads the cells of a file, text with the delimiter and encoding of its contract where it is known.

    Raises:
        UnreadableFile: The file cannot be read.
    """
    delimiter, encoding = (contract.delimiter, contract.encoding) if contract else _USUAL
    return read_grids(data, limits=limits, delimiter=delimiter, encoding=encoding)


def read_and_identify(
    name: str, data: bytes, rulebook: Rulebook, given: Given, limits: Limits
) -> tuple[list[Grid], list[FoundReturn]]:
    """Reads a file as its contract says, and identifies the returns in it.

    Where the name of the file does not identify the contract, the header does. The text is then read a second time, but
    only if that contract has another delimiter or encoding than the usual one.

    Raises:
        UnreadableFile: The file cannot be read.
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


def claims_in(name: str, data: bytes, rulebook: Rulebook, limits: Limits, given: Given = NOTHING_GIVEN) -> set[Claim]:
    """What the returns of a file claim to be, found as when they are validated; none where it cannot be read."""
    try:
        _, found = read_and_identify(name, data, rulebook, given, limits)
    except UnreadableFile:
        return set()
    return {each.claim for each in found if each.claim and not each.is_absent}


def _likely(name: str, given: Given, contracts: list[ReturnContract]) -> ReturnContract | None:
    """The contract that the name of a file identifies, in the version for its period: it says how to read the text."""
    named = [(each, file_name_matches(name, each)) for each in given.contracts or contracts]
    fitting = [each for each, match in named if match or given.contracts]
    end = given.period_end or next(
        (read_date(match.groups.get("period_end"), ISO) for _, match in named if match), None
    )
    in_force = [each for each in fitting if end and each.in_force(end)]
    return next(iter(in_force or fitting), None)
