"""Proof that each rule of a contract can fire: a return that breaks this rule and no other.

For a contract the smallest clean return is found, and for each rule an example that differs from it as little as possible.
Both are validated like any other return; nothing is concluded from reading a rule. A rule that cannot be proved is named
with the reason.

Only rules that the contract itself gives are proved here. Those that the engine adds to every contract (control characters,
error cells, missing columns, a known supplier and period) are proved once, in ``tests/property/test_engine_rules.py``.

The package reads in this order: ``context`` (who sends, and when), ``patterns``, ``hints`` and ``candidates`` (texts to
try), ``evaluate`` and ``search`` (rows), ``example``, ``tables`` and ``returns`` (whole returns), ``attempts`` (what is
tried for each rule). ``plausible`` and ``silence`` ask without a search which rules would say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.checks.check import OF_COLUMN, OF_LAYOUT
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.pattern_texts import UnsupportedPattern, texts
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.proof.attempts import (
    Attempt,
    attempts,
    control_total_attempts,
    supplier_attempts,
    why_it_cannot_fire,
)
from probation_etl.proof.candidates import candidates
from probation_etl.proof.context import Context, contexts
from probation_etl.proof.evaluate import Evaluator
from probation_etl.proof.example import Example
from probation_etl.proof.returns import CleanReturn
from probation_etl.proof.search import Search

__all__ = ["Example", "Proof", "clean_example", "clean_return", "examples_of", "prove", "prove_rules"]

#: Rules that the engine adds to every contract.
_OF_THE_ENGINE = OF_LAYOUT | {Kind.CONTROL, Kind.ERROR, Kind.WINDOW}


@dataclass(frozen=True)
class Proof(Discreet, tells=("name",)):
    """Whether one rule can fire.

    Attributes:
        contract: Id of the contract.
        version: Version of the contract.
        rule: Name of the rule, as in findings.
        code: Code of its findings.
        proved: Whether an example breaks it and no other rule, or it is shown to have nothing to fire on.
        how: What is wrong with the example, or why there is none.
        example: The example; None where there is none.
        baseless: Whether no clean return was found, so that no example could be tried.
    """

    contract: str
    version: str
    rule: str
    code: str
    proved: bool
    how: str
    example: Example | None = field(default=None, repr=False, compare=False)
    baseless: bool = False


def prove(contract: ReturnContract, rulebook: Rulebook) -> list[Proof]:
    """Proves each rule of a return contract.

    Args:
        contract: The contract, which must be in the rulebook.
        rulebook: The contracts and reference tables that returns are validated with.

    Returns:
        One proof for each of its own rules, in the order of the contract: rules of columns and rows, references, rules
        over the table and across returns, then what it asks of the cover and the supplier.
    """
    prover, checks = _prover(contract, rulebook), _own_rules(contract, rulebook)
    if isinstance(prover, str):
        return _unproved(contract, checks, prover)
    return [*map(prover.proof_of, checks), *prover.proofs_of_sending()]


def examples_of(contract: ReturnContract, rulebook: Rulebook) -> tuple[Example | None, list[tuple[Check, Proof]]]:
    """The smallest clean return, and around it the proof of each rule that the contract itself gives.

    Args:
        contract: The contract, which must be in the rulebook.
        rulebook: The contracts and reference tables that returns are validated with.

    Returns:
        The clean return, None if none was found; each rule with its proof, in the order of the contract.
    """
    prover, checks = _prover(contract, rulebook), _own_rules(contract, rulebook)
    if isinstance(prover, str):
        return None, list(zip(checks, _unproved(contract, checks, prover), strict=True))
    return prover.clean, [(each, prover.proof_of(each)) for each in checks]


def _own_rules(contract: ReturnContract, rulebook: Rulebook) -> list[Check]:
    return [each for each in rulebook.schema_of(contract).checks if each.kind not in _OF_THE_ENGINE]


def prove_rules(contract: ReturnContract, rulebook: Rulebook, checks: Sequence[Check]) -> Iterator[tuple[Check, Proof]]:
    """Proves some rules of a return contract, in their order."""
    prover = _prover(contract, rulebook)
    proofs = _unproved(contract, checks, prover) if isinstance(prover, str) else map(prover.proof_of, checks)
    yield from zip(checks, proofs, strict=True)


def _prover(contract: ReturnContract, rulebook: Rulebook) -> _Prover | str:
    """What proves rules around the smallest clean return, or why there is none."""
    searches: list[Search] = []
    clean = _find_clean(contract, rulebook, searches)
    return _why_nothing_is_clean(contract, searches) if clean is None else _Prover(contract, clean)


def _unproved(contract: ReturnContract, checks: Iterable[Check], why: str) -> list[Proof]:
    return [replace(_proof(contract, each.name, each.code, how=why), baseless=True) for each in checks]


def clean_return(contract: ReturnContract, rulebook: Rulebook) -> Example | None:
    """The smallest return in which nothing is found; None if none was found."""
    clean = clean_example(contract, rulebook)
    return clean.example(clean.rows) if clean else None


def clean_example(contract: ReturnContract, rulebook: Rulebook) -> CleanReturn | None:
    """The same, as what other returns are made from."""
    return _find_clean(contract, rulebook, [])


def _find_clean(contract: ReturnContract, rulebook: Rulebook, searches: list[Search]) -> CleanReturn | None:
    """The smallest clean return in any context. Each search that it takes is added to the list."""
    schema = rulebook.schema_of(contract)
    for context in contexts(contract, rulebook):
        searches.append(_search(context, schema))
        clean = CleanReturn.find(context, schema, rulebook, searches[-1])
        if clean:
            return clean
    return None


def _search(context: Context, schema: Schema) -> Search:
    known = context.columns()
    values = candidates(schema, known, context.period_end) if context.period_end else {}
    for name in context.contract.identification.row_columns.values():
        values[name] = [context.cell(name)]
    native = context.contract.identification.in_workbook
    return Search(Evaluator(schema, known, native=native), schema, values)


def _why_nothing_is_clean(contract: ReturnContract, searches: list[Search]) -> str:
    if not searches:
        return "no supplier of the kind that sends this return is valid in any period that the contract covers"
    broken = min((sorted(search.nearest) for search in searches), key=len)
    why = f"no clean return was found: the best row tried still breaks {', '.join(broken) or 'a rule of the table'}"
    return "; ".join([why, *_unsupported(contract.columns)])


def _unsupported(columns: Iterable[Column]) -> Iterator[str]:
    """Why no text could be made for the patterns of these columns, where that is so."""
    for column in columns:
        try:
            texts(column.pattern or "")
        except UnsupportedPattern as error:
            yield f"no text can be made for the pattern {column.pattern} of ‘{column.header}’: {error}"


def _proof(contract: ReturnContract, name: str, code: str, *, how: str, example: Example | None = None) -> Proof:
    return Proof(contract.id, contract.version, name, code, proved=example is not None, how=how, example=example)


class _Prover:
    """Proves the rules of one contract around its smallest clean return."""

    def __init__(self, contract: ReturnContract, clean: CleanReturn) -> None:
        self._contract, self._clean = contract, clean
        self._unfillable: dict[str, str | None] = {}

    @property
    def clean(self) -> Example:
        """The clean return."""
        return self._clean.example(self._clean.rows)

    def proof_of(self, check: Check) -> Proof:
        """The proof of one rule."""
        if check.kind in OF_COLUMN and (why := self._why_unfillable(check.its_column)):
            return _proof(self._contract, check.name, check.code, how=why)
        if reason := why_it_cannot_fire(self._clean, check):
            return replace(_proof(self._contract, check.name, check.code, how=reason), proved=True)
        proof = self._first(check.name, check.code, attempts(self._clean, check), check.columns)
        if not proof.proved and check.computed:
            # The contract gives a mapping, not this rule. It is not a fault of the contract if its figures never fail.
            return replace(proof, proved=True, how=f"watches over what the mapping computes; {proof.how}")
        return proof

    def proofs_of_sending(self) -> Iterator[Proof]:
        """Proofs of what the contract asks of the cover and the supplier."""
        cover = self._contract.identification.cover
        if cover and "control_rows" in cover.labels:
            yield self._first("control-total", "control-total", control_total_attempts(self._clean))
        if self._contract.supplier_kind:
            yield self._first("unknown-organisation", "unknown-organisation", supplier_attempts(self._clean))

    def _why_unfillable(self, column: Column) -> str | None:
        """Why no value of the column is clean: its rules cannot be broken one by one if nothing keeps all of them."""
        if column.name not in self._unfillable:
            found = self._clean.search.filled(self._clean.row, [column.name])
            why = next(_unsupported([column]), f"no value tried for ‘{column.header}’ keeps all rules of the contract")
            self._unfillable[column.name] = None if found else why
        return self._unfillable[column.name]

    def _first(self, name: str, code: str, examples: Iterable[Attempt], columns: Iterable[str] = ()) -> Proof:
        """The first example that holds, or why there is none."""
        for example, how in examples:
            if example.holds(self._clean.rulebook):
                return _proof(self._contract, name, code, how=how, example=example)
        return _proof(self._contract, name, code, how=self._why_unproved(name, columns))

    def _why_unproved(self, name: str, columns: Iterable[str]) -> str:
        search = self._clean.search
        if along := search.along.get(name):
            why = f"every row found that breaks it also breaks {', '.join(sorted(along))}"
        else:
            why = f"no return was found that breaks it alone, in {search.evaluator.tried} rows tried"
        return "; ".join([why, *_unsupported(map(self._contract.column, columns))])
