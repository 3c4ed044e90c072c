"""The columns of a return, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from probation_etl.contracts.checks import Check, Kind
from probation_etl.contracts.checks.words import typed
from probation_etl.contracts.model import Column, ReturnContract
from probation_etl.guide.model import Cell, ColumnGuide, Wrong
from probation_etl.targets.workbook_template.columns import in_words, marks

#: Rules of a column that are said as sentences; whether it is needed, its type and its list stand apart.
_SAID = (Kind.DECIMALS, Kind.PATTERN, Kind.LENGTH, Kind.RANGE, Kind.UNIQUE)


def column_guides(
    contract: ReturnContract, checks: Iterable[Check], wrong: Iterable[tuple[Check, Wrong]], right: Iterable[Cell]
) -> Iterator[ColumnGuide]:
    """The columns of a return.

    Args:
        contract: The return.
        checks: All rules of it.
        wrong: Rules of its columns, each with an example that breaks it.
        right: The cells of a row that breaks none.
    """
    of_columns, broken, cells = list(checks), list(wrong), {each.header: each.text for each in right}
    for column in contract.columns:
        own = [each for each in of_columns if each.column == column]
        yield ColumnGuide(
            header=column.header,
            synonyms=column.synonyms,
            description=" ".join(column.description.split()),
            needed=column.required,
            restricted=column.restricted,
            key=column.name in contract.key,
            written=tuple(dict.fromkeys(_written(own, column))),
            values=tuple(column.labels.items()),
            right=cells.get(column.header),
            wrong=tuple(each for check, each in broken if check.column == column),
        )


def _written(checks: Iterable[Check], column: Column) -> Iterator[str]:
    """How a value is written: its type where nothing says more, what is asked of it, and what may stand beside it."""
    asks = list(_asks(checks, column))
    if column.labels:
        yield "One of a list."
    elif column.type != "string" or not asks:
        kind = typed(column).removeprefix("is ")
        yield f"{kind[:1].upper()}{kind[1:]}."
    yield from asks
    yield from marks(column)


def _asks(checks: Iterable[Check], column: Column) -> Iterator[str]:
    """What is asked of a value beside its type, and what to do about one that is wrong, in the contract's words."""
    for check in checks:
        if check.kind in _SAID and (check.kind is not Kind.DECIMALS or column.decimals is not None):
            yield from in_words(check)
        elif check.kind is Kind.WINDOW:
            yield f"A day {check.expected}."
        elif check.kind is Kind.ENUM and check.hint:
            yield check.hint
