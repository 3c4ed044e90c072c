"""Examples of what is right and wrong, from the proofs of the contract's rules. All rows are invented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from probation_etl.contracts.checks import Check
from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.guide.model import Cell, Wrong
from probation_etl.proof import Example, Proof, examples_of

_MOST_ROWS, _LONGEST, _BEGINNING = 4, 60, 20
_Row = Sequence[str | None]


@dataclass(frozen=True)
class Examples(Discreet):
    """What was found for a contract.

    Attributes:
        clean: The smallest return in which nothing is found; None if none was found.
        wrong: Each rule that the contract itself gives, with an example that breaks it alone, where one was found.
    """

    contract: ReturnContract
    clean: Example | None
    wrong: tuple[tuple[Check, Wrong | None], ...] = field(default=())

    @classmethod
    def of(cls, contract: ReturnContract, rulebook: Rulebook) -> Examples:
        """Finds the examples, by validating invented returns like any other."""
        clean, proofs = examples_of(contract, rulebook)
        right: _Row = clean.rows[0] if clean and clean.rows else [None] * len(contract.columns)
        return cls(
            contract, clean, tuple((check, _wrong(contract, rulebook, check, proof, right)) for check, proof in proofs)
        )

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows of the clean return."""
        return tuple(tuple(_cells(self.contract.columns, row)) for row in (self.clean.rows if self.clean else ()))


def _wrong(contract: ReturnContract, rulebook: Rulebook, check: Check, proof: Proof, right: _Row) -> Wrong | None:
    """The rows of an example that break the rule, and what is said of them; None where there is none."""
    if proof.example is None:
        return None
    found = [
        row
        for result in proof.example.results(rulebook)
        for row in result.findings.select("rule", "message", "hint", "severity", "row").rows()
        if row[0] == check.name
    ]
    if not found:
        return None
    _, message, hint, severity, _ = found[0]
    places = [row - proof.example.first_row for *_, row in found if row is not None]
    rows = [proof.example.rows[at] for at in places] or list(proof.example.rows)
    shown = rows if len(rows) <= _MOST_ROWS else []
    columns = [each for at, each in enumerate(contract.columns) if _matters(each, check, at, shown, right)]
    # A rule may count rows, whatever is in them.
    shown = shown if columns else []
    picked = [contract.columns.index(each) for each in columns]
    return Wrong(
        rows=tuple(tuple(_cells(columns, [row[at] for at in picked])) for row in shown),
        right=tuple(_cells(columns, [right[at] for at in picked])),
        message=message, hint=hint, severity=severity, how=proof.how,
    )  # fmt: skip


def _matters(column: Column, check: Check, at: int, rows: Sequence[_Row], right: _Row) -> bool:
    """Whether a cell must be seen to understand the example: the rule reads it, or it differs from the clean row."""
    return column.name in check.columns or column == check.column or any(row[at] != right[at] for row in rows)


def _cells(columns: Sequence[Column], row: _Row) -> Iterator[Cell]:
    """The cells of a row. Values of restricted columns are shown by their shape, as in every report."""
    for column, text in zip(columns, row, strict=True):
        yield Cell(column.header, None if text is None else _short(shape(text) if column.restricted else text))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_BEGINNING]}… ({len(text)} characters)"
