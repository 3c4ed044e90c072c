"""``probation-etl contract export``: a contract for another tool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from probation_etl.cli.output import emit
from probation_etl.errors import UsageError

if TYPE_CHECKING:
    from probation_etl.contracts.model import Contract
    from probation_etl.contracts.odcs import Contracts

# The engines, which know the targets too, are imported by the command itself.
_TARGETS = ("great-expectations", "pandera", "json-schema", "frictionless")


@click.command()
@click.argument("contract_id", metavar="ID")
@click.option("--to", "target", required=True, type=click.Choice(_TARGETS), help="Tool to hand the contract over to.")
@click.option("--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: those shipped).")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to (default: standard output).",
)  # fmt: skip
def export(contract_id: str, target: str, contracts: Path | None, output: Path | None) -> None:
    """Hands the contract ID over to another tool.

    What comes out names every rule of the contract that the tool cannot express, and says why. Where a contract has
    several versions, the newest is taken.
    """
    from probation_etl.contracts.rulebook import load_rulebook
    from probation_etl.targets import export as export_contract

    rulebook = load_rulebook(contracts)
    text = export_contract(_chosen(contract_id, rulebook.contracts), target, rulebook=rulebook)
    emit(text.rstrip("\n"), output)


def _chosen(contract_id: str, contracts: Contracts) -> Contract:
    from probation_etl.contracts.odcs import load_reference_contracts
    from probation_etl.contracts.suggestions import did_you_mean

    if contract_id in contracts:
        return contracts[contract_id]
    of_tables = {each.id: each for each in load_reference_contracts(contracts.directory)}
    if contract_id not in of_tables:
        raise UsageError(f"There is no contract ‘{contract_id}’{did_you_mean(contract_id, {*contracts, *of_tables})}")
    return of_tables[contract_id]
