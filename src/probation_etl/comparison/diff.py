"""The whole of ``contract diff``: what changed, what it breaks, and what it would make of the returns that a store keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probation_etl.arguments import typed
from probation_etl.comparison.compare import EFFECTS, Comparison, Effect
from probation_etl.comparison.pairs import comparisons
from probation_etl.comparison.replay import Replayed, replayed
from probation_etl.comparison.shown import as_dict
from probation_etl.comparison.sources import opened
from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class ContractDiff(Discreet, tells=("effect",)):
    """What changed between contracts.

    Attributes:
        contracts: Each pair that was compared; of whole directories those alone that differ.
        replayed: Each return that a store keeps of them, judged by both; None where no store was given.
    """

    contracts: tuple[Comparison, ...]
    replayed: tuple[Replayed, ...] | None = None

    @property
    def effect(self) -> Effect:
        """``breaking`` if a return that passed is refused or loses rows, ``unknown`` if that is not proved either way, or ``compatible``."""
        found = {each.effect for each in self.contracts}
        found |= {"breaking"} if any(each.loses for each in self.replayed or ()) else set()
        return next((each for each in EFFECTS if each in found), "compatible")

    @property
    def exit_code(self) -> int:
        """1 if something breaks, else 0."""
        return int(self.effect == "breaking")

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON: as ``contract diff --format json`` prints it."""
        return {
            "format_version": "1",
            "effect": self.effect,
            "contracts": [as_dict(each) for each in self.contracts],
            **({} if self.replayed is None else {"replayed": [each.as_dict() for each in self.replayed]}),
            "exit_code": self.exit_code,
        }


@typed
def diff_contracts(
    before: str | Path,
    after: str | Path | None = None,
    *,
    since: str | None = None,
    contracts: str | Path | None = None,
    store: str | None = None,
) -> ContractDiff:
    """Says what changed between contracts, and whether it breaks returns that passed before.

    Example returns that pass the first contract are judged by the second, and the other way round. Nothing is written.

    Args:
        before: A contract file, a directory of contracts, ``ID`` or ``ID@VERSION``, or ``REVISION:PATH`` of a git repository.
        after: The same, for the second side.
        since: Revision of a git repository instead of a second side: ``before`` as it was there is compared with ``before`` as it is.
        contracts: Directory in which ids are looked up and beside whose contracts files are read; by default the shipped
            contracts, and the directory of each file.
        store: URL of a store: the returns that it keeps are judged by both contracts too.

    Raises:
        UsageError: A side is not there, or the two cannot be compared.
        ContractError: A contract cannot be used.
        EnvironmentFailure: A revision cannot be read, for instance because there is no git, or the store cannot.
    """
    directory = None if contracts is None else Path(contracts)
    with opened(str(before), None if after is None else str(after), since=since, contracts=directory) as (one, other):
        compared = tuple(comparisons(one, other))
        if store is None:
            return ContractDiff(compared)
        whole = one.is_whole and other.is_whole
        return ContractDiff(compared, tuple(replayed(store, compared, (one.rulebook, other.rulebook), versions=whole)))
