"""Files that are one delivery of a supplier for a period: none of them is taken before the others are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from probation_etl.contracts.model import ReturnContract
from probation_etl.discreet import Discreet
from probation_etl.intake.file_names import file_name_matches
from probation_etl.reports.not_taken import NotTaken
from probation_etl.runs.looking import Arrival
from probation_etl.runs.session import RunSession


@dataclass(frozen=True)
class _Named(Discreet):
    """What the name of a file says: of which contract it is, whose and for when, as far as it says so."""

    contract_id: str
    said: Mapping[str, str]

    def agrees(self, other: _Named) -> bool:
        """Whether nothing that both say differs."""
        return all(other.said.get(key, text) == text for key, text in self.said.items())


def delivered(session: RunSession, files: Sequence[Arrival]) -> list[Arrival]:
    """The files, without new ones that wait for another of their delivery. One that came in an earlier run is there.

    Args:
        session: The run.
        files: The files that could be taken.
    """
    contracts = session.rulebook.returns()
    partners = _partners(contracts)
    if not partners:
        return list(files)
    named = {each.name: _named(each.given, contracts, partners) for each in files}
    loaded = _loaded(session, partners)
    ready = list(files)
    while True:
        there = [*loaded, *(one for each in ready for one in named[each.name])]
        waiting = {
            each.name: lacking
            for each in ready
            if each.is_new and (lacking := _lacking(named[each.name], partners, there))
        }
        if not waiting:
            return ready
        session.not_taken += (
            NotTaken(name, "waiting", f"the file of the return ‘{lacking}’, which is delivered with it, has not come")
            for name, lacking in waiting.items()
        )
        ready = [each for each in ready if each.name not in waiting]


def _partners(contracts: Iterable[ReturnContract]) -> dict[str, set[str]]:
    """For each contract the others of its delivery, whichever of them says so."""
    found: dict[str, set[str]] = {}
    for each in contracts:
        if each.delivery.together:
            whole = {each.id, *each.delivery.together}
            whole |= {other for name in whole for other in found.get(name, ())}
            found |= dict.fromkeys(whole, whole)
    return found


def _named(name: str, contracts: Iterable[ReturnContract], partners: Mapping[str, set[str]]) -> list[_Named]:
    """What a name says, by each contract of a delivery that it fits."""
    matches = ((each, file_name_matches(name, each)) for each in contracts if each.id in partners)
    return [
        _Named(each.id, {key: text.casefold() for key, text in match.groups.items() if text})
        for each, match in matches
        if match
    ]


def _loaded(session: RunSession, partners: Mapping[str, set[str]]) -> list[_Named]:
    """What came in earlier runs."""
    return [
        _Named(each.contract_id, {"supplier_code": each.supplier_code.casefold(), "period_end": str(each.period_end)})
        for each in session.entries()
        if each.contract_id in partners and each.contract_id and each.supplier_code and each.period_end
    ]


def _lacking(named: Iterable[_Named], partners: Mapping[str, set[str]], there: Sequence[_Named]) -> str | None:
    """The first contract of a delivery of which there is no file."""
    return next(
        (
            other
            for one in named
            for other in sorted(partners[one.contract_id] - {one.contract_id})
            if not any(each.contract_id == other and one.agrees(each) for each in there)
        ),
        None,
    )
