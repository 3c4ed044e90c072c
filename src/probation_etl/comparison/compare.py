"""What changed between two contracts of one id, each change judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from probation_etl.comparison.changes import Change, applied, changes, with_names_of
from probation_etl.comparison.decided import Decision, decided
from probation_etl.comparison.examples import Examples
from probation_etl.comparison.mapped import MappedChange, mapped_changes
from probation_etl.comparison.sides import Side, aligned
from probation_etl.comparison.trials import Witness, errors_of, identifies_itself, refused
from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.contracts.numbers import counted
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.errors import ContractError

#: ``breaking``: returns that passed are refused, or lose rows; ``compatible``: whatever passed passes still; ``unknown``: neither
#: is proved.
Effect = Literal["breaking", "unknown", "compatible"]
EFFECTS: tuple[Effect, ...] = ("breaking", "unknown", "compatible")
#: Where a change is one of a reference table, and not of the contract.
TABLES = "reference"
IN_FORCE = frozenset(("effective_from", "effective_to"))
_DAY = timedelta(1)


@dataclass(frozen=True)
class JudgedChange(Discreet, tells=("effect", "change")):
    """One change, and what becomes of returns by it.

    Attributes:
        change: The change; None for what only all changes together do.
        decision: What it decides by what it says; None where only returns can show it.
        refused: A return that passed and is refused now; None where none was found.
        accepted: A return that was refused and passes now.
    """

    change: Change | None
    effect: Effect
    decision: Decision | None = None
    refused: Witness | None = None
    accepted: Witness | None = None


@dataclass(frozen=True)
class Comparison(Discreet, tells=("before", "after")):
    """Two versions of a contract, compared.

    Attributes:
        before: The first; None where there is only the second.
        after: The second; None where there is only the first.
        changes: What changed, what breaks returns first.
        mapped: What the same rows become otherwise in unified tables.
        judged: How many example rows and returns were judged by both; 0 where no clean return could be made.
    """

    before: Contract | None
    after: Contract | None
    changes: tuple[JudgedChange, ...] = ()
    mapped: tuple[MappedChange, ...] = ()
    judged: int = 0

    @property
    def effect(self) -> Effect:
        """The worst of its changes."""
        found = {each.effect for each in self.changes}
        return next((each for each in EFFECTS if each in found), "compatible")


def compare(before: Contract, of: Rulebook, after: Contract, with_: Rulebook) -> Comparison:
    """Compares two contracts of one layer.

    Args:
        before: The first contract.
        of: The contracts and reference tables beside it.
        after: The second.
        with_: Those beside the second.
    """
    if isinstance(before, ReturnContract) and isinstance(after, ReturnContract):
        return _Compared(before, of, after, with_).comparison()
    found = changes(before, after)
    renamed = with_names_of(after, before)
    same = [decided(each, before, renamed) == "same" for each in found]
    judged = [
        JudgedChange(each, "compatible" if is_same else "unknown") for each, is_same in zip(found, same, strict=True)
    ]
    return Comparison(before, after, _by_effect(judged))


def _by_effect(judged: Iterable[JudgedChange]) -> tuple[JudgedChange, ...]:
    return tuple(sorted(judged, key=lambda each: EFFECTS.index(each.effect)))


class _Compared:
    """Two contracts of a return, and the examples that both judge."""

    def __init__(self, before: ReturnContract, of: Rulebook, after: ReturnContract, with_: Rulebook) -> None:
        self._given = before, after
        self._of, self._with = of, with_
        ours, theirs = aligned(before, after)
        self._before, self._after = Side.of(ours, of, alone=False), Side.of(theirs, with_, alone=False)

    def comparison(self) -> Comparison:
        before, after = self._given
        found = [*changes(before, after), *self._other_tables()]
        examples, backwards = Examples.of(self._before, self._after), Examples.of(self._after, self._before)
        breaking, judged = refused(examples, self._after) if examples else ([], 0)
        looser, more = refused(backwards, self._before) if backwards else ([], 0)
        isolated = [(each, self._with_this_alone(each, found)) for each in found]
        broken = _attributed(breaking, isolated, self._after, examples)
        accepted = _accepted(looser, isolated, backwards)
        changed = [self._judged(each, side, broken, accepted, tried=bool(judged)) for each, side in isolated]
        explained = {id(each) for some in broken.values() for each, _ in some}
        together = [JudgedChange(None, "breaking", refused=each) for each in breaking if id(each) not in explained]
        mapped = mapped_changes(examples, self._after) if examples else []
        return Comparison(before, after, _by_effect([*changed, *together]), tuple(mapped), judged + more)

    def _other_tables(self) -> Iterator[Change]:
        """Reference tables that the contract reads, and that have other rows."""
        ours, theirs = self._of.tables, self._with.tables
        for name in self._given[0].reference_tables:
            if name in ours and name in theirs and not ours[name].equals(theirs[name]):
                yield Change((TABLES, name), counted(ours[name].height, "row"), counted(theirs[name].height, "row"))

    def _with_this_alone(self, change: Change, among: list[Change]) -> Side | None:
        """The first contract with one change, or with it and all added columns, which it may read; None where neither can be used."""
        if change.path[-1] in IN_FORCE:
            return None
        if change.path[0] == TABLES:
            with suppress(ContractError):
                return Side.of(self._before.contract, replace(self._of, reference=self._with.reference), alone=False)
            return None
        columns = [each for each in among if each.is_added and each.path[0] == "columns" and each is not change]
        for others in ([], columns) if columns else ([],):
            contract = self._before.contract
            for each in (*others, change):
                contract = applied(contract, each)
            with suppress(ContractError):
                return Side.of(contract, self._of, alone=False)
        return None

    def _judged(
        self,
        change: Change,
        side: Side | None,
        broken: _Attributed,
        accepted: Mapping[tuple[str, ...], Witness],
        *,
        tried: bool,
    ) -> JudgedChange:
        before = self._before.contract
        if change.path[-1] in IN_FORCE:
            decision: Decision | None = "same" if covered(self._given[0], self._with) else "breaks"
        else:
            decision = (
                None
                if change.path[0] == TABLES
                else decided(change, before, with_names_of(self._after.contract, before))
            )
        witness = next((one for _, one in broken.get(change.path, ())), None)
        looser = accepted.get(change.path)
        if witness or decision == "breaks" or (decision == "more" and not tried):
            return JudgedChange(change, "breaking", decision, witness, looser)
        if decision in ("less", "same") or (side and change.path[0] in ("mapping", TABLES) and self._same_rules(side)):
            return JudgedChange(change, "compatible", decision or "same", None, looser)
        return JudgedChange(change, "unknown", decision, None, looser)

    def _same_rules(self, side: Side) -> bool:
        return not side.differing(self._before) and not self._before.differing(side)


#: Returns by the change that decides about them, each with what that change alone makes of it.
_Attributed = dict[tuple[str, ...], list[tuple[Witness, Witness]]]


def _attributed(
    found: list[Witness], isolated: list[tuple[Change, Side | None]], after: Side, examples: Examples | None
) -> _Attributed:
    """Which change refuses each return by itself."""
    made: _Attributed = {}
    if examples is None or not found:
        return made
    by_itself = identifies_itself(examples)
    for change, side in isolated:
        for witness in found:
            if side is None:
                if _names(change, witness, after):
                    made.setdefault(change.path, []).append((witness, witness))
                continue
            errors = errors_of(witness.sent, side, by_itself=by_itself)
            if errors:
                # Where it is the same rule, what is shown is what the second contract says: it may mask the value.
                same = any(each.rule == witness.rule for each in errors)
                alone = witness if same else replace(witness, rule=errors[0].rule, finding=errors[0])
                made.setdefault(change.path, []).append((witness, alone))
        # Shown is the return that breaks by this change the rule that it breaks by all.
        made.get(change.path, []).sort(key=lambda pair: pair[0].rule != pair[1].rule)
    return made


def _names(change: Change, witness: Witness, after: Side) -> bool:
    """Whether the rule that a return breaks comes from what was changed, where the change cannot be tried alone."""
    check = after.schema.by_name.get(witness.rule)
    if check is None or len(change.path) < 2:
        return False
    return change.path[1] == check.target if change.path[0] == "columns" else f"‘{change.path[1]}’" in check.part


def _accepted(
    found: list[Witness], isolated: list[tuple[Change, Side | None]], examples: Examples | None
) -> dict[tuple[str, ...], Witness]:
    """By change, the first return that passes by this change alone."""
    by_itself = examples is not None and identifies_itself(examples)
    tried = (
        (change.path, next((one for one in found if not errors_of(one.sent, side, by_itself=by_itself)), None))
        for change, side in isolated
        if side
    )
    return {path: witness for path, witness in tried if witness}


def covered(before: ReturnContract, rulebook: Rulebook) -> bool:
    """Whether some version of a contract is in force on every day on which this one was."""
    versions = [each for each in rulebook.contracts.return_versions() if each.id == before.id]
    return all(any(each.in_force(day) for each in versions) for day in _days(before, versions))


def _days(before: ReturnContract, versions: list[ReturnContract]) -> Iterator[date]:
    """Days within the time of a contract, one in each stretch in which the versions in force are the same."""
    first, last = before.effective_from or date.min, before.effective_to or date.max
    edges = {first, last}
    for each in versions:
        edges |= {each.effective_from, each.effective_from - _DAY} if each.effective_from else set()
        edges |= {each.effective_to, each.effective_to + _DAY} if each.effective_to else set()
    yield from (day for day in edges if first <= day <= last)
