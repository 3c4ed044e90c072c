"""Which contract is compared with which, and what becomes of those that are on one side alone."""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.comparison.compare import Comparison, JudgedChange, compare, covered
from probation_etl.comparison.sources import Source
from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.errors import UsageError

_Pair = tuple[Contract | None, Contract | None]


def comparisons(before: Source, after: Source) -> Iterator[Comparison]:
    """Compares what belongs together of two sources, one pair at a time; of whole folders those alone that differ.

    Raises:
        UsageError: They have nothing to compare.
    """
    whole = before.is_whole and after.is_whole
    other_tables = any(
        not frame.equals(after.rulebook.tables[name])
        for name, frame in before.rulebook.tables.items()
        if name in after.rulebook.tables
    )
    for one, other in _pairs(before, after):
        if one is None or other is None:
            yield _alone(one, other, after)
        elif not whole or one != other or (other_tables and isinstance(one, ReturnContract)):
            found = compare(one, before.rulebook, other, after.rulebook)
            if not whole or found.changes or found.mapped:
                yield found


def _alone(one: Contract | None, other: Contract | None, after: Source) -> Comparison:
    """A contract that is on one side alone: what nothing takes the place of is refused from then on."""
    goes = isinstance(one, ReturnContract) and not covered(one, after.rulebook)
    change = JudgedChange(None, "breaking" if goes else "compatible" if one is None else "unknown")
    if isinstance(one, ReturnContract) and not goes:
        change = JudgedChange(None, "compatible")
    return Comparison(one, other, (change,))


def _pairs(before: Source, after: Source) -> Iterator[_Pair]:
    if not (before.is_whole and after.is_whole):
        yield _one_pair(before, after)
        return
    ours, theirs = (_by_id(each.contracts) for each in (before, after))
    for name in sorted({*ours, *theirs}):
        yield from _versions(ours.get(name, []), theirs.get(name, []))


def _one_pair(before: Source, after: Source) -> _Pair:
    (one, *_), (other, *_) = before.contracts, after.contracts
    if before.is_whole:
        one = _like(other, before)
    elif after.is_whole:
        other = _like(one, after)
    if one.layer != other.layer:
        raise UsageError(
            f"‘{one.id}’ is of layer {one.layer}, ‘{other.id}’ of layer {other.layer}: only contracts of one layer can be compared."
        )
    return one, other


def _like(one: Contract, source: Source) -> Contract:
    """The version of the same contract in a folder: that of the same number, or else the newest."""
    found = [each for each in source.contracts if each.id == one.id]
    if not found:
        raise UsageError(f"There is no contract ‘{one.id}’ to compare it with.")
    return next((each for each in found if each.version == one.version), found[-1])


def _versions(before: list[Contract], after: list[Contract]) -> Iterator[_Pair]:
    """The same versions; then those that are on one side alone, by age; a further one with the version that it follows."""
    ours, theirs = ({each.version: each for each in versions} for versions in (before, after))
    yield from ((ours[version], theirs[version]) for version in ours if version in theirs)
    gone = [each for each in before if each.version not in theirs]
    new = [each for each in after if each.version not in ours]
    pairs = list(zip(gone, new, strict=False))
    yield from pairs
    yield from ((each, None) for each in gone[len(pairs) :])
    for each in new[len(pairs) :]:
        yield (before[-1] if before else None), each


def _by_id(contracts: tuple[Contract, ...]) -> dict[str, list[Contract]]:
    found: dict[str, list[Contract]] = {}
    for each in contracts:
        found.setdefault(each.id, []).append(each)
    return found
