"""``probation-etl contract export``, ``schema`` and ``template``: contracts for another tool, an editor, or a supplier."""

from __future__ import annotations

from pathlib import Path

import click

from probation_etl.cli.options import chosen
from probation_etl.cli.output import emit, save
from probation_etl.errors import UsageError
from probation_etl.paths import named_as

# Named here as well: importing the exporters takes seconds, and --help should not.
_TARGETS = ("great-expectations", "pandera", "json-schema", "frictionless")


@click.command()
@click.argument("contract_id", metavar="ID")
@click.option("--to", "target", required=True, type=click.Choice(_TARGETS), help="Tool to export the contract for.")
@click.option(
    "--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: the shipped ones)."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to (default: standard output).",
)  # fmt: skip
def export(contract_id: str, target: str, contracts: Path | None, output: Path | None) -> None:
    """Exports the contract ID for another tool.

    The export lists every rule of the contract that the tool cannot express, with the reason. If the contract has several
    versions, the newest is exported.
    """
    from probation_etl.contracts.odcs import load_reference_contracts
    from probation_etl.runs.admission import load_rulebook
    from probation_etl.targets import export as export_contract

    if output:
        named_as(output, f"an export to {target}", ".py" if target == "pandera" else ".json")
    rulebook = load_rulebook(contracts)
    reference_tables = load_reference_contracts(rulebook.contracts.directory)
    known = {**{each.id: each for each in reference_tables}, **rulebook.contracts}
    text = export_contract(chosen(contract_id, known), target, rulebook=rulebook)
    emit(text.rstrip("\n"), output)


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to (default: standard output).",
)  # fmt: skip
def schema(output: Path | None) -> None:
    """Writes the JSON Schema of the contract language, for editors.

    An editor that reads it completes keys, explains them, and shows faults while a contract is written. The first line of
    the contract names the file: # yaml-language-server: $schema=contract.schema.json
    """
    from probation_etl.contracts.odcs.editor_schema import editor_schema

    if output:
        named_as(output, "a JSON Schema", ".json")
    emit(editor_schema().rstrip("\n"), output)


@click.command()
@click.argument("contract_id", metavar="ID")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Workbook to write (.xlsx)."
)
@click.option(
    "--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: the shipped ones)."
)
@click.option("--force", is_flag=True, help="Overwrite an existing workbook.")
def template(contract_id: str, output: Path, contracts: Path | None, force: bool) -> None:
    """Makes a blank workbook for the return ID.

    It has a sheet for every return that is sent in the same workbook, with drop-down lists, checks and notes. With only
    the cover filled in, it is a valid nil return.
    """
    from probation_etl.contracts.odcs import load_contracts
    from probation_etl.targets.workbook_template import make_template

    named_as(output, "a workbook", ".xlsx")
    found = load_contracts(contracts)
    if output.exists() and not force:
        raise UsageError(f"{output} already exists: name another file, or overwrite it with --force.")
    contract = chosen(contract_id, {each.id: each for each in found.returns()}, kind="return")
    save(make_template(contract, found), output)
