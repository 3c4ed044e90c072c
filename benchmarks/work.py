"""The work that every tool does: the columns and rules of one contract, in one place.

The rules are those of ``nps-breaches`` that make an error of a row, read from the contract itself. Tools that are measured beside
ours get them as a file, in the names of the header, so that they need not import this program.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal

CONTRACT, SUPPLIER, PERIOD_END = "nps-breaches", "N50", date(2016, 6, 26)


@dataclass(frozen=True)
class Column:
    """One column: what its cells must be.

    Attributes:
        pattern: Regular expression that they match.
        least: The least number.
        most: The greatest number.
        longest: The most characters.
        values: The list that they are in.
    """

    name: str
    type: Literal["string", "integer", "date"]
    required: bool = False
    unique: bool = False
    pattern: str | None = None
    least: int | None = None
    most: int | None = None
    longest: int | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A condition on one row in SQL; null is good."""

    id: str
    sql: str


@dataclass(frozen=True)
class Work:
    """What is checked of a file: its columns, their key, and conditions on rows."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def checks(self) -> int:
        """How many checks there are."""
        each = (
            (c.type != "string") + c.required + c.unique + bool(c.pattern) + (c.most is not None) + (c.longest is not None)
            + bool(c.values)
            for c in self.columns
        )  # fmt: skip
        return sum(each) + bool(self.key) + len(self.rules)

    def of_type(self, kind: str) -> list[str]:
        """Names of the columns of a type."""
        return [each.name for each in self.columns if each.type == kind]

    def write(self, path: Path) -> None:
        """Writes it for another process."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Work:
        """What another process wrote."""
        document = json.loads(path.read_text(encoding="utf-8"))
        columns = tuple(Column(**{**each, "values": tuple(each["values"])}) for each in document["columns"])
        return cls(columns, tuple(document["key"]), tuple(Rule(**each) for each in document["rules"]))


def work_of_contract() -> Work:
    """The work as the contract has it."""
    import sqlglot
    from sqlglot import exp

    import probation_etl as pe
    from probation_etl.contracts.model import ReturnContract

    contract = pe.load_contract(CONTRACT)
    assert isinstance(contract, ReturnContract)  # noqa: S101 -- it is a return
    headers = {each.name: each.header for each in contract.columns}
    columns = []
    for each in contract.columns:
        least, most = (
            (each.interval.least(each.step), each.interval.greatest(each.step))
            if each.type == "integer"
            else (None, None)
        )
        columns.append(
            Column(
                each.header, "integer" if each.type == "integer" else "date" if each.type == "date" else "string",
                required=each.required, unique=each.unique, pattern=each.pattern or None,
                least=None if least is None else int(str(least)), most=None if most is None else int(str(most)),
                longest=each.length.most, values=tuple(each.labels),
            )
        )  # fmt: skip
    known: dict[str, exp.Expr] = {
        "supplier_code": exp.Literal.string(SUPPLIER),
        "period_end": exp.cast(exp.Literal.string(PERIOD_END.isoformat()), "DATE"),
    }

    def named(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        return known[node.name].copy() if node.name in known else exp.column(headers[node.name])

    rules = [
        Rule(each.name, sqlglot.parse_one(each.expression, dialect="duckdb").transform(named).sql(dialect="duckdb"))
        for each in contract.rules
        if each.severity == "error"
    ]
    return Work(tuple(columns), tuple(headers[each] for each in contract.key), tuple(rules))
