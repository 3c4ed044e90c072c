"""Proof that the rules of a contract are alive: for each, a return on which it fires, and it alone.

For a contract of a return the smallest return is made in which nothing is found, and for every rule a counter-example
that differs from it as little as can be. Both are judged by the stages that judge every return: nothing is proved by
reading the rules. What cannot be shown is named, with why.

Only what the contract itself says is proved here. What the engine asks of every file and cell whatever the contract
(control characters, error cells, missing columns, a known sender and period) is proved once, in
``tests/property/test_engine_rules.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.checks.check import OF_COLUMN, OF_LAYOUT
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.proof import attempts as kinds
from probation_etl.proof.attempts import Attempt
from probation_etl.proof.candidates import candidates
from probation_etl.proof.context import Setting, settings
from probation_etl.proof.evaluate import Bench
from probation_etl.proof.example import Example
from probation_etl.proof.patterns import UnsupportedPattern, texts
from probation_etl.proof.returns import Whole, whole_of
from probation_etl.proof.search import Search

__all__ = ["Example", "Proof", "clean_return", "prove"]

#: The rules that the engine adds to every column: no contract can get them wrong.
_OF_THE_ENGINE = OF_LAYOUT | {Kind.CONTROL, Kind.ERROR}


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


def prove(contract: ReturnContract, rulebook: Rulebook) -> list[Proof]:
    """Proves every rule of a contract.

    Args:
        contract: A contract of a return, of the rulebook.
        rulebook: What its returns are judged by.

    Returns:
        One proof for each of its own rules, in the order of the contract: rules of columns and rows, references, rules
        of the table and across returns, then what it asks of the cover and the sender.
    """
    tried: list[Search] = []
    whole = _clean(contract, rulebook, tried)
    if whole:
        return list(_Prover(contract, whole).proofs())
    why, schema = _no_clean_return(contract, tried), rulebook.schema_of(contract)
    return [Proof(contract.id, contract.version, name, code, proved=False, how=why) for name, code in _rules(schema)]


def clean_return(contract: ReturnContract, rulebook: Rulebook) -> Example | None:
    """The smallest return in which nothing is found; None where none was found."""
    whole = _clean(contract, rulebook, [])
    return whole.example(whole.base) if whole else None


def _clean(contract: ReturnContract, rulebook: Rulebook, tried: list[Search]) -> Whole | None:
    """Whole returns around a clean row; adds each search that it took."""
    schema = rulebook.schema_of(contract)
    for setting in settings(contract, rulebook):
        tried.append(_search(setting, schema))
        whole = whole_of(setting, schema, rulebook, tried[-1])
        if whole:
            return whole
    return None


def _search(setting: Setting, schema: Schema) -> Search:
    values = candidates(schema, setting.context(), setting.period_end) if setting.period_end else {}
    native = setting.contract.identification.sheet is not None
    return Search(Bench(schema, setting.context(), native=native), schema, values)


def _no_clean_return(contract: ReturnContract, tried: list[Search]) -> str:
    if not tried:
        return "no supplier of the kind that sends this return is valid in any period that the contract covers"
    broken = min((sorted(search.nearest) for search in tried), key=len)
    why = f"no clean return was found: the best row tried still breaks {', '.join(broken) or 'a rule of the table'}"
    return "; ".join([why, *_unsupported(contract.columns)])


def _unsupported(columns: Iterable[Column]) -> Iterator[str]:
    """Why no text could be made for the patterns of these columns, where that is so."""
    for column in columns:
        try:
            texts(column.pattern or "")
        except UnsupportedPattern as error:
            yield f"no text can be made for the pattern {column.pattern} of ‘{column.header}’: {error}"


def _rules(schema: Schema) -> Iterator[tuple[str, str]]:
    """Name and code of every rule of rows, totals or references."""
    yield from ((each.name, each.code) for each in schema.checks if each.kind not in _OF_THE_ENGINE)


class _Prover:
    """Proves the rules of one contract around its smallest clean return."""

    def __init__(self, contract: ReturnContract, whole: Whole) -> None:
        self._contract, self._whole = contract, whole
        self._filled: dict[str, str | None] = {}

    def proofs(self) -> Iterator[Proof]:
        schema, whole = self._whole.schema, self._whole
        yield from (self._of_row(rule) for rule in schema.rules.values() if rule.kind not in _OF_THE_ENGINE)
        for each in schema.of(Kind.REFERENCE):
            yield self._proof(each.name, each.code, kinds.reference_attempts(whole, each))
        for each in schema.of(Kind.TABLE):
            yield self._proof(each.name, each.code, kinds.table_attempts(whole, each))
        for each in schema.of(Kind.ACROSS):
            yield self._proof(each.name, each.code, kinds.cross_attempts(whole, each))
        yield from self._of_file()

    def _of_row(self, rule: Check) -> Proof:
        why = self._no_value(rule) if rule.kind in OF_COLUMN else None
        if why:
            return self._unproved(rule.name, rule.code, why)
        if reason := kinds.covered(self._whole, rule):
            return Proof(self._contract.id, self._contract.version, rule.name, rule.code, proved=True, how=reason)
        proof = self._proof(rule.name, rule.code, self._attempts(rule))
        if not proof.proved and kinds.is_guard(self._whole, rule):
            # The contract wrote a mapping, not this rule: that its figures never fail is no fault of the contract.
            return replace(proof, proved=True, how=f"watches over what the mapping computes; {proof.how}")
        return proof

    def _attempts(self, rule: Check) -> Iterator[Attempt]:
        if rule.kind in (Kind.UNIQUE, Kind.KEY):
            return kinds.unique_attempts(self._whole, rule)
        return kinds.row_attempts(self._whole, rule)

    def _no_value(self, rule: Check) -> str | None:
        """Why a rule of a column lets nothing pass: a rule that no value meets is not alive but deadly."""
        name = rule.target
        if name not in self._filled:
            found = self._whole.search.filled(self._whole.clean, [name])
            column = self._contract.column(name)
            why = next(_unsupported([column]), f"no value tried for ‘{column.header}’ keeps all rules of the contract")
            self._filled[name] = None if found else why
        return self._filled[name]

    def _of_file(self) -> Iterator[Proof]:
        whole, cover = self._whole, self._contract.identification.cover
        if cover and "control_rows" in cover.labels:
            yield self._proof("control-total", "control-total", kinds.control_attempts(whole))
        if self._contract.supplier_kind:
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
        search, rule = self._whole.search, self._whole.schema.rules.get(name)
        if along := search.along.get(name):
            why = f"every row found that breaks it also breaks {', '.join(sorted(along))}"
        else:
            why = f"no return was found that breaks it alone, in {search.bench.tried} rows tried"
        columns = [self._contract.column(each) for each in rule.columns] if rule else []
        return "; ".join([why, *_unsupported(columns)])
