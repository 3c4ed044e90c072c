"""``probation-etl contract template``: a blank workbook for a supplier to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from probation_etl.cli.output import save
from probation_etl.errors import UsageError

if TYPE_CHECKING:
    from probation_etl.contracts.model import ReturnContract
    from probation_etl.contracts.odcs import Contracts


@click.command()
@click.argument("contract_id", metavar="ID")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Workbook to write (.xlsx)."
)
@click.option("--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: those shipped).")
@click.option("--force", is_flag=True, help="Overwrite the workbook where there is one.")
def template(contract_id: str, output: Path, contracts: Path | None, force: bool) -> None:
    """Makes a blank workbook for the return ID.

    It has the sheets of all returns that come in the same workbook, with drop-down lists, checks and notes. With the
    cover filled in and nothing else, it is a valid return that has nothing to report.
    """
    from probation_etl.contracts.odcs import load_contracts
    from probation_etl.targets.workbook_template import make_template

    found = load_contracts(contracts)
    if output.exists() and not force:
        raise UsageError(f"{output} is there already: name another file, or overwrite it with --force.")
    save(make_template(_return_of(contract_id, found), found), output)


def _return_of(contract_id: str, contracts: Contracts) -> ReturnContract:
    from probation_etl.contracts.suggestions import did_you_mean

    known = {each.id: each for each in contracts.returns()}
    if contract_id not in known:
        suggestion = did_you_mean(contract_id, known) or f"; expected one of {', '.join(known)}."
        raise UsageError(f"‘{contract_id}’ is no return{suggestion}")
    return known[contract_id]
