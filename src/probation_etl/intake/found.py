"""A return found in a file, and what its header says of which return it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.discreet import Discreet
from probation_etl.intake.claims import Claim, claim_of
from probation_etl.intake.header import Header, Headers
from probation_etl.intake.readers import Grid
from probation_etl.intake.sender import NOBODY, Sender


@dataclass(frozen=True)
class FoundReturn(Discreet):
    """One return found in a file.

    Attributes:
        grid: Its cells; None if the sheet is missing, or if it is not certain that it is the return.
        contract: Its contract; None if none matches.
        headers: The headers found for all contracts considered, so that nothing is searched twice.
        sender: Who sends it, for which period.
        findings: What is wrong with its identity.
        named: What the name of its sheet says of the sender, by the groups of its contract's pattern.
    """

    grid: Grid | None
    contract: ReturnContract | None
    headers: Headers = field(default_factory=dict)
    sender: Sender = NOBODY
    findings: tuple[Finding, ...] = ()
    named: Mapping[str, str | None] = field(default_factory=dict)

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

    @property
    def claim(self) -> Claim | None:
        """What it claims to be; None unless contract, supplier and period are known."""
        return claim_of(self.contract, self.sender.supplier, self.sender.period_end)

    @property
    def is_absent(self) -> bool:
        """Whether the file holds nothing of it: its sheet is missing."""
        return self.grid is None and any(each.code == "missing-sheet" for each in self.findings)

    def with_findings(self, *findings: Finding) -> FoundReturn:
        """The same return with further findings."""
        return replace(self, findings=(*self.findings, *findings))


def unless_header_disagrees(found: FoundReturn, by_header: Sequence[ReturnContract], named_by: str) -> FoundReturn:
    """The same return, refused if its header is that of another one; the finding names both."""
    ids = list(dict.fromkeys(each.id for each in by_header))
    if found.contract is None or not ids or found.contract.id in ids:
        return found
    others = " and ".join(f"‘{each}’" for each in ids)
    text = f"The {named_by} is that of ‘{found.contract.id}’, the header that of {others}."
    return replace(found, grid=None).with_findings(make("ambiguous-return", expected=text))


def by_headers(headers: Headers, contracts: Sequence[ReturnContract]) -> list[ReturnContract]:
    """Contracts whose header has all of their required columns."""
    found = ((each, headers.get((each.id, each.version))) for each in contracts)
    return [each for each, header in found if header and header.has_required(each)]


def best_fit(headers: Headers, contracts: Sequence[ReturnContract]) -> ReturnContract:
    """Chooses by header among contracts with the same sheet or file name, such as layouts of one return.

    If several match equally well the first is chosen: its headers are the ones that findings name.
    """
    return max(contracts, key=lambda contract: _fit(headers.get((contract.id, contract.version)), contract))


def _fit(header: Header | None, contract: ReturnContract) -> int:
    """Number of columns found, minus those that are missing or unknown."""
    if header is None:
        return -len(contract.columns)
    found = len(header.columns) - (header.row < 0)
    return found - (len(contract.columns) - found) - len(header.strangers)
