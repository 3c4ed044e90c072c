"""``probation-etl contract``: work with contracts."""

from __future__ import annotations

from pathlib import Path

import click

from probation_etl.cli.export import export
from probation_etl.cli.prove import prove
from probation_etl.cli.show import show
from probation_etl.cli.template import template


@click.group()
def contract() -> None:
    """Work with contracts."""


@contract.command("list")
@click.option("--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: those shipped).")
def list_contracts(contracts: Path | None) -> None:
    """Lists the contracts: id, version, layer, title."""
    from probation_etl.cli.tables import show_table
    from probation_etl.contracts.odcs import load_contracts, load_reference_contracts

    found = load_contracts(contracts)
    listed = [*found.of_layer("return", "unified", "view"), *load_reference_contracts(found.directory)]
    rows = [(each.id, each.version, each.layer, each.title) for each in listed]
    show_table(("contract", "version", "layer", "title"), rows)


@contract.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--store", metavar="URL", help="PostgreSQL database in which queries are tried as well; nothing is left there."
)
def lint(paths: tuple[Path, ...], store: str | None) -> int:
    """Checks contracts and names every fault with file, line and path.

    PATHS are contract files or directories of them (default: the contracts shipped). Where a directory is given,
    rules and mappings are compiled, queries are tried, and reference tables are held against their contracts.
    """
    from probation_etl.contracts.shipped import shipped
    from probation_etl.runs.lint import lint as lint_contracts

    count, faults = lint_contracts(list(paths) or [shipped("contracts")], store=store)
    for fault in faults:
        click.echo(fault)
    click.echo(f"{count} contract(s) checked, {len(faults)} fault(s) found.", err=True)
    return 2 if faults or not count else 0


for command in (export, prove, show, template):
    contract.add_command(command)
