"""``probation-etl trace``: where a unified row comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probation_etl.cli.options import as_of_option, contracts_option, json_option, moment, present, store_option
from probation_etl.cli.output import plain

if TYPE_CHECKING:
    from probation_etl.audit.traced import Trace, TracedRow

_LINEAGE = ("return_id", "source_row")


@click.command()
@store_option
@click.argument("table")
@click.argument("pairs", metavar="KEY=VALUE...", nargs=-1, required=True)
@as_of_option
@click.option("--show-restricted", is_flag=True, help="Show the values of restricted columns in full.")
@contracts_option
@json_option
def trace(
    store: str, table: str, pairs: tuple[str, ...], as_of: str | None, show_restricted: bool, contracts: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Shows where rows of the unified TABLE come from: file, hash, sheet, row, cells, contract, run, findings.

    Rows are chosen by their values, such as provider_code=C08 logged_on=2020-09-15. Dates are written yyyy-mm-dd. KEY=
    chooses rows without a value.
    """
    from probation_etl.audit.trace import trace as trace_rows
    from probation_etl.intake.reference_tables import check_reference_tables
    from probation_etl.runs.admission import load_rulebook
    from probation_etl.stores import snapshot

    where = dict(_pair(each) for each in pairs)
    present(store)
    rulebook = load_rulebook(contracts)
    with snapshot(store, rulebook.contracts, rulebook.tables, check=check_reference_tables) as opened:
        found = trace_rows(opened, rulebook, table, where, as_of=moment(as_of), show_restricted=show_restricted)
    click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2) if as_json else _text(found))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.BadParameter("expected a column and its value, such as day=2020-11-29.", param_hint="KEY=VALUE")
    return name.strip(), value


def _text(found: Trace) -> str:
    lines = [plain(" ".join(line.split("\n"))) for each in found.rows for line in (*_row_lines(each.table, each), "")]
    more = found.rows_found - len(found.rows)
    return "\n".join([*lines, f"{found.rows_found} row(s){f', {more} of them not shown' if more else ''}"])


def _row_lines(table: str, each: TracedRow) -> Iterator[str]:
    entry = each.entry
    sheet = f" [{entry.sheet}]" if entry.sheet else ""
    yield f"{table}: {_pairs(each.row)}"
    yield f"  from      {entry.file}{sheet}, row {each.source_row}"
    yield f"  sha256    {entry.sha256}"
    yield f"  return    {entry.return_id} (attempt {entry.attempt}, {entry.verdict.replace('_', ' ')}, {each.state})"
    yield f"  supplier  {entry.supplier_code} {entry.supplier_name}, period end {entry.period_end}"
    yield f"  contract  {entry.contract_id} {entry.contract_version}"
    yield f"  run       {entry.run_id}, started {each.run_started_at.isoformat()}Z"
    if each.cells_missing:
        yield f"  cells     {each.cells_missing}"
    for cell in each.cells:
        place = f"{cell.cell} " if cell.cell else ""
        yield f"  cell      {place}{cell.header}: {'' if cell.value is None else cell.value}"
    yield from (f"  {finding.severity:<9} {finding.message} [{finding.code}]" for finding in each.findings)
    for other in each.joined:
        yield from (f"  {line}" for line in _row_lines(f"joined from {other.table}", other))


def _pairs(row: Mapping[str, object]) -> str:
    kept = (f"{k}={v}" for k, v in row.items() if k not in _LINEAGE and v is not None)
    return ", ".join(kept)
