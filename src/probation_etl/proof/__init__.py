"""Proof that the rules of a contract are alive: for each, a return on which it fires, and it alone.

For a contract of a return the smallest return is made in which nothing is found, and for every rule a counter-example
that differs from it as little as can be. Both are judged by the stages that judge every return: nothing is proved by
reading the rules. What cannot be shown is named, with why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from probation_etl.contracts.checks import CompiledRule, Schema
from probation_etl.contracts.model import Contract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.readers import ERROR_CELLS
from probation_etl.proof import attempts as kinds
from probation_etl.proof.attempts import Attempt
from probation_etl.proof.candidates import Cell, candidates
from probation_etl.proof.context import Setting, settings
from probation_etl.proof.evaluate import Bench
from probation_etl.proof.example import Example
from probation_etl.proof.patterns import UnsupportedPattern, texts
from probation_etl.proof.returns import Whole, whole_of
from probation_etl.proof.search import NONE, Search

__all__ = ["Example", "Proof", "prove"]

#: A cell with a control character.
_CONTROL = "a\x01"


@dataclass(frozen=True)
class Proof:
    """Whether one rule is alive.

    Attributes:
        contract: Id of the contract.
        version: Version of the contract.
        rule: Name of the rule, as in findings.
        code: Code of its findings.
        proved: Whether it fires where it should, and it alone; or is shown to have nothing to fire on.
        how: What is wrong with the counter-example, or why there is none.
        example: The counter-example itself, None where there is none.
    """

    contract: str
    version: str
    rule: str
    code: str
    proved: bool
    how: str
    example: Example | None = field(default=None, repr=False, compare=False)


def prove(contract: Contract, rulebook: Rulebook) -> list[Proof]:
    """Proves every rule of a contract.

    Args:
        contract: A contract of a return, of the rulebook.
        rulebook: What its returns are judged by.

    Returns:
        One proof a rule, in the order of the contract: rules of columns and rows, references, rules of the table and
        across returns, then what is asked of every file.
    """
    schema = rulebook.schema_of(contract)
    tried: list[Search] = []
    for setting in settings(contract, rulebook):
        tried.append(_search(setting, schema, native=contract.identification.sheet is not None))
        whole = whole_of(setting, schema, rulebook, tried[-1])
        if whole:
            return list(_Prover(contract, whole).proofs())
    why = _no_clean_return(contract, tried)
    return [Proof(contract.id, contract.version, name, code, proved=False, how=why) for name, code in _rules(schema)]


def _search(setting: Setting, schema: Schema, *, native: bool) -> Search:
    period_end = setting.period_end
    values = candidates(schema, setting.context(), period_end) if period_end else {}
    errors: list[Cell] = [_CONTROL, *(ERROR_CELLS[:1] if native else ())]
    return Search(
        Bench(schema, setting.context(), native=native), schema, {name: each + errors for name, each in values.items()}
    )


def _no_clean_return(contract: Contract, tried: list[Search]) -> str:
    if not tried:
        return "no supplier may send such a return: there is none of its kind in a period that it covers"
    firing = min((sorted(search.nearest) for search in tried), key=len)
    unsupported = [fault for column in contract.columns if (fault := _unsupported(column.pattern))]
    return "; ".join([f"no clean return was found: {', '.join(firing) or 'rules of the table'} fired", *unsupported])


def _unsupported(pattern: str | None) -> str | None:
    try:
        texts(pattern or "")
    except UnsupportedPattern as error:
        return f"cannot make text for the pattern {pattern}: {error}"
    return None


def _rules(schema: Schema) -> Iterator[tuple[str, str]]:
    """Name and code of every rule whose findings speak of rows, totals or references."""
    contract = schema.contract
    yield from ((rule.name, rule.code) for rule in schema.rules.values())
    yield from ((f"{each.column}|{each.name}", "unknown-reference") for each in contract.references)
    yield from ((f"table|{each.rule.name}", "table-rule") for each in schema.table_rules)
    yield from ((f"across|{each.rule.name}", "cross-return-rule") for each in schema.cross_rules)


class _Prover:
    """Proves the rules of one contract around its smallest clean return."""

    def __init__(self, contract: Contract, whole: Whole) -> None:
        self._contract, self._whole = contract, whole
        self._filled: dict[str, str | None] = {}

    @cached_property
    def _native(self) -> Search:
        return _search(self._whole.setting, self._whole.schema, native=True)

    def proofs(self) -> Iterator[Proof]:
        schema, whole = self._whole.schema, self._whole
        yield from map(self._of_row, schema.rules.values())
        for each in self._contract.references:
            name = f"{each.column}|{each.name}"
            yield self._proof(name, "unknown-reference", kinds.reference_attempts(whole, each))
        for table_rule in schema.table_rules:
            attempts = kinds.table_attempts(whole, table_rule.rule)
            yield self._proof(f"table|{table_rule.rule.name}", "table-rule", attempts)
        for cross_rule in schema.cross_rules:
            attempts = kinds.cross_attempts(whole, cross_rule.rule)
            yield self._proof(f"across|{cross_rule.rule.name}", "cross-return-rule", attempts)
        yield from self._of_file()

    def _of_row(self, rule: CompiledRule) -> Proof:
        why = self._no_value(rule) if rule.name == f"{rule.target}|{rule.name.partition('|')[2]}" else None
        if why:
            return self._unproved(rule.name, rule.code, why)
        if reason := kinds.covered(self._whole, rule):
            return Proof(self._contract.id, self._contract.version, rule.name, rule.code, proved=True, how=reason)
        proof = self._proof(rule.name, rule.code, self._attempts(rule))
        if not proof.proved and kinds.is_guard(self._whole, rule):
            # The contract wrote a mapping, not this rule: that its figures never fail is no fault of the contract.
            return replace(proof, proved=True, how=f"watches over what the mapping computes; {proof.how}")
        return proof

    def _attempts(self, rule: CompiledRule) -> Iterator[Attempt]:
        if rule.code == "duplicate-row":
            return kinds.unique_attempts(self._whole, rule)
        if rule.code == "error-cell" and self._contract.identification.sheet is None:
            # Only a spreadsheet has error cells, and it may be sent instead of CSV.
            return kinds.row_attempts(replace(self._whole, search=self._native), rule, workbook=True)
        return kinds.row_attempts(self._whole, rule)

    def _no_value(self, rule: CompiledRule) -> str | None:
        """Why a rule of a column lets nothing pass: a rule that no value meets is not alive but deadly."""
        name = rule.target
        if name not in self._filled:
            found = self._whole.search.filled(self._whole.clean, [name])
            header = self._contract.column(name).header
            unsupported = _unsupported(self._contract.column(name).pattern)
            self._filled[name] = None if found else unsupported or f"no value of ‘{header}’ was found that is clean"
        return self._filled[name]

    def _of_file(self) -> Iterator[Proof]:
        whole, cover = self._whole, self._contract.identification.cover
        for column in self._contract.columns:
            yield self._proof(f"{column.name}|present", "missing-column", kinds.missing_attempts(whole, column))
        if cover and "control_rows" in cover.labels:
            yield self._proof("control-total", "control-total", kinds.control_attempts(whole))
        yield self._proof("period-mismatch", "period-mismatch", kinds.period_attempts(whole))
        if self._contract.supplier_kind or "organisations" in whole.rulebook.tables:
            yield self._proof("unknown-organisation", "unknown-organisation", kinds.supplier_attempts(whole))

    def _proof(self, name: str, code: str, attempts: Iterable[Attempt]) -> Proof:
        for example, how in attempts:
            if example.holds(self._whole.rulebook):
                return Proof(
                    self._contract.id, self._contract.version, name, code, proved=True, how=how, example=example
                )
        return self._unproved(name, code, self._why(name))

    def _unproved(self, name: str, code: str, why: str) -> Proof:
        return Proof(self._contract.id, self._contract.version, name, code, proved=False, how=why)

    def _why(self, name: str) -> str:
        along = self._whole.search.along.get(name, NONE)
        if along:
            return f"it was only seen to fire along with {', '.join(sorted(along))}"
        return f"nothing was found that makes it fire alone, in {self._whole.search.bench.tried} rows tried"
