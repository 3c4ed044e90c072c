"""In what two contracts differ, field by field: a key that the language gains later is told of without a line here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from probation_etl.contracts.model import Column, Contract, ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.discreet import Discreet

Told = TypeVar("Told", bound=Contract)
#: Where a contract comes from, which is nothing that it says.
_NOT_SAID = frozenset(("path", "lines", "tools", "version", "is_derived"))


@dataclass(frozen=True)
class Change(Discreet, tells=("path",)):
    """One thing that a contract says otherwise than another.

    Attributes:
        path: Names of fields and of named parts, such as ``("columns", "pages", "maximum")``.
        before: What the first contract has there; None where it has nothing.
        after: What the second has.
    """

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def is_added(self) -> bool:
        """Whether a named part is there that was not."""
        return self.before is None and _is_named(self.after)

    @property
    def is_removed(self) -> bool:
        """Whether a named part is there no longer."""
        return self.after is None and _is_named(self.before)


def changes(before: Contract, after: Contract) -> list[Change]:
    """What two contracts of one kind say otherwise, in the order of the model."""
    found = _differences(before, with_names_of(after, before), ())
    derived = isinstance(before, ReturnContract) and isinstance(after, ReturnContract) and _both_derived(before, after)
    renamed = [
        Change(("columns", old, "name"), old, new) for new, old in _renamed(before.columns, after.columns).items()
    ]
    return [*renamed, *(each for each in found if not (derived and each.path[0] == "mapping"))]


def applied(contract: Told, change: Change) -> Told:
    """The contract with this one change; the mapping of a return that gives none follows its columns."""
    changed: Told = _applied(contract, change.path, change.after)
    if isinstance(changed, ReturnContract) and changed.mapping.is_derived:
        there = {*changed.column_names, "supplier_code"}
        kept = tuple(each for each in changed.mapping.columns if each.name in there)
        return replace(changed, mapping=replace(changed.mapping, columns=kept))
    return changed


def with_names_of(after: Told, before: Contract) -> Told:
    """The second contract with the names that the first has for the same headers, in its columns alone."""
    old = _renamed(before.columns, after.columns)
    return replace(after, columns=tuple(replace(each, name=old.get(each.name, each.name)) for each in after.columns))


def _both_derived(before: ReturnContract, after: ReturnContract) -> bool:
    return before.mapping.is_derived and after.mapping.is_derived and before.mapping.table == after.mapping.table


def _renamed(before: Sequence[Column], after: Sequence[Column]) -> dict[str, str]:
    """Columns with another name under the same header, by their new name."""
    ours, theirs = ({each.name for each in columns} for columns in (before, after))
    headers = {fold(each.header): each.name for each in before if each.name not in theirs}
    return {
        each.name: headers[fold(each.header)]
        for each in after
        if each.name not in ours and fold(each.header) in headers
    }


def _differences(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if before == after:
        return
    if is_dataclass(before) and type(before) is type(after):
        for each in fields(before):
            if each.compare and each.name not in _NOT_SAID:
                yield from _differences(getattr(before, each.name), getattr(after, each.name), (*path, each.name))
    elif _are_named(before) and _are_named(after):
        ours, theirs = ({each.name: each for each in parts} for parts in (before, after))
        for name in dict.fromkeys((*ours, *theirs)):
            yield from _differences(ours.get(name), theirs.get(name), (*path, name))
    elif _are_alike(before, after):
        for number, pair in enumerate(zip(before, after, strict=True), 1):
            yield from _differences(*pair, (*path, str(number)))
    else:
        yield Change(path, before, after)


def _is_named(value: Any) -> bool:
    return is_dataclass(value) and hasattr(value, "name")


def _are_named(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_is_named, value)) and len({each.name for each in value}) == len(value)


def _are_alike(before: Any, after: Any) -> bool:
    """Whether two lists have as many parts, which have no names, each of one kind."""
    if not (isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after)):
        return False
    return all(is_dataclass(one) and type(one) is type(other) for one, other in zip(before, after, strict=True))


def _applied(value: Any, path: tuple[str, ...], after: Any) -> Any:
    if not path:
        return after
    name, *rest = path
    if not isinstance(value, tuple):
        return replace(value, **{name: _applied(getattr(value, name), tuple(rest), after)})
    names = [each.name if _is_named(each) else str(number) for number, each in enumerate(value, 1)]
    if name not in names:
        return (*value, after)
    pairs = zip(names, value, strict=True)
    made = (_applied(each, tuple(rest), after) if own == name else each for own, each in pairs)
    return tuple(each for each in made if each is not None)
