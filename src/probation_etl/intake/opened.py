"""A file read, and the returns in it identified: what is known of it before any of its rows is validated."""

from __future__ import annotations

from dataclasses import dataclass

from probation_etl.contracts.forms import ISO
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile
from probation_etl.intake.claims import Claim
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.identify import identify
from probation_etl.intake.parse import read_date
from probation_etl.intake.readers import BY_ITS_CONTRACT, Grid, Limits, check_whole_size, read_grids
from probation_etl.intake.received import Received
from probation_etl.intake.sender import NOTHING_GIVEN, Given
from probation_etl.journal import Clock

#: The usual delimiter and encoding of text.
_USUAL = (",", "UTF-8")


def read_as(data: bytes | Received, contract: ReturnContract | None, limits: Limits) -> list[Grid]:
    """Reads the cells of a file, text with the delimiter and encoding of its contract where it is known.

    Raises:
        UnreadableFile: The file cannot be read.
    """
    delimiter, encoding = (contract.delimiter, contract.encoding) if contract else _USUAL
    if contract and contract.is_read_whole and not isinstance(data, bytes):
        check_whole_size(len(data), limits, BY_ITS_CONTRACT)
        data = data.whole()
    places = contract.places if contract else ()
    return read_grids(data, limits=limits, delimiter=delimiter, encoding=encoding, places=places)


@dataclass(frozen=True)
class OpenedFile(Discreet):
    """A file as far as it is read before anything of it is validated.

    Attributes:
        seconds: How long that took.
    """

    grids: list[Grid]
    returns: list[FoundReturn]
    seconds: float = 0

    @property
    def claims(self) -> set[Claim]:
        """What the returns of it claim to be."""
        return {each.claim for each in self.returns if each.claim and not each.is_absent}


def opened_file(
    name: str, data: bytes | Received, rulebook: Rulebook, limits: Limits, given: Given = NOTHING_GIVEN
) -> OpenedFile:
    """Reads a file as its contract says, and identifies the returns in it.

    Where the name of the file does not identify the contract, the header does. The text is then read a second time, but
    only if that contract has another delimiter or encoding than the usual one.

    Raises:
        UnreadableFile: The file cannot be read.
    """
    clock, contracts = Clock(), rulebook.returns()
    likely = _likely(name, given, contracts)
    grids = read_as(data, likely, limits)
    found = identify(name, grids, contracts, rulebook.reference, given)
    contract = found[0].contract
    is_text = any(grid.widths is not None for grid in grids)
    in_pieces = any(grid.pieces is not None for grid in grids)
    as_usual = contract is None or (contract.delimiter, contract.encoding) == _USUAL
    if likely or not contract or not is_text or (as_usual and not (in_pieces and contract.is_read_whole)):
        return OpenedFile(grids, found, clock.seconds)
    grids = read_as(data, contract, limits)
    return OpenedFile(grids, identify(name, grids, contracts, rulebook.reference, given), clock.seconds)


def claims_in(
    name: str, data: bytes | Received, rulebook: Rulebook, limits: Limits, given: Given = NOTHING_GIVEN
) -> set[Claim]:
    """What the returns of a file claim to be, found as when they are validated; none where it cannot be read."""
    try:
        return opened_file(name, data, rulebook, limits, given).claims
    except UnreadableFile:
        return set()


def _likely(name: str, given: Given, contracts: list[ReturnContract]) -> ReturnContract | None:
    """The contract that the name of a file identifies, in the version for its period: it says how to read the text."""
    named = [(each, file_name_matches(name, each)) for each in given.contracts or contracts]
    fitting = [each for each, match in named if match or given.contracts]
    end = given.period_end or next(
        (read_date(match.groups.get("period_end"), ISO) for _, match in named if match), None
    )
    in_force = [each for each in fitting if end and each.in_force(end)]
    return next(iter(in_force or fitting), None)
