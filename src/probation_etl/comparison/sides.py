"""A contract as one side of a comparison: with the rulebook in which returns are judged by it, and by no other version."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, cast

import polars as pl

from probation_etl.contracts.checks import Check, Schema
from probation_etl.contracts.lint.rules import compile_contract
from probation_etl.contracts.model import Contracts, ReturnContract
from probation_etl.contracts.organisations import fold
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.header_texts import headers_of

#: What a rule says, and what is not compared because it is what the rule is of.
_WORDS = frozenset(("words", "part", "column", "expected", "message", "hint", "title", "evidence", "tell"))


@dataclass(frozen=True)
class Side(Discreet, tells=("contract",)):
    """One of the contracts that are compared.

    Attributes:
        contract: The contract.
        rulebook: Rulebook in which it is the only version of its return.
        schema: The compiled contract.
    """

    contract: ReturnContract
    rulebook: Rulebook
    schema: Schema

    @classmethod
    def of(cls, contract: ReturnContract, rulebook: Rulebook, *, alone: bool = True) -> Side:
        """A contract beside the tables of a rulebook.

        Args:
            contract: The contract, which need not be in the rulebook.
            rulebook: Where its reference tables and unified tables are.
            alone: Whether it is the only contract of a return; else those of other returns are there too.

        Raises:
            ContractError: Its rules cannot be computed.
        """
        contracts, reference = rulebook.contracts, rulebook.reference
        unified = {each.table: each for each in contracts.unified()}
        schema = compile_contract(
            contract, tables=reference.tables, unified=unified, bank_holidays=reference.bank_holidays()
        )
        known = {(contract.id, contract.version): schema}
        # Of the others each is compiled when a file turns out to be of it.
        schemas = known if alone else ChainMap(known, cast("MutableMapping[tuple[str, str], Schema]", rulebook.schemas))
        return cls(contract, Rulebook(_beside(contract, contracts, alone=alone), reference, schemas), schema)

    @cached_property
    def errors(self) -> frozenset[str]:
        """Names of its rules whose findings are errors."""
        return frozenset(each.name for each in self.schema.checks if each.severity == "error")

    def sources(self, sent_by: ReturnContract) -> dict[str, str]:
        """The columns of another contract that this one reads in its files, by its own names."""
        known = headers_of(self.contract)
        found = {known.get(fold(each.header)): each.name for each in sent_by.columns}
        return {name: theirs for name, theirs in found.items() if name}

    def differing(self, other: Side) -> list[Check]:
        """Its rules that the other side lacks, or has otherwise."""
        theirs = other.schema.by_name
        return [each for each in self.schema.checks if each.name not in theirs or not _same(each, theirs[each.name])]


def _beside(contract: ReturnContract, contracts: Contracts, *, alone: bool) -> Contracts:
    """The contracts of a directory with one of a return as its only version, and as the only one of a return if it is alone."""
    kept = {
        name: versions
        for name, versions in contracts.versions.items()
        if name != contract.id and not (alone and isinstance(versions[-1], ReturnContract))
    }
    made = Contracts()
    made.update(
        {name: each for name, each in contracts.items() if name in kept or not isinstance(each, ReturnContract)}
    )
    made[contract.id] = contract
    made.versions = {**kept, contract.id: [contract]}
    made.directory, made.digest, made.faults = contracts.directory, contracts.digest, contracts.faults
    return made


def _same(one: Any, other: Any) -> bool:
    """Whether two rules decide the same, whatever their words are."""
    if type(one) is not type(other):
        return False
    if isinstance(one, pl.Expr):
        return one.meta.eq(other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if not is_dataclass(one):
        return bool(one == other)
    decisive = (each.name for each in fields(one) if each.name not in _WORDS)
    return all(_same(getattr(one, name), getattr(other, name)) for name in decisive)


def aligned(before: ReturnContract, after: ReturnContract) -> tuple[ReturnContract, ReturnContract]:
    """Both contracts in force for the same periods: those of both, or else those of the second."""
    firsts = [each.effective_from for each in (before, after) if each.effective_from]
    lasts = [each.effective_to for each in (before, after) if each.effective_to]
    first, last = max(firsts, default=None), min(lasts, default=None)
    if first and last and first > last:
        first, last = after.effective_from, after.effective_to
    return _for_periods(before, first, last), _for_periods(after, first, last)


def _for_periods(contract: ReturnContract, first: date | None, last: date | None) -> ReturnContract:
    return replace(contract, effective_from=first, effective_to=last)
