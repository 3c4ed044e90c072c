"""Texts and numbers that the rules of a contract compare its columns with: where to look for values on both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from probation_etl.contracts.checks import Kind, Schema
from probation_etl.contracts.model import ReturnContract
from probation_etl.discreet import Discreet


@dataclass
class Hints(Discreet):
    """Literals of the expressions that read a column."""

    texts: dict[str, None] = field(default_factory=dict)
    numbers: dict[Decimal, None] = field(default_factory=dict)

    def learn(self, expression: str) -> None:
        """Adds the literals of a SQL expression."""
        for quoted in re.findall(r"'((?:[^']|'')*)'", expression):
            plain = quoted.replace("''", "'")
            self.texts.update(dict.fromkeys((plain, plain.replace("%", "").replace("_", "x"))))
        unquoted = re.sub(r"'(?:[^']|'')*'", " ", expression)
        self.numbers.update(dict.fromkeys(map(Decimal, re.findall(r"\b\d+(?:\.\d+)?\b", unquoted))))


def hints_of(schema: Schema, context: dict[str, object]) -> dict[str, Hints]:
    """Hints for each column, from the rules and mappings that read it."""
    hints = {name: Hints() for name in schema.contract.column_names}
    for expression, columns in _expressions(schema):
        known = [str(value) for name, value in context.items() if value and re.search(rf"\b{name}\b", expression)]
        for name in columns:
            hints[name].learn(expression)
            hints[name].texts.update(dict.fromkeys(known))
    return hints


def _expressions(schema: Schema) -> Iterator[tuple[str, tuple[str, ...]]]:
    """SQL of rules and mappings, with the columns that it reads."""
    for each in schema.of(Kind.ROW, Kind.TABLE, Kind.ACROSS, Kind.QUERY):
        yield each.sql, each.columns
        # What a rule finds in reference tables it compares with, like what is written in it.
        yield from ((f"'{text}' {text}", each.columns) for text in each.values)
    contract = schema.contract
    for row in contract.mapping.rows if isinstance(contract, ReturnContract) else ():
        for mapped in row.columns:
            check = schema.rules.get(row.rule(mapped.name))
            if check and mapped.expression:
                yield mapped.expression, check.columns
