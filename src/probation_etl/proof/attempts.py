"""Examples to try for one rule, the likeliest first, each with a few words on what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product

from probation_etl.contracts.checks import Check, Kind
from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import CONTEXT_COLUMNS, Column
from probation_etl.proof.context import period_ends, suppliers
from probation_etl.proof.evaluate import Row
from probation_etl.proof.example import Example, Found
from probation_etl.proof.returns import CleanReturn

_TRIES, _QUERIED = 40, 12
_COMBINATIONS = 20_000
_SHOWN, _BEGINNING = 40, 12
#: An example, and what is wrong with it.
Attempt = tuple[Example, str]


def attempts(clean: CleanReturn, check: Check) -> Iterator[Attempt]:
    """Examples that should break this rule and no other."""
    match check.kind:
        case Kind.UNIQUE | Kind.KEY:
            return _repeated(clean, check)
        case Kind.REFERENCE:
            return _unknown(clean, check)
        case Kind.OWN:
            return _lone(clean, check)
        case Kind.QUERY:
            return _queried(clean, check)
        case Kind.TABLE:
            return _table(clean, check)
        case Kind.ACROSS:
            return _across(clean, check)
        case _:
            return _row(clean, check)


def _row(clean: CleanReturn, check: Check) -> Iterator[Attempt]:
    """One row that breaks the rule."""
    for row in clean.search.rows(check.name, clean.row):
        for rows in clean.around(row):
            yield clean.example(rows).expecting(_in_row(clean, check, 0)), _described(clean, row)


def _repeated(clean: CleanReturn, check: Check) -> Iterator[Attempt]:
    """Two rows with the same values where they must differ, and others wherever another rule says so."""
    headers = ", ".join(clean.schema.contract.column(name).header for name in check.columns)
    for first, second in islice(_pairs(clean, check), _TRIES):
        for rows in clean.around(first, second):
            example = clean.example(rows).expecting(_in_row(clean, check, 0), _in_row(clean, check, 1))
            yield example, f"two rows with the same {headers}"


def _pairs(clean: CleanReturn, check: Check) -> Iterator[tuple[Row, Row]]:
    contract, search = clean.schema.contract, clean.search
    others = [each.columns for each in clean.schema.of(Kind.UNIQUE, Kind.KEY) if each.name != check.name]
    changed = list(dict.fromkeys(name for columns in others for name in columns if name not in check.columns))

    def values(row: Row, columns: tuple[str, ...]) -> list[str | None]:
        return [cell for name, cell in zip(contract.column_names, row, strict=True) if name in columns]

    def same(first: Row, second: Row, columns: tuple[str, ...]) -> bool:
        return values(first, columns) == values(second, columns) and any(values(first, columns))

    firsts = [row for row in search.variants(clean.row, check.columns) if any(values(row, check.columns))]
    # The clean row itself if it will do, then rows with many empty cells, because they break the fewest rules.
    firsts.sort(key=lambda row: (row != clean.row, -row.count(None)))
    for first in firsts[:_TRIES]:
        for second in search.unlike(first, changed) if changed else [first]:
            if not any(same(first, second, columns) for columns in others):
                yield first, second
                break


def _unknown(clean: CleanReturn, check: Check) -> Iterator[Attempt]:
    """Rows whose key no row of the other table has."""
    row, reference = clean.search.filled(clean.row, check.columns), check.reference
    if row is None or reference is None:
        return
    for rows in clean.around(row):
        example = clean.example(rows, replace(clean.contents, lacking=reference.name))
        found = [_in_row(clean, check, at) for at in range(len(rows))]
        yield example.expecting(*found), f"no row of ‘{reference.table}’ has its key"


def _lone(clean: CleanReturn, check: Check) -> Iterator[Attempt]:
    """A row that refers to one which the return does not have."""
    for row in clean.search.variants(clean.row, check.columns)[:_TRIES]:
        for rows in clean.around(row):
            yield (
                clean.example(rows).expecting(_in_row(clean, check, 0)),
                f"no row that it refers to: {_described(clean, row)}",
            )


def _queried(clean: CleanReturn, check: Check) -> Iterator[Attempt]:
    """Rows with other values in what the query reads: one, and pairs of which the second differs in its key alone."""
    variants = clean.search.variants(clean.row, check.columns)[:_QUERIED]
    for row in (clean.row, *variants):
        for rows in ((row,), *clean.beside(row)):
            example = clean.example(rows)
            found = example.found(clean.rulebook)
            if found and {each.rule for each in found} == {check.name}:
                yield example.expecting(*found), f"{len(rows)} row(s): {_described(clean, row)}"
                return


def _table(clean: CleanReturn, check: Check) -> Iterator[Attempt]:
    """Rows that break the rule together."""
    broken = (rows for rows in clean.lists() if clean.table_rules_broken(rows) == {check.name})
    for rows in islice(broken, _TRIES):
        what = f"{len(rows)} row(s)" + (f": {_described(clean, rows[0])}" if rows and rows[0] != clean.row else "")
        yield clean.example(rows).expecting(Found(check.name, check.code)), what


def _across(clean: CleanReturn, check: Check) -> Iterator[Attempt]:
    """A total of a unified table that does not agree with the return."""
    table = check.totals.table if check.totals else ""
    for contents in clean.tables.contents():
        values = ", ".join(f"{name} ‘{value}’" for name, value in contents.values.get(table, {}).items())
        what = f"{contents.copies.get(table, 1)} row(s) of ‘{table}’" + (f" with {values}" if values else "")
        yield clean.example(clean.rows, contents).expecting(Found(check.name, check.code)), what


def control_total_attempts(clean: CleanReturn) -> Iterator[Attempt]:
    """A cover that announces more rows than there are."""
    announced = len(clean.rows) + 1
    example = replace(clean.example(clean.rows), announced=announced)
    yield example.expecting(Found("control-total", "control-total")), f"the cover announces {announced} row(s)"


def supplier_attempts(clean: CleanReturn) -> Iterator[Attempt]:
    """A supplier of another kind, or one that is not known."""
    context, kind = clean.context, clean.context.contract.supplier_kind
    ends = [context.period_end, *period_ends(context.contract, clean.rulebook)]
    known = [
        (each, end) for end in ends for each in suppliers(context.contract, clean.rulebook, end) if each.kind != kind
    ]
    unknown = replace(context.supplier, code="?", name="?")
    for supplier, end in (*known[:1], (unknown, context.period_end)):
        example = clean.example(clean.rows if end == context.period_end else ())
        sent = replace(example, context=replace(context, supplier=supplier, period_end=end))
        what = (
            "an unknown supplier" if supplier == unknown else f"the supplier is {supplier}, of kind ‘{supplier.kind}’"
        )
        yield sent.expecting(Found("unknown-organisation", "unknown-organisation")), what


def why_it_cannot_fire(clean: CleanReturn, check: Check) -> str | None:
    """Why a rule has nothing to fire on: rows that break it are of nobody, or a mapping has every value; None where it has."""
    contract = clean.schema.contract
    if check.target in clean.context.contract.identification.row_columns.values():
        return f"‘{check.its_column.header}’ says whose a row is, or for which period: one that breaks this is of nobody, and refused"
    columns = [contract.column(name) for name in check.columns]
    listed = bool(columns) and all(column.labels for column in columns)
    if check.kind is not Kind.MAPPED or not listed or check.holds is None:
        return None
    if set(check.holds.meta.root_names()) & {*CONTEXT_COLUMNS, *contract.derived}:
        return None
    choices = [[*column.labels, None] for column in columns]
    changes = (dict(zip(check.columns, each, strict=True)) for each in islice(product(*choices), _COMBINATIONS + 1))
    names = contract.column_names
    rows = [tuple(each.get(name, cell) for name, cell in zip(names, clean.row, strict=True)) for each in changes]
    if len(rows) > _COMBINATIONS or any(check.name in broken for broken in clean.search.evaluator.broken(rows)):
        return None
    return f"covered by the list of {', '.join(column.header for column in columns)}: every value of it is mapped"


def _in_row(clean: CleanReturn, check: Check, at: int) -> Found:
    return Found(check.name, check.code, clean.context.contract.layout.rows_above + 1 + at, check.its_column.header)


def _described(clean: CleanReturn, row: Row) -> str:
    """How a row differs from the clean one. Values of restricted columns are masked."""
    cells = zip(clean.schema.contract.columns, row, clean.row, strict=True)
    changed = [f"{column.header} {_shown(cell, column)}" for column, cell, before in cells if cell != before]
    return ", ".join(changed) or "the plainest row"


def _shown(cell: str | None, column: Column) -> str:
    if cell is None:
        return "empty"
    text = shape(cell) if column.restricted else cell
    return f"‘{text}’" if len(text) <= _SHOWN else f"‘{text[:_BEGINNING]}…’ ({len(text)} characters)"
