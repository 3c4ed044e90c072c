"""Identifies the returns in a file: contract, supplier and period.

A sheet is identified by its name, a CSV file by its name or else by its header. What cannot be identified is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.organisations import Reference
from probation_etl.intake.blocks import blocks_of
from probation_etl.intake.cover_looks import cover_findings
from probation_etl.intake.expected_name import wrong_name
from probation_etl.intake.file_names import file_name_matches, is_unnamed, name_of, said_by_names
from probation_etl.intake.found import FoundReturn
from probation_etl.intake.one_table import identify_table
from probation_etl.intake.portions import Portion, portions
from probation_etl.intake.readers import Grid
from probation_etl.intake.sender import NOTHING_GIVEN, Given, Places, Sources, identify_sender, period_end_of
from probation_etl.intake.sheets import identify_sheets


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
        found = identify_sheets(name, grids, candidates, given, [each for each in known if each not in candidates])
    else:
        named = given.contracts or [each for each in candidates if file_name_matches(name, each)]
        blocks = blocks_of("", grids[0], named, candidates).values()
        found = [
            each.with_findings(*disagreement) for each in blocks or [identify_table(name, grids[0], candidates, given)]
        ]
    ends = (_period_end(each, name, grids, given) for each in found)
    parts = [part for each, end in zip(found, ends, strict=True) for part in portions(each, reference, given, end)]
    known_senders = [_with_sender(each, name, grids, candidates, reference) for each in parts]
    return _told_apart(known_senders)


def _period_end(found: FoundReturn, name: str, grids: Sequence[Grid], given: Given) -> date | None:
    """The end of the period as the names and the cover say it, for all rows of a sheet."""
    return period_end_of(_sources(found, found.contract, name, grids, given)) if found.contract else None


def _told_apart(returns: Sequence[FoundReturn]) -> list[FoundReturn]:
    """The returns, without those of which it is not known which of them counts: they are one that is refused."""
    told: dict[object, FoundReturn] = {}
    for at, each in enumerate(returns):
        twins = _twins_of(each, returns)
        key = (each.claim, each.contract and each.contract.id) if twins else at
        told[key] = replace(told[key], grid=None) if key in told else each.with_findings(*twins)
    return list(told.values())


def _twins_of(found: FoundReturn, returns: Sequence[FoundReturn]) -> list[Finding]:
    """Other sheets of the file that are the same return: which of them counts is not known."""
    same = [each.sheet for each in returns if each.grid and each.claim == found.claim]
    if found.grid is None or found.claim is None or len(same) == 1:
        return []
    listed = " and ".join(f"‘{each}’" for each in same)
    return [make("ambiguous-return", expected=f"The sheets {listed} are the same return: which of them counts?")]


def _sources(found: FoundReturn, contract: ReturnContract, name: str, grids: Sequence[Grid], given: Given) -> Sources:
    names = said_by_names(name, contract) or {}
    return Sources(contract, grids, given, {**names, **({"name of the sheet": found.named} if found.named else {})})


def _with_sender(
    part: Portion, name: str, grids: Sequence[Grid], contracts: Sequence[ReturnContract], reference: Reference
) -> FoundReturn:
    """Chooses the version of the contract that applies to the period, and adds the sender, who must be of its kind."""
    found, given = part.found, part.given
    if found.contract is None:
        return found
    misnamed = None
    if file_name_matches(name, found.contract) is None and not is_unnamed(name):
        misnamed = partial(wrong_name, name, found.contract, reference)
    sources = _sources(found, found.contract, name, grids, given)
    contract, finding = _version_for(found.contract, period_end_of(sources), contracts)
    sender = identify_sender(sources, contract, reference, misnamed)
    if finding:
        finding = replace(finding, hint=Places(found.contract, grids).hint("period_end") or finding.hint)
    looks = cover_findings(grids, found.contract.identification.cover)
    of_sender = (each for each in sender.findings if not part.says(each))
    findings = (*of_sender, *looks, *([finding] if finding else []))
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
