"""Example returns that pass one contract, judged by another: those that it refuses are the proof that it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from probation_etl.comparison.examples import Examples, Sent
from probation_etl.comparison.sides import Side
from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.checks.check import OF_LAYOUT, OF_ROWS, OF_TEXT
from probation_etl.contracts.findings import Finding
from probation_etl.contracts.model import CONTEXT_COLUMNS
from probation_etl.discreet import Discreet
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given
from probation_etl.proof import prove_rules
from probation_etl.proof.candidates import Cell, candidates
from probation_etl.proof.evaluate import Evaluator, Row
from probation_etl.proof.example import Example
from probation_etl.proof.search import Search

_PASSED = ("accepted", "accepted_with_warnings")
#: Rows that are judged in a return of their own for one rule, and returns that are made around each.
_ROWS, _AROUND = 4, 4
#: Rules that one row cannot break, or that look at other tables; and those that a row breaks by its values.
_TOGETHER = frozenset((Kind.UNIQUE, Kind.KEY)) | (frozenset(Kind) - OF_ROWS - OF_LAYOUT)
_OF_ONE_ROW = OF_ROWS - OF_TEXT - _TOGETHER
#: Follows from other findings, in a return of few rows.
_CONSEQUENCE = "acceptance-limit"


@dataclass(frozen=True)
class Witness(Discreet, tells=("rule",)):
    """A return that passes one contract and is refused by another.

    Attributes:
        sent: The return.
        rule: The rule of the other contract that is broken.
        finding: Its finding.
    """

    sent: Sent
    rule: str
    finding: Finding


def refused(examples: Examples, other: Side) -> tuple[list[Witness], int]:
    """Returns that pass the contract that they are made for and fail another, one for each rule; and how many were judged."""
    trial = _Trial(examples, other)
    found = [*trial.forms(), *trial.of_rows()]
    lacking = [each for each in other.differing(examples.side) if each.name not in {one.rule for one in found}]
    found += trial.sought([each for each in lacking if each.name in other.errors])
    first: dict[tuple[str, str], Witness] = {}
    for each in found:
        first.setdefault((each.rule, each.sent.form), each)
    return [*first.values()], trial.judged + len(examples.passing)


def errors_of(sent: Sent, side: Side, *, by_itself: bool) -> list[Finding]:
    """What a contract finds wrong with a return; empty where it passes.

    Args:
        sent: The return.
        side: The contract.
        by_itself: Whether the file must tell by itself which return it is.
    """
    example, given = sent.example, sent.example.given()
    contracts = () if by_itself else (side.contract,)
    results = assess(
        sent.name, example.data(), side.rulebook, given=Given(contracts, given.supplier_code, given.period_end),
        grids=example.grids(), references=lambda _supplier, _end: example.others(side.rulebook),
    )  # fmt: skip
    own = [each for each in results if each.contract is None or each.contract.id == side.contract.id]
    if own and all(each.verdict in _PASSED for each in own):
        return []
    return [finding for each in own for finding in _errors(each)]


def _errors(result: ReturnResult) -> list[Finding]:
    rows = result.findings.rows(named=True)
    found = [Finding(**each) for each in rows if each["severity"] == "error"]
    return [each for each in found if each.code != _CONSEQUENCE] or found


class _Trial:
    """Judges examples of one side by another, in returns of their own."""

    def __init__(self, examples: Examples, other: Side) -> None:
        self._examples, self._other = examples, other
        self.judged = 0
        self.by_itself = identifies_itself(examples)

    def forms(self) -> Iterator[Witness]:
        """The clean return in each of its forms: one that is refused as usual tells nothing of the others."""
        usual, *others = self._examples.forms()
        first = [*self._refused(usual)]
        yield from first
        for each in others:
            if not first:
                yield from self._refused(each)

    def of_rows(self) -> Iterator[Witness]:
        """Rows beside the lines that both contracts draw, for each rule those that break the fewest others."""
        examples, other = self._examples, self._other
        rows = examples.passing
        broken = examples.evaluator(other).broken(examples.read_by(other, rows))
        always = broken[0] if rows and rows[0] == examples.clean.row else frozenset()
        by_rule: dict[str, list[tuple[int, Row]]] = {}
        for row, rules in zip(rows, broken, strict=True):
            for rule in (rules - always) & other.errors:
                by_rule.setdefault(rule, []).append((len(rules), row))
        for rule, found in by_rule.items():
            yield from islice(self._in_returns(rule, (row for _, row in sorted(found, key=lambda each: each[0]))), 1)

    def sought(self, checks: Iterable[Check]) -> Iterator[Witness]:
        """For rules that no row of these breaks, returns that are made to break them."""
        listed = list(checks)
        for check in (each for each in listed if each.kind in _OF_ONE_ROW):
            yield from islice(self._in_returns(check.name, self._rows_that_break(check)), 1)
        for check in (each for each in listed if each.kind in (Kind.UNIQUE, Kind.KEY)):
            yield from islice(self._alike(check), 1)
        together = [each for each in listed if each.kind in _TOGETHER]
        for check, proof in prove_rules(self._other.contract, self._other.rulebook, together) if together else ():
            if proof.example:
                sent = Sent(self._rewritten(proof.example), proof.example.context.file_name() or "return")
                yield from (each for each in self._refused(sent) if each.rule == check.name)

    def _alike(self, check: Check) -> Iterator[Witness]:
        """Returns of two rows that are the same in what must be unique, and differ elsewhere."""
        examples, sources = self._examples, self._other.sources(self._examples.side.contract)
        names, first = examples.side.contract.column_names, examples.clean.row
        same = [names.index(sources[name]) for name in check.columns if name in sources]
        own = {name for each in examples.side.schema.of(Kind.UNIQUE, Kind.KEY) for name in each.columns}
        unlike = [at for at, name in enumerate(names) if name in own and at not in same]
        if len(same) < len(check.columns):
            return
        rows = [row for row in examples.passing if row != first and all(row[at] == first[at] for at in same)]
        rows.sort(key=lambda row: -sum(row[at] != first[at] for at in unlike))
        for row in rows[:_ROWS]:
            sent = Sent(examples.clean.example((first, row)), examples.clean.context.file_name() or "return")
            yield from self._refused(sent, check.name)

    def _rows_that_break(self, check: Check) -> Iterator[Row]:
        """Rows that break one rule of the other contract, and none of this one where the rule reads nothing else than it has."""
        examples, other, schema = self._examples, self._other, self._examples.side.schema
        derived = {each.meta.output_name(): each for each in (*other.schema.derived, *schema.derived)}
        known = {*examples.side.contract.column_names, *CONTEXT_COLUMNS, *derived}
        if check.holds is None:
            return
        if {*check.holds.meta.root_names(), *check.columns} <= known:
            # Beside the rules of this contract it has a name of its own: they may have one of that name.
            beside = replace(check, name=f"{check.name}:other")
            both = replace(schema, checks=(*schema.checks, beside), derived=tuple(derived.values()))
            yield from self._search(both, examples.side, examples.values).rows(beside.name, examples.clean.row)
            return
        context, end = examples.clean.context.columns(), examples.clean.context.period_end
        assert end is not None  # noqa: S101 -- asked where examples are made
        search = self._search(other.schema, other, candidates(other.schema, context, end))
        start = examples.read_by(other, [examples.clean.row])[0]
        yield from map(self._sent_before, search.rows(check.name, start))

    def _search(self, schema: Schema, side: Side, values: Mapping[str, Sequence[Cell]]) -> Search:
        native = side.contract.identification.sheet is not None
        evaluator = Evaluator(schema, self._examples.clean.context.columns(), native=native)
        return Search(evaluator, schema, {name: list(each) for name, each in values.items()})

    def _sent_before(self, row: Row) -> Row:
        """A row of the other contract as rows of this one are; cells that the other does not read are the clean ones."""
        examples, other = self._examples, self._other
        cells = dict(zip(other.contract.column_names, row, strict=True))
        read = {theirs: name for name, theirs in other.sources(examples.side.contract).items()}
        names = examples.side.contract.column_names
        return tuple(
            cells[read[name]] if name in read else clean for name, clean in zip(names, examples.clean.row, strict=True)
        )

    def _rewritten(self, example: Example) -> Example:
        """A return made for the other contract, as this one has it."""
        rows = tuple(map(self._sent_before, example.rows))
        ours = self._examples.clean.example(rows)
        context = replace(example.context, contract=self._examples.side.contract)
        return replace(ours, context=context, tables={**ours.tables, **example.tables})

    def _in_returns(self, rule: str, rows: Iterable[Row]) -> Iterator[Witness]:
        """Those of the rows that break this rule in a return that passes otherwise."""
        name = self._examples.clean.context.file_name() or "return"
        for row in islice(rows, _ROWS):
            for example in islice(self._examples.example(row), _AROUND):
                found = list(self._refused(Sent(example, name), rule))
                yield from found
                if found:
                    break

    def _refused(self, sent: Sent, rule: str | None = None) -> Iterator[Witness]:
        self.judged += 1
        if errors_of(sent, self._examples.side, by_itself=self.by_itself):
            return
        found: dict[str, Finding] = {}
        for each in errors_of(sent, self._other, by_itself=self.by_itself):
            found.setdefault(each.rule, each)
        yield from (Witness(sent, name, each) for name, each in found.items() if rule in (None, name))


def identifies_itself(examples: Examples) -> bool:
    """Whether the file of the clean return tells by itself which return it is."""
    usual = next(examples.forms())
    return not errors_of(usual, examples.side, by_itself=True)
